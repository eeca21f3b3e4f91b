"""Refusals of the study's services: expected, typed, with a sentence for the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CLOSED = _("This study is closed: nothing is added to it any more. Its owner can open it again, with a reason.")


class StudyError(Exception):
    """A study rule says no. `code` is for programs, `advice` says what to do instead."""

    def __init__(self, code: str, advice: str | _StrPromise) -> None:
        super().__init__(code)
        self.code = code
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.advice} [{self.code}]"
