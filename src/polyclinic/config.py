"""Settings: frozen, nested, each owned by the part that it configures."""

from __future__ import annotations

import json
import reprlib
import types
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from polyclinic.errors import ConfigError, nearest
from polyclinic.settings_text import dump_settings, load_settings

_WORDS: dict[object, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    type(None): "null",
}


class Config(BaseModel):
    """Base of all settings. Unknown keys are errors that name the nearest known key.

    Values are of the type of their key: no text or truth value stands for a number, no number for
    text. A list may be written as its members with commas between them.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )

    @classmethod
    def parse(cls, values: Mapping[str, Any], *, where: str = "configuration") -> Self:
        """Check a nested mapping.

        Raises:
            ConfigError: a key is unknown or a value does not fit; the message names the full key,
                what was given and what is expected.
        """
        try:
            # As JSON, since its strict types are those of files: a list stands for a tuple there.
            text = json.dumps(_with_lists(values, cls), default=_plain, ensure_ascii=False)
            return cls.model_validate_json(text.encode(), strict=True)
        except ValidationError as error:
            raise ConfigError("; ".join(cls._explained(error)), where=where) from None
        except (TypeError, ValueError, RecursionError) as error:
            raise ConfigError(f"holds what is no setting ({error})", where=where) from None

    @classmethod
    def _explained(cls, error: ValidationError) -> list[str]:
        """One sentence a key, also where a key has several types and none of them fits."""
        said: dict[str, str] = {}
        for one in error.errors(include_url=False):
            path, annotation = _known_path(cls, one["loc"])
            key = ".".join(path)
            if one["type"] == "extra_forbidden":
                known = _fields_at(cls, one["loc"][:-1])
                key = ".".join(str(part) for part in one["loc"])
                said[key] = f"unknown key {key!r}, {nearest(str(one['loc'][-1]), known)}"
            elif (key in said and annotation is not None) or (
                one["type"].endswith(("_type", "_parsing")) and annotation is not None
            ):
                said[key] = f"{key} = {_given(one)}: expected {_words(annotation)}"
            else:
                said[key] = f"{key or 'value'} = {_given(one)}: {one['msg']}"
        return list(said.values())

    def without_effect(self) -> Mapping[str, str]:
        """Keys (dotted, if nested) that change nothing as the other settings stand, with why."""
        return {}

    def to_yaml(self) -> str:
        """The fully resolved settings."""
        return dump_settings(self.model_dump(mode="json"))


def _plain(value: object) -> Any:
    """What JSON can hold, of a value that a program gives instead of a file."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value)
    if hasattr(value, "tolist"):  # numbers and arrays of numpy
        return value.tolist()
    raise TypeError(f"{value!r}")


def _given(error: Any) -> str:
    value = error.get("input")
    return json.dumps(value) if isinstance(value, bool) else reprlib.repr(value)


def _known_path(model: type[BaseModel], loc: Sequence[str | int]) -> tuple[list[str], object]:
    """Keys and places in lists that users wrote, without names of alternatives; and the type."""
    path: list[str] = []
    annotation: object = model
    for part in loc:
        models = _models_in(annotation)
        fields = [one.model_fields[str(part)] for one in models if str(part) in one.model_fields]
        if fields:
            annotation = fields[0].annotation
        elif isinstance(part, int) and (inner := _member(annotation, part)) is not None:
            annotation = inner
        else:
            break
        path.append(str(part))
    return path, annotation if path else None


def _member(annotation: object, place: int) -> object:
    """The type of a member of a list; None where no list may stand, or lists of several types."""
    lists = [one for one in _alternatives(annotation) if get_origin(one) in (tuple, list)]
    if len(lists) != 1:
        return None
    kinds = [kind for kind in get_args(lists[0]) if kind is not ...]
    return kinds[min(place, len(kinds) - 1)] if kinds else None


def _alternatives(annotation: object) -> list[object]:
    """The types of which a value must have one."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [inner for one in get_args(annotation) for inner in _alternatives(one)]
    return [annotation]


def _words(annotation: object) -> str:
    """What a value of a type is called."""
    return " or ".join(dict.fromkeys(_word(one) for one in _alternatives(annotation)))


def _word(kind: object) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(map(str, inner))
    if origin in (tuple, list) and inner:
        return f"a list [{', '.join('...' if one is ... else _words(one) for one in inner)}]"
    if kind in _WORDS:
        return _WORDS[kind]
    if isinstance(kind, type) and issubclass(kind, PurePath):
        return "a path"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " or ".join(str(one.value) for one in kind)
    return "key: value lines"


def _with_lists(values: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Settings with texts with commas taken for lists, where a list is meant."""
    found = dict(values)
    for key, field in model.model_fields.items():
        value, inner = found.get(key), _models_in(field.annotation)
        if isinstance(value, str):
            found[key] = _listed(value, field.annotation)
        elif isinstance(value, Mapping) and len(inner) == 1:
            found[key] = _with_lists(value, inner[0])
        elif isinstance(value, list | tuple) and len(inner) == 1:
            found[key] = [
                _with_lists(one, inner[0]) if isinstance(one, Mapping) else one for one in value
            ]
    return found


def _listed(text: str, annotation: object) -> object:
    """The list that a text with commas means; the text itself where none is meant."""
    kinds = _alternatives(annotation)
    if "," not in text or not any(get_origin(one) in (tuple, list) for one in kinds):
        return text
    inside = text.strip()
    if inside[:1] + inside[-1:] in ("()", "[]"):
        inside = inside[1:-1]
    try:
        members = [load_settings(part) for part in inside.removesuffix(",").split(",")]
    except ValueError:
        return text
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in members)
    holds_text = any(one is str or _word(one) == "a path" for one in kinds)
    return members if numbers or not holds_text else text


def refuse_without_effect(config: Config, given: Mapping[str, Any], plain: Config | None) -> None:
    """Make sure that every setting that was given changes something.

    Args:
        config: the settings.
        given: what of them was asked for, nested.
        plain: the settings without it; what is as it would be anyway is no matter. None: unknown.

    Raises:
        ConfigError: a setting changes nothing; the message says because of which other.
    """
    plainly = {} if plain is None else plain.model_dump()
    for key, why in _idle(config).items():
        parts = key.split(".")
        if _at(given, parts) is _ABSENT or _at(config.model_dump(), parts) == _at(plainly, parts):
            continue
        raise ConfigError(
            f"{key} has no effect: {why}",
            expected="settings that change something",
            hint=f"leave {key} out, or change what it depends on",
        )


_ABSENT = object()


def _at(values: object, parts: Sequence[str]) -> object:
    """What a dotted key leads to."""
    for part in parts:
        if not (isinstance(values, Mapping) and part in values):
            return _ABSENT
        values = values[part]
    return values


def _idle(config: Config) -> dict[str, str]:
    """All keys without effect, of settings inside settings too."""
    found = dict(config.without_effect())
    for name in type(config).model_fields:
        inner = getattr(config, name)
        if isinstance(inner, Config):
            found |= {f"{name}.{key}": why for key, why in _idle(inner).items()}
    return found


def _fields_at(model: type[BaseModel], path: Sequence[str | int]) -> set[str]:
    """Field names of the settings that a path leads to, through options, lists and mappings."""
    models = [model]
    for part in path:
        fields = [one.model_fields[str(part)] for one in models if str(part) in one.model_fields]
        # Other parts are places in a list, keys of a mapping or names of alternatives.
        if fields:
            models = [inner for field in fields for inner in _models_in(field.annotation)]
    return {name for one in models for name in one.model_fields}


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """The settings classes inside a type such as `Inner | None` or `dict[str, Inner]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [inner for part in get_args(annotation) for inner in _models_in(part)]


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one nested mapping over another."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = merge(below, value) if both else value  # type: ignore[arg-type]
    return merged


def assignments(pairs: Sequence[str]) -> dict[str, Any]:
    """Turn `a.b=1` texts, as given to `--set`, into a nested mapping; values are YAML.

    Raises:
        ConfigError: a text has no `=` or its value is not YAML.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"{pair!r} is not a setting", expected="key=value", where="--set")
        try:
            value: Any = load_settings(text)
        except ValueError as error:
            raise ConfigError(
                f"the value of {pair!r} is not YAML ({error})", where="--set"
            ) from None
        for part in reversed(key.strip().split(".")):
            value = {part: value}
        values = merge(values, value)
    return values
