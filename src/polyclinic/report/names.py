"""Names of figures as headings."""

from __future__ import annotations

import re

_CAPITALS = {"f1": "F1", "mae": "MAE", "iou": "IoU", "oks": "OKS", "pck": "PCK", "auc": "AUC"}


def spoken_name(name: str) -> str:
    """`instance_f1` becomes `Instance F1`; `mask_ap50` becomes `Mask AP50`."""
    text = " ".join(
        _CAPITALS.get(word, re.sub(r"^ap(?=\d*$)", "AP", word)) for word in name.split("_")
    )
    return text[:1].upper() + text[1:]
