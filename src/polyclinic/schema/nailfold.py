"""Classes and landmarks of nailfold capillaries, as the ANFC data set defines them.

Zhao et al., ISBI 2024, arXiv 2312.05930; Ding et al. (NFCMTL), MICCAI 2025 workshop.
"""

from __future__ import annotations

from polyclinic.schema.landmark_schema import LandmarkSchema

NAILFOLD_CLASSES = ("normal", "blur", "haemorrhage", "abnormal", "aggregation")

# up, down: outer and inner wall at the apex; left_*, right_*: the two walls of each limb, from
# left to right; *_bottom: the proximal ends.
NAILFOLD_LANDMARKS = LandmarkSchema(
    names=(
        "up",
        "down",
        "left_left",
        "left_right",
        "right_left",
        "right_right",
        "left_bottom",
        "right_bottom",
    ),
    swaps=(
        ("left_left", "right_right"),
        ("left_right", "right_left"),
        ("left_bottom", "right_bottom"),
    ),
    skeleton=(
        ("up", "down"),
        ("left_left", "left_right"),
        ("right_left", "right_right"),
        ("left_bottom", "left_left"),
        ("left_left", "up"),
        ("up", "right_right"),
        ("right_right", "right_bottom"),
    ),
    sigmas=(0.05,) * 8,
)
