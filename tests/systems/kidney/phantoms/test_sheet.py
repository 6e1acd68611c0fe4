from __future__ import annotations

from polyclinic.systems.kidney.phantoms.sheet import contact_sheet, write_sheet


def test_the_sheet_is_green_and_small_enough_for_the_documents(tmp_path):
    sheet = contact_sheet()
    assert sheet.ndim == 3
    assert (sheet[..., 1] >= sheet[..., 0]).all()
    write_sheet(tmp_path / "kidney.jpg")
    assert (tmp_path / "kidney.jpg").stat().st_size < 150_000
