"""How badly training views may be taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from polyclinic.config import Config

Share = Annotated[float, Field(ge=0, le=1)]


class DegradeConfig(Config):
    """Blur and noise of training views, with the sharp view kept beside them.

    y = clip(k * x + n, 0, 1), n ~ N(0, noise_gain (k * x) + noise_floor^2). How blurred a view is
    becomes its label: sigma over the largest sigma.
    """

    blur: float = Field(
        0.0,
        ge=0,
        le=0.25,
        description="largest sigma, share of the longer side of the view; 0 switches it all off",
    )
    kernel: Literal["gaussian", "disk", "both"] = Field(
        "gaussian", description="k: disk is a lens out of focus; both: drawn for each view"
    )
    noise_gain: Share = 0.0
    noise_floor: Share = 0.02
    share: Share = Field(0.8, description="of the views that may be degraded, how many are")
    label: str = Field("quality", min_length=1, description="0 sharp ... 1 worst")

    @property
    def on(self) -> bool:
        """Whether any view is degraded."""
        return self.blur > 0

    def without_effect(self) -> Mapping[str, str]:
        """All of it where nobody has switched it on, nor off."""
        if self.on or "blur" in self.model_fields_set:
            return {}
        others = [name for name in type(self).model_fields if name != "blur"]
        return dict.fromkeys(others, "views are not degraded while blur is 0")
