"""The editable numbers behind capillary measurements, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from polyclinic.config import Config


@dataclass(frozen=True)
class Origin:
    """Where a default comes from.

    Args:
        source: paper, guideline or "this package".
        verified: whether the number was read in the text of its source.
    """

    source: str
    verified: bool

    def __str__(self) -> str:
        return self.source if self.verified else f"{self.source} (unverified)"


EULAR_2020 = Origin("EULAR/SCTC 2020, Smith et al., Autoimmun Rev 19:102458", verified=False)
OURS = Origin("this package", verified=True)


class CapillaryLimits(Config):
    """Limits and tolerances for nailfold capillaries. None of them is a diagnosis.

    Attributes:
        dilated_um: a loop is dilated from this diameter of its apex or a limb, in µm.
        giant_um: it is giant from this diameter, in µm.
        density_normal: loops per mm of the distal row from which density is normal.
        density_late: loops per mm up to which density is that of the late pattern.
        csuri_cutoff: CSURI above which the source expects new ulcers.
        not_loops: classes that are no loops: no diameters, no part in row or density.
        min_score: found instances under it are not measured or counted; 0 because a reader
            reports only what reached the score that was chosen on its validation part.
        min_landmark_confidence: a less certain landmark is not measured with.
        disagreement_px: mask and landmark diameters may differ by this much, in px ...
        disagreement_share: ... or by this share of their mean, whichever is more.
        row_depth: loops lie in the distal row when their apex is within this share of the
            median loop height of the fitted row.
    """

    dilated_um: Annotated[float, Field(gt=0), EULAR_2020] = 20.0
    giant_um: Annotated[float, Field(gt=0), EULAR_2020] = 50.0
    density_normal: Annotated[float, Field(gt=0), EULAR_2020] = 7.0
    density_late: Annotated[float, Field(gt=0), EULAR_2020] = 3.0
    csuri_cutoff: Annotated[
        float, Field(gt=0), Origin("Arthritis Res Ther 2018, s13075-018-1733-6", verified=True)
    ] = 2.96
    not_loops: Annotated[
        tuple[str, ...], Origin("NFCMTL, cap_params_evaluator.py", verified=True)
    ] = ("haemorrhage",)
    min_score: Annotated[float, Field(ge=0, le=1), OURS] = 0.0
    min_landmark_confidence: Annotated[float, Field(ge=0, le=1), OURS] = 0.05
    disagreement_px: Annotated[float, Field(ge=0), OURS] = 2.0
    disagreement_share: Annotated[float, Field(ge=0), OURS] = 0.25
    row_depth: Annotated[float, Field(gt=0), OURS] = 0.5

    def source(self, name: str) -> str:
        """Where the value of a field comes from: its source, or the user who changed it."""
        field = type(self).model_fields[name]
        if getattr(self, name) != field.default:
            return f"set by the user; default {field.default} from {self._origin(name)}"
        return str(self._origin(name))

    def _origin(self, name: str) -> Origin:
        metadata = type(self).model_fields[name].metadata
        return next(entry for entry in metadata if isinstance(entry, Origin))
