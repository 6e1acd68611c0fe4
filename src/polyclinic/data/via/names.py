"""What the attributes of VIA's regions say; every project names them as it likes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from polyclinic.data.via.regions import Region
from polyclinic.schema import KNEE_LANDMARKS

LANDMARK = ("landmark", "keypoint", "point", "name", "label")
"""Attributes that may say which landmark a point is; the first that is used does."""

OBJECT = ("object", "class", "knee", "side")
"""Attributes that say together which object of the image a region belongs to."""

_CLASS = ("class", "knee", "side")
_KNEES = {
    "left": "left knee",
    "l": "left knee",
    "left knee": "left knee",
    "right": "right knee",
    "r": "right knee",
    "right knee": "right knee",
}


@dataclass(frozen=True)
class Naming:
    """What the regions of one file call things.

    Args:
        attribute: which attribute says what landmark a point is, in small letters.
        landmarks: their names in order.
    """

    attribute: str
    landmarks: tuple[str, ...]

    def landmark(self, point: Region) -> str:
        """Which landmark a point is; empty where it does not say."""
        return _value(point, self.attribute)

    def class_of(self, region: Region) -> str:
        """The class of a region's object; empty where it does not say.

        Of the landmarks of a knee, `left` and `right` are the left and the right knee.
        """
        said = [text for name in _CLASS if (text := _value(region, name))]
        if self.landmarks == KNEE_LANDMARKS.names:
            said = [_KNEES[text.casefold()] for text in said if text.casefold() in _KNEES] or said
        return said[0] if said else ""

    def labels(self, region: Region) -> dict[str, str]:
        """Whatever else a region says."""
        read = {self.attribute, *OBJECT}
        return {
            name: text for name, text in region.attributes.items() if name.casefold() not in read
        }


def find_naming(points: Sequence[Region]) -> Naming | None:
    """Which attribute names the points of a file, and the names; None where none does.

    It is one of `LANDMARK`, or the only one besides `OBJECT`.
    """
    used = dict.fromkeys(name.casefold() for one in points for name in one.attributes)
    others = [name for name in used if name not in OBJECT]
    naming = next((name for name in LANDMARK if name in used), None)
    if naming is None and len(others) == 1:
        naming = others[0]
    if naming is None:
        return None if points else Naming(LANDMARK[0], ())
    return Naming(naming, _in_order(_value(one, naming) for one in points))


def object_key(region: Region) -> tuple[str, ...]:
    """The same for all regions of one object of an image."""
    return tuple(_value(region, name) for name in OBJECT)


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Landmarks as they come; all those of a knee where there are no others."""
    found = tuple(dict.fromkeys(filter(None, names)))
    return KNEE_LANDMARKS.names if {*found} <= {*KNEE_LANDMARKS.names} else found


def _value(region: Region, name: str) -> str:
    """The value of an attribute in whatever capitals; empty where there is none."""
    found = (text for key, text in region.attributes.items() if key.casefold() == name)
    return next(found, "")
