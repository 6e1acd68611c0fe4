from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _on_the_processor(monkeypatch):
    """Promises of equal bits hold on the CPU; hide a GPU here and from started processes."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
