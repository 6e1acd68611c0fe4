"""From what a network found to a reading, without the network: numpy in, original pixels out.

What reads exported files imports this and not torch.
"""

from polyclinic.decoding.boxes import BoxDecoder
from polyclinic.decoding.decoder import Decoder, Found
from polyclinic.decoding.detector import Detector
from polyclinic.decoding.draft import Draft
from polyclinic.decoding.labels import LabelDecoder
from polyclinic.decoding.landmarks import LandmarkDecoder
from polyclinic.decoding.masks import MaskDecoder
from polyclinic.decoding.points import PointDecoder
from polyclinic.decoding.quality import QualityDecoder
from polyclinic.decoding.restored import RestoredDecoder
from polyclinic.decoding.segments import SegmentDecoder
from polyclinic.decoding.values import ValueDecoder

__all__ = [
    "BoxDecoder",
    "Decoder",
    "Detector",
    "Draft",
    "Found",
    "LabelDecoder",
    "LandmarkDecoder",
    "MaskDecoder",
    "PointDecoder",
    "QualityDecoder",
    "RestoredDecoder",
    "SegmentDecoder",
    "ValueDecoder",
]
