"""The one plane transform that moves everything a sample holds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError


@dataclass(frozen=True, eq=False)
class Homography:
    """A map from source to target pixels, both with centres at integers.

    `second @ first` applies `first`, then `second`.

    Args:
        matrix: (3, 3), acting on (x, y, 1) columns.
    """

    matrix: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Check the shape and that the map can be undone."""
        matrix: NDArray[np.float64] = np.asarray(self.matrix, np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
            raise DataError(f"homography of shape {matrix.shape}", expected="3 x 3 finite numbers")
        if abs(np.linalg.det(matrix)) < 1e-12:
            raise DataError("homography can't be inverted", expected="a non-zero determinant")
        object.__setattr__(self, "matrix", matrix / matrix[2, 2])

    @classmethod
    def identity(cls) -> Homography:
        """Nothing moves."""
        return cls(np.eye(3))

    @classmethod
    def translation(cls, dx: float, dy: float) -> Homography:
        """Move right by dx and down by dy pixels."""
        return cls(np.array([[1, 0, dx], [0, 1, dy], [0, 0, 1.0]]))

    @classmethod
    def resize(cls, size: tuple[int, int], target: tuple[int, int]) -> Homography:
        """Stretch a (height, width) frame onto another, edge to edge.

        Edges lie half a pixel outside the outer centres, so x -> (x + 0.5) s - 0.5.
        """
        sy, sx = target[0] / size[0], target[1] / size[1]
        return cls(np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]]))

    @classmethod
    def mirror(cls, width: int) -> Homography:
        """Left becomes right in a frame of `width` columns: x -> width - 1 - x."""
        return cls(np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1.0]]))

    @classmethod
    def upend(cls, height: int) -> Homography:
        """Up becomes down in a frame of `height` rows."""
        return cls(np.array([[1, 0, 0], [0, -1, height - 1], [0, 0, 1.0]]))

    @classmethod
    def quarter_turns(cls, turns: int, size: tuple[int, int]) -> Homography:
        """Turn a (height, width) frame anticlockwise by 90 degrees, as numpy.rot90 does."""
        turn, (height, width) = cls.identity(), size
        for _ in range(turns % 4):
            turn = cls(np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1.0]])) @ turn
            height, width = width, height
        return turn

    @classmethod
    def about(
        cls,
        centre: tuple[float, float],
        *,
        degrees: float = 0.0,
        scale: float = 1.0,
        shear: float = 0.0,
        shift: tuple[float, float] = (0.0, 0.0),
    ) -> Homography:
        """Scale, shear along x and turn clockwise (as seen, y down) about a point, then shift."""
        radians = math.radians(degrees)
        cos, sin = math.cos(radians), math.sin(radians)
        turn = np.array([[cos, -sin], [sin, cos]]) @ np.array([[scale, scale * shear], [0, scale]])
        matrix: NDArray[np.float64] = np.eye(3)
        matrix[:2, :2] = turn
        matrix[:2, 2] = np.array(centre) + np.array(shift) - turn @ np.array(centre)
        return cls(matrix)

    def __matmul__(self, first: Homography) -> Homography:
        """Apply `first`, then this one."""
        return Homography(self.matrix @ first.matrix)

    def inverse(self) -> Homography:
        """The map back."""
        matrix: NDArray[np.float64] = np.linalg.inv(self.matrix).astype(np.float64)
        return Homography(matrix)

    @property
    def reflects(self) -> bool:
        """Whether left and right change places."""
        return bool(np.linalg.det(self.matrix) < 0)

    def points(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Move (..., 2) points."""
        xy = np.asarray(xy, float)
        moved = xy @ self.matrix[:, :2].T + self.matrix[:, 2]
        return moved[..., :2] / moved[..., 2:]

    def boxes(self, xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Move (N, 4) boxes: the upright hull of the four moved corners."""
        xyxy = np.asarray(xyxy, float).reshape(-1, 4)
        corners = self.points(xyxy[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2))
        return np.concatenate([corners.min(1), corners.max(1)], axis=1)

    def jacobian_at(self, point: tuple[float, float]) -> NDArray[np.float64]:
        """(2, 2) derivative of the target position by the source position near a point."""
        x, y, weight = self.matrix @ np.array([*point, 1.0])
        moved = np.array([x, y]) / weight
        jacobian: NDArray[np.float64] = (
            self.matrix[:2, :2] - np.outer(moved, self.matrix[2, :2])
        ) / weight
        return jacobian

    def scale_at(self, point: tuple[float, float]) -> float:
        """Target pixels per source pixel near a point (square root of the area ratio)."""
        return math.sqrt(abs(np.linalg.det(self.jacobian_at(point))))
