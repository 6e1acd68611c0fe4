import pytest
from pydantic import ValidationError

from polyclinic.errors import ConfigError
from polyclinic.models.mvit import MViTConfig


def test_tiny_and_its_classifier_differ_only_in_how_far_blocks_see():
    tiny, classifier = MViTConfig.tiny(), MViTConfig.tiny_classifier(drop_path=0.2)
    assert tiny.model_copy(update={"window": None, "global_kv_factor": 1}) == classifier


def test_stages_must_agree_in_number():
    with pytest.raises(ConfigError, match="4 entries each"):
        MViTConfig(depths=(1, 2, 5))


def test_heads_must_divide_widths():
    with pytest.raises(ConfigError, match="100 can't be shared by 8 heads"):
        MViTConfig(widths=(96, 192, 384, 100))


def test_unknown_keys_are_refused():
    with pytest.raises(ValidationError, match="windows"):
        MViTConfig(windows=56)  # type: ignore[call-arg]
