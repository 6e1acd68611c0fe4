"""Methods against their plain baselines on unseen phantoms, with negative controls."""

# Says how the threads of OpenMP wait, which counts only before torch is imported.
import polyclinic.cli.app  # noqa: F401
