"""From landmarks, masks and spacing to clinical measurements."""
