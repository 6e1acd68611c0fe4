"""Readers as single files, which are read without torch."""

from polyclinic.runtime.exported.opening import is_exported, open_exported, open_quantised

__all__ = ["is_exported", "open_exported", "open_quantised"]
