"""Fixtures that more than one part of the tests uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from polyclinic.trusted import trust

settings.register_profile("polyclinic", deadline=None)
settings.load_profile("polyclinic")
trust("tests")  # runs and exported files of the tests name recipes and tasks of the tests


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real images; POLYCLINIC_DATA names it, else it lies beside the checkout."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("POLYCLINIC_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no real images at {folder}; set POLYCLINIC_DATA")
    return folder


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory):
    """Four nailfold patients with two small images each; some folders have others."""
    from polyclinic.systems.nailfold.phantoms import make_cohort
    from tests.systems.nailfold.small import SMALL

    folder = tmp_path_factory.mktemp("phantoms")
    return make_cohort(folder, patients=4, images_per_patient=2, seed=3, config=SMALL)


@pytest.fixture(scope="session")
def cluster():
    """Ray, joined to a cluster of two CPUs on this machine; whoever wants one finds it."""
    pytest.importorskip("ray", reason="needs polyclinic[ray]")
    from polyclinic.runtime.engines.ray_cluster import ray_cluster

    with ray_cluster(cpus=2) as ray:
        yield ray
