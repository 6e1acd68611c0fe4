import re
from pathlib import Path

import yaml

from polyclinic.data.augment import GRAINS, AugmentConfig
from polyclinic.data.augment.grain import CHANGES

PAGE = (Path(__file__).parents[3] / "docs" / "augmentation.md").read_text("utf-8")


def test_the_settings_of_kneel_in_the_document_are_settings():
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    kneel = AugmentConfig.parse(yaml.safe_load(example)["data"]["augment"])
    assert sorted(kneel.grain) == sorted(GRAINS) == sorted(CHANGES)
    assert AugmentConfig.parse(yaml.safe_load(kneel.to_yaml())) == kneel


def test_the_document_names_every_setting_and_grain():
    assert [n for n in (*AugmentConfig.model_fields, *GRAINS) if f"`{n}`" not in PAGE] == []


def test_what_is_off_by_default_is_off():
    still = AugmentConfig(mirror=0.0)
    amounts = {"mirror", "upend", "degrees", "shear", "perspective", "shift", "cutout", "jitter"}
    assert not any(getattr(still, name) for name in amounts)
    assert still.zoom == still.scale == (1.0, 1.0)
    assert still.grain == ()
    assert still.plane == still.warp == still.gamma_often == 1.0
