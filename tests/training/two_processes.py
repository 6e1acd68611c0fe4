"""Trains the toy in two processes, which Fabric starts: folder."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.training.toy import WITHOUT_BATCH_NORM, toy_network, train_toy

if __name__ == "__main__":
    network = toy_network(**WITHOUT_BATCH_NORM)
    train_toy(Path(sys.argv[1]), devices=2, ema=0.9, network=network)
