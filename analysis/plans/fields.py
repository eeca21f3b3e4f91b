"""Reading one field of a plan's document: what is missing, of the wrong kind or out of range is a PlanError."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.utils.functional import _StrPromise


class PlanError(Exception):
    """A document that is no plan, or none for this study. `where` is a path in it, such as `hypotheses[0].outcome`."""

    def __init__(self, code: str, where: str, advice: str | _StrPromise) -> None:
        super().__init__(code)
        self.code = code
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.advice} [{self.code}{f': {self.where}' if self.where else ''}]"


def read_object(document: object, where: str, kind: type[Any]) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise PlanError("not_a_plan", where, _("A plan's part is missing here: an object with named fields."))
    known = {field.name for field in fields(kind)}
    for name in document:
        if name not in known:
            text = _("The field “%(name)s” is not known. Known are: %(known)s.")
            found = {"name": str(name)[:60], "known": ", ".join(sorted(known))}
            raise PlanError("unknown_field", f"{where}.{name}".strip("."), text % found)
    return document


def read_list(document: object, where: str) -> list[Any]:
    if not isinstance(document, list):
        raise PlanError("wrong_type", where, _("A list is needed here."))
    return document


def _path(where: str, name: str) -> str:
    return f"{where}.{name}".strip(".")


def read_text_field(given: Mapping[str, Any], name: str, where: str, *, most: int, default: str | None = None) -> str:
    value = given.get(name, default)
    if value is None:
        raise PlanError("missing_field", _path(where, name), _("This field is needed: “%(name)s”.") % {"name": name})
    if not isinstance(value, str) or "\0" in value:
        raise PlanError("wrong_type", _path(where, name), _("Text is needed here."))
    if len(value) > most or (default is None and not value.strip()):
        text = _("Write from 1 to %(most)d characters here.") % {"most": most}
        raise PlanError("out_of_range", _path(where, name), text)
    return value.strip()


def read_choice(given: Mapping[str, Any], name: str, where: str, known: Collection[Any], *, default: Any = None) -> Any:
    value = given.get(name, default)
    if value not in known:
        text = _("“%(name)s” is not known here. Known are: %(known)s.")
        found = {"name": str(value)[:60], "known": ", ".join(map(str, known))}
        raise PlanError("unknown_choice", _path(where, name), text % found)
    return value


def is_number(value: object) -> bool:
    """A real number that a double holds: JSON knows longer ones."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def read_number(given: Mapping[str, Any], name: str, where: str, *, default: float, low: float, high: float) -> float:
    value = given.get(name, default)
    if not is_number(value):
        raise PlanError("wrong_type", _path(where, name), _("A number is needed here."))
    _require(low <= value <= high, name, where, low, high)
    return float(value)


def read_whole(given: Mapping[str, Any], name: str, where: str, *, default: int, low: int, high: int) -> int:
    value = given.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PlanError("wrong_type", _path(where, name), _("A whole number is needed here."))
    _require(low <= value <= high, name, where, low, high)
    return value


def _require(holds: bool, name: str, where: str, low: float, high: float) -> None:
    if not holds:
        text = _("A number from %(low)g to %(high)g is needed here.") % {"low": low, "high": high}
        raise PlanError("out_of_range", _path(where, name), text)


def read_bound(given: Mapping[str, Any], name: str, where: str) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if not is_number(value):
        raise PlanError("wrong_type", _path(where, name), _("A number is needed here."))
    return float(value)
