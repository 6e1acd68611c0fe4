import pytest

from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig, make_cohort

SMALL = NailfoldPhantomConfig(size=(192, 256), um_per_px=6.8)


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory):
    """Four patients with two small images each."""
    folder = tmp_path_factory.mktemp("phantoms")
    return make_cohort(folder, patients=4, images_per_patient=2, seed=3, config=SMALL)
