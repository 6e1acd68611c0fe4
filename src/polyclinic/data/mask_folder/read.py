"""Images and masks of the same names to a cohort.

`images/*` beside `masks/*` (class `object`), `masks/CLASS/*`, `raters/RATER/*` or
`raters/RATER/CLASS/*`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from polyclinic.data.cohort import Cohort
from polyclinic.data.completeness import ObjectsRead
from polyclinic.data.findings import Finding, Place, refuse
from polyclinic.data.folder import image_sample
from polyclinic.data.listing import is_named_like_image, list_folder, list_images
from polyclinic.data.mask_folder.file import read_object
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
    listing = list_images(folder / "images")
    images, findings = listing.images, [*listing.findings]
    masks = list(_mask_files(folder, findings))
    of_image, lost = _paired(images, masks)
    findings += lost
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
    findings += _without_a_class(folder, classes, annotated, of_image)
    cohort = Cohort(
        samples=tuple(annotated), classes=classes, name=folder.name, skipped=tuple(findings)
    )
    return cohort, faults


def _without_a_class(
    folder: Path,
    classes: tuple[str, ...],
    samples: Sequence[Sample],
    of_image: Mapping[str, Sequence[_MaskFile]],
) -> Iterator[Finding]:
    """A warning for each class of which some images have no mask, though one of another class."""
    drawn = [
        (one, {mask.category for mask in of_image[_stem(Path(str(one.file)))]})
        for one in samples
        if one.instances is not None
    ]
    for category in classes:
        without = [str(one.image_id) for one, found in drawn if category not in found]
        if without:
            yield Place(str(folder)).warning(
                f"{len(without)} of {len(drawn)} images with masks have none of {category!r}: "
                f"{', '.join(without[:3])}",
                "a mask of each class, empty where nothing is there",
                f"they count as looked at, and as holding no {category!r}",
            )


def _mask_files(folder: Path, findings: list[Finding]) -> Iterator[_MaskFile]:
    """The masks of all raters and classes, by name; what is passed over is added to `findings`."""
    raters = [(one.name, one) for one in _folders(folder / "raters")]
    for rater, base in [(None, folder / "masks"), *raters]:
        for category, inside in [(OBJECT, base), *((one.name, one) for one in _folders(base))]:
            listing = list_folder(inside)
            findings += listing.findings
            findings += _deeper(inside) if inside != base else []
            for file in listing.images:
                yield _MaskFile(file, category, rater)


def _deeper(folder: Path) -> list[Finding]:
    """A warning where the masks of a class lie in folders of their own."""
    lost = [str(len(list_images(one).images)) for one in _folders(folder)]
    if not lost:
        return []
    what = f"holds {len(lost)} folders with {' and '.join(lost)} images, which are passed over"
    hint = "masks lie in the folder of their class itself"
    return [Place(str(folder)).warning(what, hint=hint)]


def _folders(path: Path) -> list[Path]:
    """The folders in a folder that name a class or a rater; `list_folder` tells of others."""
    return sorted(
        one
        for one in path.glob("*")
        if one.is_dir() and not one.name.startswith(".") and not is_named_like_image(one)
    )


def _paired(
    images: Sequence[Path], masks: list[_MaskFile]
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
    return file.stem if is_named_like_image(file) else file.name


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
        drawn, said = read_object(mask.path, sample.size, place)
        if drawn is None:
            read.lose(said)
            continue
        read.add(findings=said)
        pixels = Mask.from_array(drawn)
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
