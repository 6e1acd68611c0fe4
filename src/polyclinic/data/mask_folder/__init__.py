"""Mask images: one file beside others, or a folder of them."""
