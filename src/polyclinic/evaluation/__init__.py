"""What a reader is worth: figures with intervals, subgroups, comparisons, leaks."""
