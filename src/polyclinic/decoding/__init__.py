"""From what a network found to a reading, without the network: numpy in, original pixels out.

What reads exported files imports this and not torch.
"""

from polyclinic.decoding.boxes import BoxDecoder, Detector
from polyclinic.decoding.decoder import Decoder, Found, ReadingBuilder
from polyclinic.decoding.landmarks import LandmarkDecoder, PointDecoder
from polyclinic.decoding.masks import MaskDecoder
from polyclinic.decoding.segments import SegmentDecoder
from polyclinic.decoding.whole_image import (
    LabelDecoder,
    QualityDecoder,
    RestoredDecoder,
    ValueDecoder,
)

__all__ = [
    "BoxDecoder",
    "Decoder",
    "Detector",
    "Found",
    "LabelDecoder",
    "LandmarkDecoder",
    "MaskDecoder",
    "PointDecoder",
    "QualityDecoder",
    "ReadingBuilder",
    "RestoredDecoder",
    "SegmentDecoder",
    "ValueDecoder",
]
