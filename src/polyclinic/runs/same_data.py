"""Whether a run is gone on with on the data that it was started on: annotations and pixels."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from polyclinic.atomic import write_json
from polyclinic.data import Cohort, Split
from polyclinic.data.audit import MOST_HASHED
from polyclinic.data.patients import Grouping
from polyclinic.data.split import FILE as SPLIT
from polyclinic.errors import RunError
from polyclinic.runs.fingerprints import Fingerprints
from polyclinic.sample import Sample
from polyclinic.stored import read_json_object, values_of

CONTENTS = "contents.json"
"""SHA-256 of the image files that a run was started on, by image id."""

_MOST_WORKERS = 4


def check_same_data(digest: str | None, cohort: Cohort, run: Path) -> None:
    """Make sure that a run is resumed with the annotations that it was started on.

    Raises:
        RunError: it is not.
    """
    if digest != cohort.digest():
        raise RunError(
            f"the run was started on other annotations than those of {cohort.name} now",
            where=str(run),
            hint="resume with the same data, or name another folder",
        )


def stored_split(run: Path, cohort: Cohort, patient: Grouping) -> Split:
    """The split that a run stored.

    Raises:
        RunError: the file is damaged, or the run was started on other annotations.
    """
    file = run / SPLIT
    document = read_json_object(file)
    check_same_data(document.get("data_digest"), cohort, run)
    with values_of(file):
        return Split.from_json(document, cohort, patient)


def check_same_pixels(run: Path, cohort: Cohort, rows: Iterable[int]) -> None:
    """Make sure that images are those that a run was started on; remember them if it is new.

    Runs from before the files' digests were kept are compared by how their images look.

    Args:
        run: its directory, which must be there.
        cohort: the data now.
        rows: of the images that the run uses.

    Raises:
        RunError: images were changed, or what the run stored of them is damaged.
    """
    used = sorted(rows)
    file = run / CONTENTS
    now = _digests(cohort, used)
    if file.exists():
        with values_of(file):
            before = dict(read_json_object(file)["sha256"])
        changed = [one for one, digest in now.items() if before.get(one) != digest]
    else:
        changed = _looking_other(run, cohort, used)
    if changed:
        raise RunError(
            f"{len(changed)} of {len(now)} images are not what they were when the run was "
            f"started: {', '.join(changed[:3])}{' ...' if len(changed) > 3 else ''}",
            where=str(run),
            hint="put the image files back, or train anew in another folder",
        )
    if not file.exists():
        write_json({"sha256": now}, file, indent=1)


def _digests(cohort: Cohort, rows: list[int]) -> dict[str, str]:
    """What is in the image files; of those beyond `MOST_HASHED`, evenly spread, their size."""
    spread = np.linspace(0, len(rows) - 1, min(len(rows), MOST_HASHED)).round().astype(int)
    whole = {rows[place] for place in spread}
    with ThreadPoolExecutor(min(_MOST_WORKERS, os.cpu_count() or 1)) as workers:
        found = workers.map(lambda row: _content(cohort.samples[row], row in whole), rows)
        return {
            str(cohort.samples[row].image_id): one for row, one in zip(rows, found, strict=True)
        }


def _content(sample: Sample, whole: bool) -> str:
    digest = hashlib.sha256()
    for pixels, file in ((sample.image, sample.file), (sample.sharp, sample.sharp_file)):
        if pixels is not None:
            digest.update(np.ascontiguousarray(pixels).data)
        elif file is not None:
            digest.update(_bytes_of(Path(file), whole))
    return digest.hexdigest()


def _bytes_of(file: Path, whole: bool) -> bytes:
    """SHA-256 of a file; its size where that must do; nothing where it can't be read."""
    try:
        if not whole:
            return str(file.stat().st_size).encode()
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").digest()
    except OSError:
        return b""


def _looking_other(run: Path, cohort: Cohort, rows: list[int]) -> list[str]:
    """Ids of images that a run without digests knows with another perceptual hash."""
    before = Fingerprints.of_run(run)
    if before is None:
        return []
    now = Fingerprints.of_rows(cohort, rows).by_image()
    known = before.by_image()
    return [str(one) for one, bits in now.items() if known.get(one, bits) != bits]
