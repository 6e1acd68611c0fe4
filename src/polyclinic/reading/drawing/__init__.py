"""The parts of an overlay: canvas, outlines, tags, strip."""
