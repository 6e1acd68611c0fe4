"""A small cohort and a run on it, for whatever reads."""

from __future__ import annotations

import pytest

from polyclinic.fitting.fit import fit
from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig, make_cohort

SETTINGS = {
    "data": {"frame": {"longest": 128}},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "instances": {"most": 60},
    "train": {"steps": 4, "batch_size": 2, "warmup_steps": 1, "workers": 0},
}


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory):
    config = NailfoldPhantomConfig(size=(192, 256), um_per_px=6.8)
    return make_cohort(
        tmp_path_factory.mktemp("phantoms"),
        patients=4,
        images_per_patient=1,
        seed=3,
        config=config,
    )


@pytest.fixture(scope="session")
def run(phantoms, tmp_path_factory):
    """A nailfold run that was trained for a moment; its reader finds little, but finds it."""
    out = tmp_path_factory.mktemp("run") / "run"
    fit("nailfold", phantoms, out, SETTINGS)
    return out
