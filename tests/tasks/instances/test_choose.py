import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.tasks.instances.choose import IGNORE, choose


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(-1, 3), max_size=60),
    st.integers(1, 40),
    st.floats(0, 1),
    st.integers(0, 2**62),
)
def test_choice_is_balanced_without_repeats_or_ignored_rows(labels, number, share, key):
    label = torch.tensor(labels, dtype=torch.int64)
    rows = choose(label, number=number, positive_share=share, key=key)
    assert len(rows) == len(set(rows.tolist())) <= number
    chosen = label[rows]
    positive = int((chosen > 0).sum())
    assert positive == min(int((label > 0).sum()), int(number * share))
    assert int((chosen == 0).sum()) == min(int((label == 0).sum()), number - positive)
    assert (chosen[:positive] > 0).all()


def test_choice_depends_on_the_key_alone():
    label = torch.arange(200) % 3 - 1
    first = choose(label, number=20, positive_share=0.5, key=7)
    torch.rand(5)
    assert torch.equal(first, choose(label, number=20, positive_share=0.5, key=7))
    assert not torch.equal(first, choose(label, number=20, positive_share=0.5, key=8))


@pytest.mark.parametrize("label", [[], [IGNORE] * 5])
def test_nothing_to_choose_from(label):
    rows = choose(torch.tensor(label, dtype=torch.int64), number=4, positive_share=0.5, key=0)
    assert rows.shape == (0,)
