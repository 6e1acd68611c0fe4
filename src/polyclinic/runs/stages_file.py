"""What stands in the folder of a staged run: `stages.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from polyclinic.data import Facts
from polyclinic.errors import RunError
from polyclinic.run_format import refuse_newer
from polyclinic.stored import read_json_object, values_of
from polyclinic.training.train import TrainResult


@dataclass(frozen=True, kw_only=True)
class StageState:
    """How far a stage is.

    Args:
        name: of its folder.
        result: None until it is trained.
    """

    name: str
    result: TrainResult | None = None


@dataclass(frozen=True, kw_only=True)
class StagesFile:
    """The stages of a run, and what its reader needs besides their weights.

    Args:
        stages: in the order of training.
        facts: of the whole images.
        provenance: written into every reading.
    """

    NAME: ClassVar[str] = "stages.json"

    stages: tuple[StageState, ...]
    facts: Facts
    provenance: Mapping[str, Any]

    @classmethod
    def begun(cls, facts: Facts, provenance: Mapping[str, Any], names: Sequence[str]) -> Self:
        """Nothing is trained yet."""
        stages = tuple(StageState(name=name) for name in names)
        return cls(stages=stages, facts=facts, provenance=provenance)

    @classmethod
    def of_run(cls, run: Path) -> Self:
        """What a run wrote.

        Raises:
            RunError: it wrote nothing, the file is damaged, or the run is of a newer format.
        """
        refuse_newer(run)
        file = run / cls.NAME
        if not file.exists():
            raise RunError("has no stages yet", where=str(file), hint="train it first")
        document = read_json_object(file)
        with values_of(file):
            results = [(row["name"], row["result"]) for row in document["stages"]]
            return cls(
                stages=tuple(
                    StageState(name=name, result=None if result is None else TrainResult(**result))
                    for name, result in results
                ),
                facts=Facts.from_json(document["facts"]),
                provenance=document["provenance"],
            )

    def taken_up(self, run: Path) -> Self:
        """With the finished stages of an earlier attempt, where there was one."""
        if not (run / self.NAME).is_file():
            return self
        return replace(self, stages=type(self).of_run(run).stages)

    def with_result(self, name: str, result: TrainResult) -> Self:
        """With one more stage trained."""
        stages = tuple(
            replace(stage, result=result) if stage.name == name else stage for stage in self.stages
        )
        return replace(self, stages=stages)

    def result(self, name: str) -> TrainResult | None:
        """How a stage's training ended; None until it has."""
        return next(stage.result for stage in self.stages if stage.name == name)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "stages": [asdict(stage) for stage in self.stages],
            "facts": self.facts.to_json(),
            "provenance": dict(self.provenance),
        }
