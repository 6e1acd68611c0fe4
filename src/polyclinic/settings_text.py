"""YAML as settings are written: what looks like a number is one, and nothing else is.

YAML 1.1 takes `1e-4` for text, `12:30` for 750 and `010` for 8; here they are a number, text and
text, as in YAML 1.2. `yes` and `no` stay what they are in YAML 1.1, true and false.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

_NUMBERS = {
    "tag:yaml.org,2002:int": re.compile(r"^[-+]?(0|[1-9][0-9_]*)$"),
    "tag:yaml.org,2002:float": re.compile(
        r"""^(?:[-+]?(?:[0-9][0-9_]*)(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)
        |[-+]?[0-9][0-9_]*\.[0-9_]*
        |[-+]?\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?
        |[-+]?\.(?:inf|Inf|INF)
        |\.(?:nan|NaN|NAN))$""",
        re.VERBOSE,
    ),
}
_DATE = "tag:yaml.org,2002:timestamp"
"""No setting is one: what looks so is text."""


class _Loader(yaml.SafeLoader):
    """Refuses keys that stand twice: one of them would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    what = f"the key {key.value!r} stands twice"
                    raise yaml.constructor.ConstructorError(None, None, what, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that `_Loader` would take for something else."""


def _resolve_numbers(kind: Any) -> None:
    kind.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag not in {*_NUMBERS, _DATE}]
        for first, known in kind.yaml_implicit_resolvers.items()
    }
    for tag, pattern in _NUMBERS.items():
        kind.add_implicit_resolver(tag, pattern, list("-+.0123456789"))


_resolve_numbers(_Loader)
_resolve_numbers(_Dumper)


def load_settings(text: str) -> Any:
    """Parse YAML.

    Raises:
        ValueError: it is no YAML, a key stands twice, or it is nested too deeply; says where.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = "" if mark is None else f", line {mark.line + 1}, column {mark.column + 1}"
        raise ValueError(f"{error.problem or error.context}{place}") from None
    except yaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dump_settings(values: Any) -> str:
    """Plain values as YAML that `load_settings` reads the same."""
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
