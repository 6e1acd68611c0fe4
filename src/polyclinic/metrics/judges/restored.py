"""The figures by which restored images are judged, where the sharp partner is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.pooled import mean_figure

GROUP = "restoration"


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """PSNR and SSIM of restored images beside those of the images as read.

    An image that equals its partner has an infinite PSNR, which no mean may take in: it is left
    out of both PSNR figures, and the note counts it. Whether it was made worse counts all the
    same. An image without a partner has nothing to compare; one with a partner that was not
    restored is counted as left out.

    Args:
        cases: samples with readings; the pixels were compared before, see `Reading.fidelity`.
        accept: without meaning here.
    """
    rows = np.array([row for row, (_, one) in enumerate(cases) if one.fidelity], np.intp)
    if not len(rows):
        return []
    found = [one.fidelity for _, one in cases if one.fidelity is not None]
    after = np.array([one.psnr for one in found])
    before = np.array([one.input_psnr for one in found])
    similar = np.array([one.ssim for one in found])
    similar_before = np.array([one.input_ssim for one in found])
    with np.errstate(invalid="ignore"):
        gain = after - before
    note = _left_out(after, before)
    lost = np.array(
        [sample.sharp_file is not None and not one.fidelity for sample, one in cases], float
    )
    shown = [
        mean_figure(
            "restored_psnr_gain",
            gain,
            rows,
            len(cases),
            unit="dB",
            meaning="mean rise of the PSNR by restoring; 0: left as it was read",
            group=GROUP,
            better="higher",
            note=note,
        ),
        _beside("restored_psnr", after, before, rows, len(cases), "PSNR", unit="dB", note=note),
        _beside("restored_ssim", similar, similar_before, rows, len(cases), "SSIM"),
        mean_figure(
            "restored_worse",
            (after < before).astype(float),
            rows,
            len(cases),
            meaning="share of images farther from their sharp partner than before, by PSNR",
            group=GROUP,
            better="lower",
        ),
    ]
    return [replace(figure, left_out=lost) for figure in shown]


def _beside(
    name: str,
    after: Values,
    before: Values,
    rows: np.ndarray[tuple[int], np.dtype[np.intp]],
    cases: int,
    what: str,
    *,
    unit: str = "1",
    note: str = "",
) -> Figure:
    """The mean of restored images beside that of the same images as read."""
    both = np.isfinite(after) & np.isfinite(before)
    return mean_figure(
        name,
        np.where(both, after, np.nan),
        rows,
        cases,
        unit=unit,
        meaning=f"mean {what} of restored image and sharp partner; baseline: of the image as read",
        group=GROUP,
        better="higher",
        baseline=mean_figure(name, np.where(both, before, np.nan), rows, cases).weighted,
        note=note,
    )


def _left_out(after: Values, before: Values) -> str:
    """How many images have no finite PSNR, and why."""
    sharp, exact = np.isinf(before), np.isinf(after) & np.isfinite(before)
    said = []
    if sharp.any():
        said.append(f"left out: {_images(sharp.sum())} that were sharp as read")
        kept = int((sharp & np.isinf(after)).sum())
        said.append(f"{kept} of them stayed untouched")
    if exact.any():
        said.append(f"left out: {_images(exact.sum())} restored exactly")
    return ", ".join(said)


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"
