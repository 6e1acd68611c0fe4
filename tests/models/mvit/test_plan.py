import pytest
from pydantic import ValidationError

from polyclinic.errors import ConfigError
from polyclinic.models.mvit.plan import MViTConfig, plan_blocks


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


def test_tiny_is_the_published_network():
    plans = plan_blocks(MViTConfig.tiny())
    # Block by block as detectron2 builds depth 10 with last blocks 0, 2, 7, 9.
    assert [p.window for p in plans] == [56, 56, None, 28, 14, 14, 14, None, 14, None]
    assert [p.kv_stride for p in plans] == [4, 2, 4, 1, 1, 1, 1, 2, 1, 1]
    assert [p.q_stride for p in plans] == [1, 2, 1, 2, 1, 1, 1, 1, 2, 1]
    assert [p.heads for p in plans] == [1, 2, 2, 4, 4, 4, 4, 4, 8, 8]
    assert [p.channels_out for p in plans] == [96, *[192] * 2, *[384] * 5, *[768] * 2]
    assert [p.channels_in for p in plans] == [96, 96, *[192] * 2, *[384] * 5, 768]
    assert [i for i, p in enumerate(plans) if p.ends_stage] == [0, 2, 7, 9]
    # Lengths of the tables of the public ImageNet weights: 111, 55, 27 and 13 rows.
    assert [p.table_cells for p in plans] == [56, 28, 28, 28, 14, 14, 14, 14, 14, 7]


def test_every_head_of_tiny_has_96_channels():
    assert {p.channels_out // p.heads for p in plan_blocks(MViTConfig.tiny())} == {96}


def test_stochastic_depth_rises_linearly():
    rates = [p.drop_path for p in plan_blocks(MViTConfig.tiny(drop_path=0.2))]
    assert rates == pytest.approx([0.2 * i / 9 for i in range(10)])


def test_a_window_that_strides_do_not_divide_is_refused():
    with pytest.raises(ConfigError, match="window of 14 cells can't be pooled by 1 and 4"):
        plan_blocks(MViTConfig(window=14))
    with pytest.raises(ConfigError, match="window of 7 cells can't be pooled by 2 and 1"):
        plan_blocks(MViTConfig(window=28))
