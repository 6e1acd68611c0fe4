"""Classes and landmarks of knees on frontal radiographs, as KNEEL defines them.

Tiulpin, Melekhov, Saarakkala: "KNEEL: Knee Anatomical Landmark Localization Using Hourglass
Networks", ICCV workshop VRMI 2019. Nine points on the tibial plateau and seven on the femoral
condyles, both from lateral to medial.
"""

from __future__ import annotations

from itertools import pairwise

from polyclinic.schema.landmark_schema import LandmarkSchema

KNEE_CLASSES = ("right knee", "left knee")

TIBIA = tuple(f"tibia_{number}" for number in range(9))
"""Lateral edge (0) to medial edge (8); 4 lies between the tibial spines."""

FEMUR = tuple(f"femur_{number}" for number in range(7))
"""Lateral edge (0) to medial edge (6); 3 is the intercondylar notch."""

# Names are anatomical: a mirrored right knee keeps its lateral points, so nothing is swapped.
KNEE_LANDMARKS = LandmarkSchema(
    names=(*TIBIA, *FEMUR),
    skeleton=tuple(pair for bone in (TIBIA, FEMUR) for pair in pairwise(bone)),
)

JOINT_SURFACES = {
    "medial_femur": FEMUR[3:],
    "medial_tibia": TIBIA[4:],
    "lateral_femur": FEMUR[3::-1],
    "lateral_tibia": TIBIA[4::-1],
}
"""The landmarks of each joint surface, from the middle of the joint to the rim of the bone.

The names are those of `Instance.outlines` under which the surfaces themselves are kept."""

KNEE_CENTRE = "tibia_4"
"""The landmark around which a knee is looked at."""

OUTER_TIBIA = ("tibia_0", "tibia_8")
OUTER_FEMUR = ("femur_0", "femur_6")
"""The edges of the joint, which the paper's tables judge."""

KNEE = "knee"
"""The label that says what there is of a knee."""

NATIVE, IMPLANT, ABSENT = "native", "implant", "absent"
"""Its values; a knee that is not on a film has no annotation, so only readers say `absent`."""
