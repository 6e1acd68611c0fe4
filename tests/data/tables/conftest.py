"""Two small images to write tables about."""

from __future__ import annotations

import pytest
from PIL import Image

WIDTH, HEIGHT = 40, 30


@pytest.fixture
def table(tmp_path):
    """Write lines to table.csv beside a.png and images/b.png."""
    Image.new("L", (WIDTH, HEIGHT)).save(tmp_path / "a.png")
    (tmp_path / "images").mkdir()
    Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "images" / "b.png")

    def write(*lines, name="table.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write
