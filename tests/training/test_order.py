from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from polyclinic.training.order import KEY_BITS, Order, random_key

rows = st.lists(st.integers(0, 1000), min_size=1, max_size=30, unique=True)
sizes = st.integers(1, 12)


@given(rows, sizes, st.integers(0, 5))
def test_every_epoch_has_every_row_once(indices, size, seed):
    order = Order(indices, size, seed)
    seen = [place.row for batch in order.from_step(0, 3 * len(indices)) for place in batch]
    for epoch in range(2):
        one = seen[epoch * len(indices) : (epoch + 1) * len(indices)]
        assert sorted(one) == sorted(indices)


@given(rows, sizes, st.integers(0, 50))
def test_any_step_is_reached_without_the_ones_before(indices, size, step):
    walked = list(Order(indices, size, 7).from_step(0, step + 1))[step]
    assert Order(indices, size, 7).batch(step) == walked
    assert len(walked) == size


@given(rows, sizes, st.integers(1, 4), st.integers(0, 20))
def test_processes_share_a_global_batch(indices, size, world, step):
    whole = Order(indices, size, 0).batch(step)
    parts = [Order(indices, size, 0, rank=r, world=world).batch(step) for r in range(world)]
    assert Counter(place for part in parts for place in part) == Counter(whole)


def test_keys_differ_between_rows_epochs_and_seeds_and_fit():
    keys = {random_key(s, e, r) for s in range(5) for e in range(20) for r in range(50)}
    assert len(keys) == 5 * 20 * 50
    assert max(keys) < 2**KEY_BITS


def test_epochs_and_seeds_have_other_orders():
    def one_epoch(seed, epoch):
        return tuple(p.row for p in Order(range(12), 12, seed).batch(epoch))

    assert len({one_epoch(0, 0), one_epoch(0, 1), one_epoch(1, 0)}) == 3
