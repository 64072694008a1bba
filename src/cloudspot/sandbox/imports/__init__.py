"""Records from files that people have: CSV, Excel, JSON and JSON lines."""

from .loading import Mode, load
from .problems import InvalidImport, Problem
from .rows import FORMATS, Format

__all__ = ["FORMATS", "Format", "InvalidImport", "Mode", "Problem", "load"]
