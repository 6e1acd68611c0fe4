"""What `import polyclinic` offers."""

import subprocess
import sys

import pytest

import polyclinic


@pytest.mark.parametrize("name", polyclinic.__all__)
def test_every_public_name_is_there(name):
    assert getattr(polyclinic, name) is not None


def test_homes_and_names_agree():
    assert set(polyclinic._HOMES) | {"__version__"} == set(polyclinic.__all__)
    with pytest.raises(AttributeError):
        polyclinic.nothing  # noqa: B018


def test_import_does_not_wait_for_torch():
    code = "import sys, polyclinic; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
