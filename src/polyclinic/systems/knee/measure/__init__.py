"""From landmarks and the film to joint spaces, widths and angles of a knee."""
