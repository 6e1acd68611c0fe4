from __future__ import annotations

import pytest

from polyclinic.training.clock import Clock


@pytest.fixture
def now(monkeypatch):
    """Set `now[0]` to move time."""
    seconds = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: seconds[0])
    return seconds


def test_without_a_budget_nothing_is_spent(now):
    clock = Clock(None)
    now[0] += 1e6
    assert clock.spent() == 0.0
    assert clock.elapsed == 1e6


def test_time_for_the_last_evaluation_is_kept_back(now):
    clock = Clock(100.0)
    with clock.evaluation():
        now[0] += 20.0
    assert clock.spent() == 0.25
    now[0] += 60.0
    assert clock.spent() == 1.0
    assert clock.elapsed == 80.0


def test_an_evaluation_longer_than_the_budget_ends_training(now):
    clock = Clock(10.0)
    with clock.evaluation():
        now[0] += 11.0
    assert clock.spent() == 1.0


def test_waiting_is_held_against_the_time_without_evaluations(now):
    clock = Clock(None)
    assert clock.waiting_share == 0.0
    with clock.evaluation():
        now[0] += 60.0
    with clock.waiting():
        now[0] += 10.0
    now[0] += 30.0
    assert clock.waiting_share == 0.25


def test_a_resumed_clock_goes_on(now):
    first = Clock(100.0)
    with first.evaluation():
        now[0] += 10.0
    with first.waiting():
        now[0] += 7.0
    now[0] -= 7.0
    saved = first.to_json()
    now[0] += 5_000.0
    second = Clock(100.0)
    second.load_state(saved)
    now[0] += 35.0
    assert second.elapsed == 45.0
    assert second.spent() == 0.5
    assert second.waiting_share == 7.0 / 35.0
