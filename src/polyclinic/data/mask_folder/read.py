"""Images and masks of the same names to a cohort.

`images/*` beside `masks/*` (class `object`), `masks/CLASS/*`, `raters/RATER/*` or
`raters/RATER/CLASS/*`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from polyclinic.data.cohort import Cohort
from polyclinic.data.completeness import ObjectsRead
from polyclinic.data.findings import Finding, Place, refuse
from polyclinic.data.folder import image_files, image_sample
from polyclinic.data.images import DICOM_SUFFIXES, SUFFIXES
from polyclinic.data.mask_folder.file import binary_findings, read_values
from polyclinic.errors import ImageError
from polyclinic.sample import Instance, Mask, Sample

OBJECT = "object"
"""Class of masks that no folder names a class of."""


@dataclass(frozen=True)
class _MaskFile:
    path: Path
    category: str
    rater: str | None


def is_mask_folder(path: Path) -> bool:
    """Whether a folder holds `images` beside `masks` or `raters`."""
    return (path / "images").is_dir() and any(
        (path / name).is_dir() for name in ("masks", "raters")
    )


def read_mask_folder(folder: Path) -> Cohort:
    """Open the images of a folder with one object a mask; an empty mask is "none is there".

    Masks that can't be used are left out and named in `Cohort.skipped`.

    Raises:
        DataError: the folder holds no images, or one that can't be read.
    """
    cohort, faults = open_mask_folder(folder)
    refuse(faults)
    return cohort


def open_mask_folder(folder: Path) -> tuple[Cohort, list[Finding]]:
    """The cohort of the images that can be read, and the faults that are refused."""
    images, masks = image_files(folder / "images"), list(_mask_files(folder))
    of_image, findings = _paired(images, masks)
    samples, faults = [], []
    for file in images:
        try:
            samples.append(image_sample(file, folder / "images"))
        except ImageError as error:
            faults.append(Place(str(file)).error(error.what, error.expected, error.hint))
    if not images:
        faults.append(Place(str(folder / "images")).error("holds no images", "an image a mask"))
    classes = tuple(sorted({mask.category for mask in masks})) or (OBJECT,)
    annotated = [
        _with_masks(one, of_image[_stem(Path(str(one.file)))], classes, findings) for one in samples
    ]
    without = [str(one.image_id) for one in annotated if one.instances is None]
    if without:
        findings.append(
            Place(str(folder)).note(
                f"{len(without)} of {len(annotated)} images have no mask: {', '.join(without[:3])}",
                hint="they count as not annotated; an empty mask says that nothing is there",
            )
        )
    cohort = Cohort(
        samples=tuple(annotated), classes=classes, name=folder.name, skipped=tuple(findings)
    )
    return cohort, faults


def _mask_files(folder: Path) -> Iterator[_MaskFile]:
    """The masks of all raters and classes, by name."""
    raters = [(one.name, one) for one in _folders(folder / "raters")]
    for rater, base in [(None, folder / "masks"), *raters]:
        for category, inside in [(OBJECT, base), *((one.name, one) for one in _folders(base))]:
            for file in sorted(inside.glob("*")):
                if file.suffix.lower() in SUFFIXES and not file.name.startswith("."):
                    yield _MaskFile(file, category, rater)


def _folders(path: Path) -> list[Path]:
    return sorted(one for one in path.glob("*") if one.is_dir() and not one.name.startswith("."))


def _paired(
    images: list[Path], masks: list[_MaskFile]
) -> tuple[defaultdict[str, list[_MaskFile]], list[Finding]]:
    """The masks by the name they share with one image, and an error for each other mask."""
    number = Counter(map(_stem, images))
    of_image: defaultdict[str, list[_MaskFile]] = defaultdict(list)
    findings = []
    for mask in masks:
        stem = _stem(mask.path)
        if number[stem] == 1:
            of_image[stem].append(mask)
            continue
        what = f"belongs to {number[stem]} images" if number[stem] else "belongs to no image"
        findings.append(
            Place(str(mask.path)).error(
                what, f"one image named {stem}", "give image and mask one name; it is left out"
            )
        )
    return of_image, findings


def _stem(file: Path) -> str:
    """The name without its suffix; DICOM files may have points in theirs, and no suffix."""
    return file.stem if file.suffix.lower() in SUFFIXES | DICOM_SUFFIXES else file.name


def _with_masks(
    sample: Sample, masks: list[_MaskFile], classes: tuple[str, ...], findings: list[Finding]
) -> Sample:
    """The sample with an instance for each mask that is not empty.

    Of a rater, or of nobody named, all masks of the image can be read or none of them counts: the
    one that can't be may hold anything.
    """
    of_rater: defaultdict[str | None, ObjectsRead] = defaultdict(ObjectsRead)
    for mask in masks:
        place, read = Place(str(mask.path)), of_rater[mask.rater]
        values, said = read_values(mask.path, sample.size, place)
        if values is None:
            read.lose(said)
            continue
        read.add(findings=[*said, *binary_findings(values, mask.path.name, place)])
        pixels = Mask.from_array(values > 0)
        if pixels.area:
            category = classes.index(mask.category)
            read.add(Instance(box=pixels.box(), category=category, mask=pixels, rater=mask.rater))
    findings += [said for read in of_rater.values() for said in read.findings]
    found = {rater: read.kept for rater, read in of_rater.items() if not read.lost}
    if not found:
        return replace(sample, annotated=frozenset())
    return replace(
        sample,
        instances=tuple(instance for kept in found.values() for instance in kept),
        raters={rater: {} for rater in found if rater is not None},
        annotated=frozenset({"instances"}),
    )
