"""From annotated images to a run: parts, stages, folds, initial weights."""
