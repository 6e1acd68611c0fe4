"""`polyclinic check`: audit a data set before anything trains on it."""

from __future__ import annotations
