"""Images as read, restored, and sharp, side by side."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.grey import Grey
from polyclinic.data.partner import sharp_as_stored
from polyclinic.errors import PolyclinicError
from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.fidelity import as_shares
from polyclinic.reading import Reading
from polyclinic.reading.drawing.side_by_side import side_by_side
from polyclinic.report.contents import Overlay
from polyclinic.report.numbers import number
from polyclinic.sample import Sample

NAMES = ("as read", "restored", "sharp partner")
LARGEST = 512
"""Of larger images the middle is shown: reduced to the page, a blur would not be seen."""


def restored_panels(evaluation: Evaluation) -> Iterator[Overlay]:
    """The images that gained least, middling and most by restoration.

    Pixels are not kept while images are judged, so these few are read once more. There is nothing
    to show where nobody can do that, as of stored readings.
    """
    look_again = evaluation.subject.look_again
    ranked = _ranked(evaluation)
    if look_again is None or not ranked:
        return
    places = {0: "the least", len(ranked) // 2: "the middle", len(ranked) - 1: "the most"}
    for place, words in places.items():
        gain, row = ranked[place]
        sample, judged = evaluation.reported[row]
        try:
            panel = _panel(*look_again(sample), evaluation.subject.grey)
        except PolyclinicError:
            continue  # the files were moved since
        if panel is not None:
            yield Overlay(image=panel, caption=_caption(sample, judged, gain, words, len(ranked)))


def _ranked(evaluation: Evaluation) -> list[tuple[float, int]]:
    """(gain of PSNR in dB, case), ascending, where both PSNR are finite."""
    gains = [
        (one.fidelity.psnr - one.fidelity.input_psnr, row)
        for row, (_, one) in enumerate(evaluation.reported)
        if one.fidelity and np.isfinite([one.fidelity.psnr, one.fidelity.input_psnr]).all()
    ]
    return sorted(gains)


def _panel(seen: Sample, reading: Reading, grey: Grey) -> NDArray[np.uint8] | None:
    sharp = sharp_as_stored(seen, grey)
    if reading.restored is None or sharp is None:
        return None
    pictures = [_shown(one) for one in as_shares(seen, reading.restored, sharp)]
    return side_by_side(list(zip(NAMES, pictures, strict=True)))


def _shown(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(H, W, 3) bytes of the middle of an image."""
    top, left = (max(0, (side - LARGEST) // 2) for side in shares.shape[:2])
    middle = shares[top : top + LARGEST, left : left + LARGEST]
    grey = np.rint(middle.clip(0, 1) * 255).astype(np.uint8)
    return grey if grey.ndim == 3 else np.repeat(grey[..., None], 3, axis=2)


def _caption(sample: Sample, reading: Reading, gain: float, words: str, images: int) -> str:
    fidelity = reading.fidelity
    assert fidelity is not None
    part = f", the middle {LARGEST} px" if max(sample.size) > LARGEST else ""
    return (
        f"{sample.image_id}, patient {sample.patient_id or 'unknown'}{part}: PSNR "
        f"{number(fidelity.input_psnr)} dB as read, {number(fidelity.psnr)} dB restored "
        f"({gain:+.2f} dB), SSIM {number(fidelity.input_ssim)} and {number(fidelity.ssim)}; "
        f"gained {words} of {images} images."
    )
