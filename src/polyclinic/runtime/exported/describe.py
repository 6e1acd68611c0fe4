"""What `reader.json` says of a reader, and the way back, for every kind of reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from polyclinic.data import Facts
from polyclinic.data.augment import FrameConfig
from polyclinic.data.grey import grey_from_json
from polyclinic.decoding import Decoder
from polyclinic.errors import RunError
from polyclinic.measure.measurer import Measurer
from polyclinic.runtime.calibration import Calibration
from polyclinic.runtime.ensemble import Ensemble
from polyclinic.runtime.predictors.predictor import Predictor
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import Reads
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.knee.films import FilmConfig
from polyclinic.systems.knee.reader import FilmReader

Values = Mapping[str, Any]
Keep = Callable[[Reader, str], dict[str, Any]]
"""Exports the network of a reader under a prefix, and says what was written."""
OpenNetwork = Callable[[Values], Predictor]
"""From what was said to what runs it."""


def describe(reader: Reads, keep: Keep, prefix: str = "") -> dict[str, Any]:
    """A reader as plain values; its networks are handed to `keep`.

    Raises:
        RunError: it is of a kind that can't be exported.
    """
    values = _describe_kind(reader, keep, prefix)
    calibration = reader.calibration
    return values | {"calibration": None if calibration is None else calibration.to_json()}


def make(values: Values, open_network: OpenNetwork) -> Reads:
    """The way back of `describe`.

    Raises:
        RunError: a part is missing or not known here.
    """
    makers = {"network": _network, "films": _films, "ensemble": _ensemble}
    if values.get("kind") not in makers:
        raise RunError(
            f"reader.json tells of a {values.get('kind')!r}",
            expected=f"one of {', '.join(makers)}",
            hint="read it with the version of polyclinic that exported it",
        )
    try:
        reader: Reads = makers[values["kind"]](values, open_network)
        calibration = values["calibration"]
    except KeyError as error:
        raise RunError(f"reader.json lacks {error}", hint="export again") from None
    reader.calibration = None if calibration is None else Calibration.from_json(calibration)
    return reader


def _describe_kind(reader: Reads, keep: Keep, prefix: str) -> dict[str, Any]:
    if isinstance(reader, Ensemble):
        members = [
            describe(one, keep, f"{prefix}{number}-") for number, one in enumerate(reader.members)
        ]
        return {
            "kind": "ensemble",
            "accept": reader.accept,
            "measurer": reader.measurer.to_json(),
            "members": members,
        }
    if isinstance(reader, FilmReader):
        return {
            "kind": "films",
            "film": reader.film.model_dump(mode="json"),
            "facts": reader.facts.to_json(),
            "locate": describe(reader.locate, keep, f"{prefix}locate-"),
            "place": describe(reader.place, keep, f"{prefix}place-"),
            **_shared(reader),
            "accept": reader.reports_from,
        }
    if isinstance(reader, Reader):
        schema = reader.landmark_schema
        return {
            "kind": "network",
            "network": keep(reader, prefix),
            "frame": reader.frame.model_dump(mode="json"),
            "classes": list(reader.classes),
            "landmark_schema": None if schema is None else asdict(schema),
            "decoders": {name: one.to_json() for name, one in reader.decoders.items()},
            **_shared(reader),
        }
    raise RunError(
        f"a {type(reader).__name__} can't be exported",
        expected="a reader of one network, of films, or of folds",
    )


def _shared(reader: Reads) -> dict[str, Any]:
    return {
        "measurer": reader.measurer.to_json(),
        "provenance": dict(reader.provenance),
        "accept": reader.accept,
        "grey": reader.grey.to_json(),
    }


def _network(values: Values, open_network: OpenNetwork) -> Reader:
    schema = values["landmark_schema"]
    return Reader(
        open_network(values["network"]),
        decoders={name: Decoder.from_json(one) for name, one in values["decoders"].items()},
        frame=FrameConfig.parse(values["frame"]),
        classes=tuple(values["classes"]),
        landmark_schema=None if schema is None else LandmarkSchema.from_json(schema),
        measurer=Measurer.from_json(values["measurer"]),
        provenance=values["provenance"],
        accept=values["accept"],
        grey=grey_from_json(values.get("grey")),
    )


def _films(values: Values, open_network: OpenNetwork) -> FilmReader:
    reader = FilmReader(
        _network(values["locate"], open_network),
        _network(values["place"], open_network),
        film=FilmConfig.parse(values["film"]),
        facts=Facts.from_json(values["facts"]),
        measurer=Measurer.from_json(values["measurer"]),
        provenance=values["provenance"],
        accept=values["accept"],
    )
    reader.grey = grey_from_json(values.get("grey"))
    return reader


def _ensemble(values: Values, open_network: OpenNetwork) -> Ensemble:
    members = [make(one, open_network) for one in values["members"]]
    ensemble = Ensemble(members, accept=values["accept"])
    ensemble.measurer = Measurer.from_json(values["measurer"])  # its members measure nothing
    return ensemble
