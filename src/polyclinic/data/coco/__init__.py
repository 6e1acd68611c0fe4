"""The native format: COCO, and what polyclinic adds to it."""
