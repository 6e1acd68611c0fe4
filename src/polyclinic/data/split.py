"""Training, validation, test and calibration images, apart by patient."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from polyclinic.data.audit import Appearances, Audit, audit_split, hash_images
from polyclinic.data.coco.document import read_json
from polyclinic.data.cohort import Cohort
from polyclinic.data.dealing import deal
from polyclinic.data.patients import Grouping, Patients, group_patients
from polyclinic.errors import ConfigError, DataError

FILE = "split.json"
"""Its name in a run."""

PARTS = ("train", "val", "test", "calibration")
"""Calibration patients show how far measurements err; a split may do without them."""

Indices = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which samples of a cohort are for what.

    Args:
        train, val, test, calibration: sample indices, ascending.
        image_ids: the image ids of each part, in the same order: what the split is stored by.
        audit: what is known about leaks between the parts.
    """

    train: Indices
    val: Indices
    test: Indices
    calibration: Indices
    image_ids: Mapping[str, tuple[int | str, ...]]
    audit: Audit

    @property
    def parts(self) -> dict[str, Indices]:
        """Sample indices by part name; calibration only where the split has one."""
        rows: dict[str, Indices] = {part: getattr(self, part) for part in PARTS}
        return {part: those for part, those in rows.items() if those or part != "calibration"}

    def to_json(self) -> dict[str, Any]:
        """Image ids by part, and the audit."""
        ids = {part: list(ids) for part, ids in self.image_ids.items()}
        return {"image_ids": ids, "audit": self.audit.to_json()}

    @classmethod
    def from_json(
        cls, document: Mapping[str, Any], cohort: Cohort, patient: Grouping = "auto"
    ) -> Split:
        """Find the stored image ids in a cohort again.

        Raises:
            DataError: the stored object is no split, names images that the cohort lacks, or has
                a patient in two parts.
        """
        index: defaultdict[int | str, list[int]] = defaultdict(list)
        for row, sample in enumerate(cohort.samples):  # one image may stand once a rater
            index[sample.image_id].append(row)
        try:
            stored = {"calibration": (), **document["image_ids"]}
            ids = {part: tuple(stored[part]) for part in PARTS}
            audit = Audit.from_json(document["audit"])
        except (KeyError, TypeError):
            raise DataError("is no stored split", expected="a split.json of a run") from None
        lost = [one for part in PARTS for one in ids[part] if one not in index]
        if lost:
            raise DataError(
                f"{len(lost)} images of the split are not in {cohort.name}: "
                + ", ".join(map(str, lost[:3])),
                hint="give the data set that the split was made of",
            )
        rows = {part: tuple(row for one in ids[part] for row in index[one]) for part in PARTS}
        if patient == "auto":
            _refuse_shared({p: {cohort.samples[row].patient_id for row in rows[p]} for p in PARTS})
        return cls(**rows, image_ids=ids, audit=audit)


def split_cohort(
    cohort: Cohort,
    fractions: Sequence[float] | Literal["file"] | Path = (0.7, 0.15, 0.15),
    *,
    seed: int = 0,
    patient: Grouping = "auto",
) -> Split:
    """Split by patient, balanced by label or dominant class.

    Args:
        cohort: what to split.
        fractions: shares of the patients for train, val, test and, where wanted, calibration;
            "file": the images' `split` key says; a path: a stored split.json.
        seed: of the dealing.
        patient: "image" states that each image is a patient of its own.

    Raises:
        ConfigError: the fractions can't be.
        DataError: too few patients, or the file's own split separates no patients.
    """
    if isinstance(fractions, Path):
        return Split.from_json(read_json(fractions), cohort, patient)
    patients = group_patients(cohort, patient)
    if fractions == "file":
        parts = _parts_of_file(cohort)
    else:
        parts = _dealt(patients, _checked(fractions), seed)
    return make_split(cohort, patients, parts, hash_images(cohort))


def make_split(
    cohort: Cohort, patients: Patients, parts: Mapping[str, Indices], appearances: Appearances
) -> Split:
    """A split of given indices, with its audit.

    Raises:
        DataError: a patient is in two parts.
    """
    audit = audit_split(cohort, patients, parts, appearances)
    _refuse(audit.shared_patients)
    rows = {part: parts.get(part, ()) for part in PARTS}
    ids = {
        part: tuple(dict.fromkeys(cohort.samples[row].image_id for row in rows[part]))
        for part in PARTS
    }
    return Split(**rows, image_ids=ids, audit=audit)


def _refuse_shared(patients: Mapping[str, set[str | None]]) -> None:
    homes = Counter(name for part in patients.values() for name in part if name is not None)
    _refuse([f"patient {name}" for name in sorted(homes) if homes[name] > 1])


def _refuse(shared: Sequence[str]) -> None:
    if shared:
        raise DataError(
            f"{len(shared)} patients are in more than one part: " + ", ".join(shared[:3]),
            expected="each patient in one part",
            hint="split by fractions instead, or state data.patient=image",
        )


def _checked(fractions: Sequence[float]) -> tuple[float, ...]:
    shares = tuple(float(share) for share in fractions)
    if len(shares) not in (3, 4) or any(not 0 <= share <= 1 for share in shares):
        raise ConfigError(
            f"split fractions are {list(fractions)}",
            expected="three of 0 to 1 for train, val and test, and a fourth for calibration",
        )
    if abs(sum(shares) - 1) > 1e-6:
        raise ConfigError(f"split fractions add up to {sum(shares):g}", expected="1")
    return shares


def _dealt(patients: Patients, shares: tuple[float, ...], seed: int) -> dict[str, Indices]:
    wanted = sum(share > 0 for share in shares)
    if len(patients) < wanted:
        raise DataError(
            f"there are {len(patients)} patients for {wanted} parts",
            expected=f"at least {wanted} patients",
            hint="add patients or set a fraction to 0",
        )
    dealt = deal(list(patients.members), patients.strata, shares, seed)
    return {part: patients.rows(names) for part, names in zip(PARTS, dealt, strict=False)}


def _parts_of_file(cohort: Cohort) -> dict[str, Indices]:
    said = [sample.extra.get("split") for sample in cohort.samples]
    unclear = [row for row, part in enumerate(said) if part not in PARTS]
    if unclear:
        sample = cohort.samples[unclear[0]]
        raise DataError(
            f"{len(unclear)} images have no usable 'split', e.g. image {sample.image_id}: "
            f"{said[unclear[0]]!r}",
            expected=f"one of {', '.join(PARTS)}",
            where=cohort.name,
        )
    rows = {part: tuple(row for row, one in enumerate(said) if one == part) for part in PARTS}
    return {part: those for part, those in rows.items() if those or part != "calibration"}
