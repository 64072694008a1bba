"""The command `cloudspot`: a thin skin over the toolkit. Needs the extra `cli`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

NEEDS_EXTRA = 'cloudspot: the command needs more than is installed. Run: pip install "cloudspot-erp-api[cli]"'
CONFIGURATION, INTERRUPTED = 9, 130


def main(args: Sequence[str] | None = None) -> int:
    """Run `cloudspot` with these arguments, else those of the process; the exit code."""
    try:
        return _run(sys.argv[1:] if args is None else args)
    except KeyboardInterrupt:  # while importing, too
        return INTERRUPTED


def _run(args: Sequence[str]) -> int:
    try:
        import click  # noqa: F401 - only to see whether it is there
    except ModuleNotFoundError:
        print(NEEDS_EXTRA, file=sys.stderr)  # noqa: T201 - click, which prints everything else, is what is missing
        return CONFIGURATION
    from .run import run

    return run(args)
