"""Frontal radiographs of knees: procedural films with exact truth, written as DICOM.

Outlines of the bones are splines through the landmarks (`shape`, `outline`), so that truth lies on
the drawn edge. One rule holds for all of them: a landmark is on the outline of the bone as it is
drawn; where an osteophyte grows, the outermost landmarks lie at its tip.
"""

from polyclinic.systems.knee.phantoms.cohort import make_cohort
from polyclinic.systems.knee.phantoms.patient import KneePhantomConfig

__all__ = ["KneePhantomConfig", "make_cohort"]
