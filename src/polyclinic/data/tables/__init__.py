"""CSV tables: a row for each image, columns for what was annotated on it."""
