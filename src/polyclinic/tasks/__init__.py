"""One unit a task: target codec, head, losses, decoding and metrics."""

from polyclinic.decoding import ReadingBuilder
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure
from polyclinic.tasks.batch import Batch, Encoded, collate, image_tensor
from polyclinic.tasks.network import Network
from polyclinic.tasks.scene import Loss, Regions, Scene
from polyclinic.tasks.task import (
    FeatureShape,
    Prediction,
    Target,
    Task,
    TaskConfig,
)

__all__ = [
    "Batch",
    "Case",
    "Encoded",
    "FeatureShape",
    "Figure",
    "Loss",
    "Network",
    "Prediction",
    "ReadingBuilder",
    "Regions",
    "Scene",
    "Target",
    "Task",
    "TaskConfig",
    "collate",
    "image_tensor",
]
