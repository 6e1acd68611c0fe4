from __future__ import annotations

import pytest

from polyclinic.training.config import fabric_precision, resolved


@pytest.mark.parametrize("accelerator", ["cpu", "cuda"])
def test_explicit_choices_are_obeyed(accelerator):
    assert fabric_precision("fp32", accelerator) == "32-true"
    assert fabric_precision("bf16", accelerator) == "bf16-mixed"


@pytest.mark.parametrize(("able", "name"), [(True, "bf16-mixed"), (False, "32-true")])
def test_auto_asks_the_machine(monkeypatch, able, name):
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: able)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation: able)
    for accelerator in ("cpu", "cuda"):
        assert fabric_precision("auto", accelerator) == name
        assert resolved("auto", accelerator) == ("bf16" if able else "fp32")
