"""Names of figures as headings."""

from __future__ import annotations

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
