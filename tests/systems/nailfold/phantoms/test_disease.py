from __future__ import annotations

import pytest

from polyclinic.errors import ConfigError
from polyclinic.systems.nailfold.phantoms.disease import DISEASES, disease_of


def test_shares_leave_room_for_hairpins():
    for disease in DISEASES.values():
        assert 0 < sum(disease.shapes.values()) < 1
        assert disease.sludge + disease.defocus < 0.5


def test_an_unknown_state_names_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'active'"):
        disease_of("activ")
