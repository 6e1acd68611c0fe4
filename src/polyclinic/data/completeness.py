"""What can't be read leaves a kind of annotation *not annotated* on its image, never empty.

One rule for all formats. An object that can't be read may be anything and lie anywhere: the
objects of its image are then not known, and those that could be read don't count as all there
are. Where the object is known but its mask or its landmarks can't be read, it keeps the rest, and
its mask or landmarks are not annotated: no figure of masks looks at an image with an object
without a mask, and no network learns that its pixels are background.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from polyclinic.data.findings import Finding
from polyclinic.sample import Instance

Kind = Literal["instances", "masks", "landmarks"]

_SPOKEN = {
    "instances": "the objects of the image count as not annotated",
    "masks": "the mask of the object counts as not annotated",
    "landmarks": "the landmarks of the object count as not annotated",
}


def not_annotated(findings: Iterable[Finding], kind: Kind) -> list[Finding]:
    """The same findings, of which those of severity `error` say what is not annotated for them."""
    return [_told(one, kind) if one.severity == "error" else one for one in findings]


def has_error(findings: Iterable[Finding]) -> bool:
    """Whether anything can't be used."""
    return any(one.severity == "error" for one in findings)


def _told(finding: Finding, kind: Kind) -> Finding:
    said = _SPOKEN[kind]
    if finding.hint and said in finding.hint:
        return finding
    return replace(finding, hint=f"{finding.hint}; {said}" if finding.hint else said)


@dataclass
class ObjectsRead:
    """The objects of one image, while they are read.

    Args:
        kept: those that could be read.
        lost: whether there are some that could not.
        findings: what was said of all of them.
    """

    kept: list[Instance] = field(default_factory=list)
    lost: bool = False
    findings: list[Finding] = field(default_factory=list)

    def add(self, *instances: Instance, findings: Iterable[Finding] = ()) -> None:
        """Take objects, whatever is said of them."""
        self.kept += instances
        self.findings += findings

    def lose(self, findings: Iterable[Finding]) -> None:
        """Note that there is an object that can't be read."""
        self.lost = True
        self.findings += not_annotated(findings, "instances")

    @property
    def instances(self) -> tuple[Instance, ...] | None:
        """All objects of the image; None where one of them could not be read."""
        return None if self.lost else tuple(self.kept)
