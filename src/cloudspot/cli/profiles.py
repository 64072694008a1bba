"""Profiles: which ERP a kept token is for. The tokens themselves are in the system's keyring, never in a file."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloudspot.errors import ConfigurationError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "cloudspot"
"""What the tokens are filed under in the keyring; the user name there is the profile's name."""
DEFAULT = "default"
SAFE_PRIORITY = 1
"""Keyring gives its backends a priority; those below this keep secrets in a plain file, or nowhere."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEADER = "# Written by `cloudspot login`. The tokens are in the system's keyring.\n"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a kept token besides the token."""

    base_url: str


def config_file() -> Path:
    """Where the profiles are written down: CLOUDSPOT_CONFIG_DIR, else where the system keeps such things."""
    if directory := os.environ.get("CLOUDSPOT_CONFIG_DIR"):
        return Path(directory) / "config.toml"
    from platformdirs import user_config_dir

    return Path(user_config_dir("cloudspot", appauthor=False)) / "config.toml"


def load_profiles() -> dict[str, Profile]:
    """The profiles, by name.

    Raises:
        ConfigurationError: the file can't be read.
    """
    path = config_file()
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: Profile(base_url=str(each["base_url"])) for name, each in written.get("profiles", {}).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"The profiles in {path} can't be read: {error}.", hint="Mend the file, or remove it and log in again."
        ) from None


def save_profiles(profiles: Mapping[str, Profile]) -> None:
    """Write the profiles down."""
    from .destinations import replaced

    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as file:
        file.write(_as_toml(profiles).encode())


def _as_toml(profiles: Mapping[str, Profile]) -> str:
    """Names are bare keys; and JSON's text, with DEL escaped too, is a basic string of TOML."""
    tables = (
        f"\n[profiles.{checked_name(name)}]\nbase_url = {json.dumps(profile.base_url, ensure_ascii=False)}\n".replace(
            "\x7f", "\\u007f"
        )
        for name, profile in sorted(profiles.items())
    )
    return _HEADER + "".join(tables)


def checked_name(name: str) -> str:
    """A profile's name, refused where it could be anything but a name."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name!r} is no name for a profile.", hint="Use letters, digits, - and _.")
    return name


def keyring_backend() -> KeyringBackend | None:
    """The system's keyring; None where there is none that keeps a secret."""
    import keyring

    backend = keyring.get_keyring()
    first = next(iter(getattr(backend, "backends", ())), backend)
    return backend if float(first.priority) >= SAFE_PRIORITY else None


def stored_token(profile: str) -> str | None:
    """The token that is kept for a profile; None where none is.

    Raises:
        ConfigurationError: there is a keyring, but it doesn't let us in.
    """
    from keyring.errors import KeyringError

    backend = keyring_backend()
    if backend is None:
        return None
    try:
        return backend.get_password(SERVICE, profile)
    except KeyringError as error:
        raise _locked(error) from None


def store_token(profile: str, token: str) -> None:
    """Keep a token for a profile.

    Raises:
        ConfigurationError: there is no keyring that would keep it secret.
    """
    from keyring.errors import KeyringError

    backend = keyring_backend()
    if backend is None:
        raise no_keyring()
    try:
        backend.set_password(SERVICE, profile, token)
    except KeyringError as error:
        raise _locked(error) from None


def forget_token(profile: str) -> bool:
    """Take a profile's token out of the keyring; whether there was one."""
    from keyring.errors import KeyringError, PasswordDeleteError

    backend = keyring_backend()
    if backend is None:
        return False
    try:
        backend.delete_password(SERVICE, profile)
    except PasswordDeleteError:
        return False
    except KeyringError as error:
        raise _locked(error) from None
    return True


def no_keyring() -> ConfigurationError:
    """What is said where there is no keyring."""
    return ConfigurationError(
        "This system has no keyring that keeps a secret, and a token is never written to a plain file.",
        hint="Set CLOUDSPOT_TOKEN, or give the token with --token-file.",
    )


def _locked(error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"The system's keyring does not let us in: {str(error) or type(error).__name__}.",
        hint="Unlock it, or set CLOUDSPOT_TOKEN.",
    )
