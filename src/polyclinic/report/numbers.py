"""Numbers and names of figures as people read them."""

from __future__ import annotations

import math
import re

_CAPITALS = {
    "iou": "IoU",
    "dice": "Dice",
    **{
        word: word.upper()
        for word in (
            *("f1", "mae", "oks", "pck", "auc", "auprc", "froc", "nsd", "hd95"),
            *("icc", "ccc", "ece", "srcc", "plcc", "rmse", "psnr", "ssim"),
        )
    },
}


def spoken_name(name: str) -> str:
    """`instance_f1` becomes `Instance F1`; `mask_ap50` becomes `Mask AP50`."""
    text = " ".join(
        _CAPITALS.get(word, re.sub(r"^ap(?=\d*$)", "AP", word)) for word in name.split("_")
    )
    return text[:1].upper() + text[1:]


NOTHING = "\N{EN DASH}"


def number(value: float | int | None) -> str:
    """Three significant digits, a true minus sign, narrow spaces in thousands, a dash for None."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    size = abs(value)
    if isinstance(value, int) or size >= 999.5:
        text = f"{value:,.0f}".replace(",", "\u202f")
    elif size and size < 0.0005:
        text = f"{value:.1e}"
    else:
        whole = math.floor(math.log10(size)) if size else 0
        text = f"{value:.{max(0, min(3, 2 - whole))}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def interval(limits: tuple[float, float]) -> str:
    """`lower to upper`."""
    return f"{number(limits[0])} to {number(limits[1])}"


def duration(seconds: float | None) -> str:
    """`12 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
