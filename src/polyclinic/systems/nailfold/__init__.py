"""NFCMTL: nailfold capillaries, their classes, masks, landmarks and diameters."""
