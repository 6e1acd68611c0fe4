"""A run on disk: opening it, its readers, its data, its calibration, the way it is computed."""
