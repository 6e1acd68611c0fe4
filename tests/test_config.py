from pathlib import Path
from typing import Literal

import pytest
import yaml
from pydantic import Field, ValidationError

from polyclinic.config import Config, assignments, merge
from polyclinic.errors import ConfigError
from polyclinic.settings_text import load_settings


class Blur(Config):
    sigma: float = Field(1.0, ge=0)


class Noise(Config):
    amount: float = 0.0
    kind: Literal["grain", "shot"] = "grain"


class View(Config):
    blur: Blur = Blur()
    noise: Noise | None = None
    steps: tuple[Blur, ...] = ()
    named: dict[str, Noise] = Field(default_factory=dict)
    either: Blur | Noise = Blur()


class Run(Config):
    view: View = View()
    seed: int = 0


@pytest.mark.parametrize(
    ("values", "key", "nearest"),
    [
        ({"sed": 1}, "sed", "'seed'"),
        ({"view": {"blurr": {}}}, "view.blurr", "'blur'"),
        ({"view": {"blur": {"sgima": 1}}}, "view.blur.sgima", "'sigma'"),
        ({"view": {"noise": {"amont": 1}}}, "view.noise.amont", "'amount'"),
        ({"view": {"steps": [{}, {"sigm": 1}]}}, "view.steps.1.sigm", "'sigma'"),
        ({"view": {"named": {"a": {"knd": "shot"}}}}, "view.named.a.knd", "'kind'"),
        ({"view": {"either": {"amoun": 1}}}, "view.either", "'amount'"),
    ],
)
def test_unknown_keys_name_the_nearest_at_any_depth(values, key, nearest):
    with pytest.raises(ConfigError) as caught:
        Run.parse(values, where="run.yaml")
    message = str(caught.value)
    assert message.startswith("run.yaml: unknown key")
    assert repr(key)[:-1] in message
    assert f"did you mean {nearest}" in message


def test_nothing_near_lists_what_is_known():
    with pytest.raises(ConfigError, match="known: seed, view"):
        Run.parse({"xyzzy": 1})


def test_every_fault_is_named_with_its_full_key():
    with pytest.raises(ConfigError) as caught:
        Run.parse({"seed": "many", "view": {"blur": {"sigma": -1}}})
    assert "seed = 'many'" in str(caught.value)
    assert "view.blur.sigma = -1" in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), ".nan", "x" * 500, None, [], {}])
def test_values_that_are_no_numbers_are_refused_shortly(value):
    with pytest.raises(ConfigError) as caught:
        Blur.parse({"sigma": value})
    assert "sigma" in str(caught.value)
    assert len(str(caught.value)) < 250


def test_settings_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Run().seed = 2  # type: ignore[misc]


def test_defaults_are_checked_too():
    class Wrong(Config):
        sigma: float = Field(-1.0, ge=0)

    with pytest.raises(ConfigError, match="sigma"):
        Wrong.parse({})


def test_yaml_is_complete_and_comes_back():
    run = Run.parse({"view": {"noise": {"kind": "shot"}, "steps": [{"sigma": 2}]}})
    assert Run.parse(yaml.safe_load(run.to_yaml())) == run
    assert yaml.safe_load(Run().to_yaml())["view"]["blur"] == {"sigma": 1.0}


def test_merge_lays_over_without_touching_either():
    base = {"a": {"b": 1, "c": 2}, "d": [1, 2]}
    over = {"a": {"b": 3}, "d": [9], "e": 4}
    assert merge(base, over) == {"a": {"b": 3, "c": 2}, "d": [9], "e": 4}
    assert base == {"a": {"b": 1, "c": 2}, "d": [1, 2]}
    assert over == {"a": {"b": 3}, "d": [9], "e": 4}


def test_merge_replaces_a_value_by_a_mapping_and_back():
    assert merge({"a": 1}, {"a": {"b": 2}}) == {"a": {"b": 2}}
    assert merge({"a": {"b": 2}}, {"a": None}) == {"a": None}


def test_assignments_nest_and_read_yaml():
    pairs = ["a.b=1", "a.c=[1, 2]", "d=true", "e=", "f=x=y", "a.b=2", "g=1.5"]
    assert assignments(pairs) == {
        "a": {"b": 2, "c": [1, 2]},
        "d": True,
        "e": None,
        "f": "x=y",
        "g": 1.5,
    }


def test_numbers_may_be_written_as_people_do():
    assert Blur.parse(assignments(["sigma=1e-3"])).sigma == 1e-3


@pytest.mark.parametrize("pair", ["a", "=1", " =1", "a=[1", "a={"])
def test_what_is_no_assignment_is_refused(pair):
    with pytest.raises(ConfigError, match=r"^--set"):
        assignments([pair])


class Typed(Config):
    count: int = 1
    share: float = 0.5
    on: bool = False
    word: str = "a"
    shares: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    pair: tuple[int, int] | Literal["auto"] | Path = "auto"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("count=yes", "count = true: expected a whole number"),
        ("count=1e3", "count = 1000.0: expected a whole number"),
        ("count=1.0", "count = 1.0: expected a whole number"),
        ("count='5'", "count = '5': expected a whole number"),
        ("count=12:30", "count = '12:30': expected a whole number"),
        ("count=010", "count = '010': expected a whole number"),
        ("count=2024-01-01", "count = '2024-01-01': expected a whole number"),
        ("share=no", "share = false: expected a number"),
        ("share=nan", "share = 'nan': expected a number"),
        ("share='inf'", "share = 'inf': expected a number"),
        ("share=.nan", "share = nan"),
        ("on=1", "on = 1: expected true or false"),
        ("on='yes'", "on = 'yes': expected true or false"),
        ("word=no", "word = false: expected text"),
        ("word=5", "word = 5: expected text"),
        ("shares=0.5", "shares = 0.5: expected a list [a number, ...]"),
        ("shares=0.5,yes", "shares.1 = true: expected a number"),
        ("pair=1,2,3", "pair = [1, 2, 3]: expected a list [a whole number, a whole number] or "),
    ],
)
def test_values_are_of_the_type_of_their_key(given: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Typed.parse(assignments([given]))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("given", "key", "value"),
    [
        ("share=1e-4", "share", 1e-4),
        ("share=1", "share", 1.0),
        ("on=yes", "on", True),
        ("shares=0.7,0.15, .15", "shares", (0.7, 0.15, 0.15)),
        ("shares=(0.7,1)", "shares", (0.7, 1.0)),
        ("words=a,b c", "words", ("a", "b c")),
        ("pair=1,2", "pair", (1, 2)),
        ("pair=a,b.json", "pair", Path("a,b.json")),
        ("word=a,b", "word", "a,b"),
        ("word=12:30", "word", "12:30"),
    ],
)
def test_lists_and_numbers_may_be_written_as_people_do(given: str, key: str, value: object) -> None:
    assert getattr(Typed.parse(assignments([given])), key) == value


@pytest.mark.parametrize("word", ["1e-4", "12:30", "010", "yes", "5", ".nan", "2024-01-01", "a: b"])
def test_settings_come_back_from_their_file(word: str) -> None:
    config = Typed(word=word, words=(word,), share=1e-7)
    assert Typed.parse(load_settings(config.to_yaml())) == config


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'steps' stands twice, line 3"):
        load_settings("train:\n  steps: 1\n  steps: 2\n")
