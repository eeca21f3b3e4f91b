"""Typed reading of environment variables. Pure: takes a mapping, returns a value, or says which variable is wrong."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def env_bool(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    raw = env.get(name, "")
    if raw == "":
        return default
    if raw in {"0", "1"}:
        return raw == "1"
    raise ImproperlyConfigured(f"{name}={raw!r}: use 1 or 0")


def env_int(env: Mapping[str, str], name: str, *, default: int, minimum: int = 1) -> int:
    raw = env.get(name, "")
    if raw == "":
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r}: use a whole number") from None
    if value < minimum:
        raise ImproperlyConfigured(f"{name}={value}: must be at least {minimum}")
    return value


def env_choice(env: Mapping[str, str], name: str, *, default: str, choices: Sequence[str]) -> str:
    value = env.get(name, "") or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r}: use one of {', '.join(choices)}")
    return value


def env_list(env: Mapping[str, str], name: str, *, default: list[str]) -> list[str]:
    raw = env.get(name, "")
    if raw == "":
        return default
    return [part.strip() for part in raw.split(",") if part.strip()]


def secret_key(env: Mapping[str, str], *, key_file: Path, embedded: bool) -> str:
    """Return SECRET_KEY; on the embedded default a missing one is made once and kept in `key_file` (0600).

    Raises ImproperlyConfigured when it is missing on a server installation (`embedded` false).
    """
    if given := env.get("SECRET_KEY", ""):
        return given
    if not embedded:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. With DATABASE_URL or REDIS_URL set this is a server; make a key with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    key_file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with key_file.open("x") as handle:
            key_file.chmod(0o600)
            handle.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return key_file.read_text()
