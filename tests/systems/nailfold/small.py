"""Nailfold phantoms that are drawn and trained on in a moment."""

from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig

SMALL = NailfoldPhantomConfig(size=(192, 256), um_per_px=6.8)
