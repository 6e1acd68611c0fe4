"""Settings: frozen, nested, each owned by the part that it configures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from polyclinic.errors import ConfigError, nearest


class Config(BaseModel):
    """Base of all settings. Unknown keys are errors that name the nearest known key."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

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
        return f"{key or 'value'} = {error.get('input')!r}: {error['msg']}"

    def to_yaml(self) -> str:
        """The fully resolved settings."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _fields_at(model: type[BaseModel], path: Sequence[str | int]) -> Mapping[str, FieldInfo]:
    """Field names of the model that a dotted path leads to."""
    for part in path:
        field = model.model_fields.get(str(part))
        kind = field.annotation if field else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            continue
        model = kind
    return model.model_fields


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
