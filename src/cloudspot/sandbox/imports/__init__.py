"""Records from files that people have: CSV, Excel, JSON and JSON lines."""

from cloudspot.sandbox.file_formats import FORMATS

from .loading import Mode, load
from .problems import InvalidImport, Problem

__all__ = ["FORMATS", "InvalidImport", "Mode", "Problem", "load"]
