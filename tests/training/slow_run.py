"""Trains the toy slowly, so that a test can kill it: folder, workers."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from polyclinic.tasks import Encoded
from tests.training.toy import LONG, load_toy, train_toy


def load_slowly(index: int, key: int) -> Encoded:
    time.sleep(0.02)
    return load_toy(index, key)


if __name__ == "__main__":
    train_toy(Path(sys.argv[1]), workers=int(sys.argv[2]), load_encoded=load_slowly, **LONG)
