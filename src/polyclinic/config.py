"""Settings: frozen, nested, each owned by the part that it configures."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from typing import Any, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from polyclinic.errors import ConfigError, nearest


class Config(BaseModel):
    """Base of all settings. Unknown keys are errors that name the nearest known key."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )

    @classmethod
    def parse(cls, values: Mapping[str, Any], *, where: str = "configuration") -> Self:
        """Check a nested mapping.

        Raises:
            ConfigError: a key is unknown or a value does not fit; the message names the full key.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigError(
                "; ".join(cls._explain(dict(e)) for e in error.errors()), where=where
            ) from None

    @classmethod
    def _explain(cls, error: dict[str, Any]) -> str:
        key = ".".join(str(part) for part in error["loc"])
        if error["type"] == "extra_forbidden":
            known = _fields_at(cls, error["loc"][:-1])
            return f"unknown key {key!r}, {nearest(str(error['loc'][-1]), known)}"
        given = reprlib.repr(error.get("input"))
        return f"{key or 'value'} = {given}: {error['msg']}"

    def without_effect(self) -> Mapping[str, str]:
        """Keys (dotted, if nested) that change nothing as the other settings stand, with why."""
        return {}

    def to_yaml(self) -> str:
        """The fully resolved settings."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


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
            value: Any = yaml.safe_load(text)
        except yaml.YAMLError:
            raise ConfigError(f"the value of {pair!r} is not YAML", where="--set") from None
        for part in reversed(key.strip().split(".")):
            value = {part: value}
        values = merge(values, value)
    return values
