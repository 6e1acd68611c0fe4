"""KNEEL: landmarks of knees in radiographs, in two stages, and the distances between them."""
