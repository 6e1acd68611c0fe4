"""Training, validation, test and calibration images, apart by patient."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from polyclinic.data.audit import Appearances, Audit, audit_split, hash_images
from polyclinic.data.coco.document import read_json
from polyclinic.data.coco.image import PARTS, read_part
from polyclinic.data.cohort import Cohort
from polyclinic.data.dealing import deal
from polyclinic.data.patients import (
    Grouping,
    Patients,
    alike_patients,
    group_patients,
    patient_names,
)
from polyclinic.data.persons import say_alike
from polyclinic.errors import ConfigError, DataError

FILE = "split.json"
"""Its name in a run."""

SHARES = (0.7, 0.15, 0.15)
"""Of the patients for train, val and test, where nobody says otherwise."""

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

    @property
    def part_of(self) -> dict[int, str]:
        """The part of each sample by its index; images in no part are missing."""
        return {row: part for part, rows in self.parts.items() for row in rows}

    @classmethod
    def from_json(
        cls, document: Mapping[str, Any], cohort: Cohort, patient: Grouping = "auto"
    ) -> Split:
        """Find the stored image ids in a cohort again.

        Raises:
            DataError: the stored object is no split, names images that the cohort lacks, or has
                an image or a patient in two parts. Ids that are nearly the same are refused where
                a split is made; in a stored one they are named.
        """
        index: defaultdict[int | str, list[int]] = defaultdict(list)
        for row, sample in enumerate(cohort.samples):  # one image may stand once a rater
            index[sample.image_id].append(row)
        try:
            stored = {"calibration": [], **document["image_ids"]}
            ids = {part: tuple(_listed(stored[part], part)) for part in PARTS}
            audit = Audit.from_json(document["audit"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            said = f"it lacks the key {error}" if isinstance(error, KeyError) else str(error)
            what = f"is no stored split ({said})"
            raise DataError(what, expected="a split.json of a run") from None
        lost = [one for part in PARTS for one in ids[part] if one not in index]
        if lost:
            raise DataError(
                f"{len(lost)} images of the split are not in {cohort.name}: "
                + ", ".join(map(str, lost[:3])),
                hint="give the data set that the split was made of",
            )
        rows = {part: tuple(row for one in ids[part] for row in index[one]) for part in PARTS}
        _refuse_twice(ids)
        if patient != "image":
            _refuse_shared({p: {cohort.samples[row].patient_id for row in rows[p]} for p in PARTS})
            audit = replace(audit, alike_patients=alike_patients(cohort.samples))
        return cls(**rows, image_ids=ids, audit=_with_unused(audit, len(cohort)))


def split_cohort(
    cohort: Cohort,
    fractions: Sequence[float] | Literal["auto", "file"] | Path = "auto",
    *,
    seed: int = 0,
    patient: Grouping = "auto",
) -> Split:
    """Split by patient, balanced by label or dominant class.

    Args:
        cohort: what to split.
        fractions: "auto": as the images' `split` key says where any has one, else by `SHARES`;
            "file": as that key says; shares of the patients for train, val, test and, where
            wanted, calibration; a path: a stored split.json.
        seed: of the dealing.
        patient: "exact" states that ids are of one patient only where they are the same, "image"
            that each image is a patient of its own.

    Raises:
        ConfigError: the fractions can't be.
        DataError: too few patients, or the data's own split is not of all images, or does not
            keep patients apart.
    """
    if isinstance(fractions, Path):
        return Split.from_json(read_json(fractions), cohort, patient)
    patients = group_patients(cohort, patient)
    if fractions == "file" or (fractions == "auto" and states_split(cohort)):
        parts, said = _with_validation(_parts_of_file(cohort), patients, seed)
    else:
        shares = SHARES if fractions == "auto" else _checked(fractions)
        parts, said = _dealt(patients, shares, seed), unused_split(cohort, "data.split")
    return make_split(cohort, patients.noting(said), parts, hash_images(cohort))


def states_split(cohort: Cohort) -> bool:
    """Whether any image says which part of a split it is for."""
    return any(sample.extra.get("split") not in (None, "") for sample in cohort.samples)


def unused_split(cohort: Cohort, why: str) -> str | None:
    """A note that the data's own split is passed over; None where they have none.

    Args:
        cohort: the data set.
        why: the setting that says so.
    """
    if not states_split(cohort):
        return None
    return (
        f"THE SPLIT THAT THE DATA GIVE IS NOT USED, as {why} says: their test images may be "
        "trained on"
    )


def make_split(
    cohort: Cohort, patients: Patients, parts: Mapping[str, Indices], appearances: Appearances
) -> Split:
    """A split of given indices, with its audit.

    Raises:
        DataError: a patient is in two parts.
    """
    audit = audit_split(cohort, patients, parts, appearances)
    _refuse(audit.shared_patients, audit.alike_patients)
    rows = {part: parts.get(part, ()) for part in PARTS}
    ids = {
        part: tuple(dict.fromkeys(cohort.samples[row].image_id for row in rows[part]))
        for part in PARTS
    }
    return Split(**rows, image_ids=ids, audit=audit)


def refuse_shared(cohort: Cohort, split: Split, patient: Grouping) -> None:
    """Make sure that a split that somebody gives keeps patients apart, however they are spelled.

    Raises:
        DataError: ids that are nearly the same, or images of one study, are in two parts.
    """
    names = patient_names(cohort.samples, patient)
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for row, part in split.part_of.items():
        homes[names[row]].add(part)
    shared = [name for name, found in homes.items() if len(found) > 1]
    _refuse(shared, split.audit.alike_patients)


def _listed(ids: object, part: str) -> list[int | str]:
    if isinstance(ids, list) and all(isinstance(one, int | str) for one in ids):
        return ids
    raise TypeError(f"image_ids.{part} is no list of image ids")


def _refuse_twice(ids: Mapping[str, tuple[int | str, ...]]) -> None:
    often = Counter(one for part in PARTS for one in ids[part])
    twice = [str(one) for one, times in often.items() if times > 1]
    if twice:
        raise DataError(
            f"the split names {len(twice)} images more than once: {', '.join(twice[:3])}",
            expected="each image in one part",
        )


def _with_unused(audit: Audit, images: int) -> Audit:
    unused = images - sum(audit.images.values())
    if unused < 1:
        return audit
    said = f"{unused} of {images} images are in no part of the stored split and are not used"
    return replace(audit, message="; ".join(filter(None, (audit.message, said))))


def _refuse_shared(patients: Mapping[str, set[str | None]]) -> None:
    homes = Counter(name for part in patients.values() for name in part if name is not None)
    _refuse([f"patient {name}" for name in sorted(homes) if homes[name] > 1])


def _refuse(shared: Sequence[str], alike: Sequence[Sequence[str]] = ()) -> None:
    if not shared:
        return
    spelled = {f"patient {one}": group for group in alike for one in group}
    nearly = [spelled[name] for name in shared if name in spelled]
    hint = "split by fractions instead, or state data.patient=image"
    if nearly:
        hint = (
            f"{say_alike(nearly)} are nearly the same id: spell each person one way, or state "
            f"data.patient=exact if they are different people; else {hint}"
        )
    raise DataError(
        f"{len(shared)} patients are in more than one part: " + ", ".join(shared[:3]),
        expected="each patient in one part",
        hint=hint,
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
            hint="; ".join(filter(None, ("add patients or set a fraction to 0", patients.message))),
        )
    dealt = deal(list(patients.members), patients.strata, shares, seed, patients.marks)
    return {part: patients.rows(names) for part, names in zip(PARTS, dealt, strict=False)}


def _parts_of_file(cohort: Cohort) -> dict[str, Indices]:
    words = [sample.extra.get("split") for sample in cohort.samples]
    said = [read_part(word) for word in words]
    unclear = [row for row, part in enumerate(said) if part is None]
    if unclear:
        sample = cohort.samples[unclear[0]]
        raise DataError(
            f"{len(unclear)} images have no usable 'split', e.g. image {sample.image_id}: "
            f"{words[unclear[0]]!r}",
            expected=f"one of {', '.join(PARTS)} for every image, or for none",
            where=cohort.name,
            hint="or state shares, as data.split=[0.7,0.15,0.15]",
        )
    if "train" not in said:
        raise DataError(
            "no image is for training, by its 'split'", expected="train", where=cohort.name
        )
    rows = {part: tuple(row for row, one in enumerate(said) if one == part) for part in PARTS}
    return {part: those for part, those in rows.items() if those or part != "calibration"}


def _with_validation(
    parts: dict[str, Indices], patients: Patients, seed: int
) -> tuple[dict[str, Indices], str | None]:
    """Parts with some of the training patients for validation where nobody was named for it."""
    train = {*parts["train"]}
    names = [name for name, rows in patients.members.items() if train.issuperset(rows)]
    if parts["val"] or len(names) < 2:
        return parts, None
    _, chosen = deal(names, patients.strata, (1 - SHARES[1], SHARES[1]), seed)
    val = patients.rows(chosen)
    said = (
        f"the data name no images for validation: {len(chosen)} of {len(names)} training patients "
        "were taken"
    )
    return parts | {"train": tuple(sorted(train - {*val})), "val": val}, said
