"""What reads many images: in this process, or on a cluster."""

from polyclinic.runtime.engines.engine import (
    Chunk,
    ChunkRead,
    Engine,
    Job,
    ReaderSource,
    read_chunk,
)
from polyclinic.runtime.engines.local import LocalEngine

__all__ = ["Chunk", "ChunkRead", "Engine", "Job", "LocalEngine", "ReaderSource", "read_chunk"]
