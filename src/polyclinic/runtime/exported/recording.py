"""What graphs are run with while images are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.runtime.exported.opening import Open
from polyclinic.runtime.predictors.session import Arrays, Session


class Recording:
    """Keeps what sessions are given, by the name of their graph.

    Args:
        session: opens them.
        most: runs a graph that are kept; later ones are not.
    """

    def __init__(self, session: Open, most: int) -> None:
        self.session, self.most = session, most
        self.feeds: dict[str, list[Mapping[str, NDArray[Any]]]] = defaultdict(list)

    def __call__(self, name: str, whole: bool, exact: Sequence[str]) -> Session:
        """Open a graph and listen."""
        return _Listening(self, name, self.session(name, whole, exact))


class _Listening:
    def __init__(self, recording: Recording, name: str, session: Session) -> None:
        self.kept, self.most = recording.feeds[name], recording.most
        self.session = session

    def run(self, feeds: Arrays) -> dict[str, NDArray[Any]]:
        if len(self.kept) < self.most:
            self.kept.append({name: np.array(value) for name, value in feeds.items()})
        return self.session.run(feeds)
