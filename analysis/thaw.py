"""A stored document back into the dataclasses that it was made of. What does not fit raises: it is read whole."""

from __future__ import annotations

import dataclasses
import functools
import sys
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import analysis.stats
from analysis import datasets, paper, results
from analysis.plans import document as plan_document
from analysis.plans import findings, gaps, people, planned
from analysis.provenance import Provenance
from analysis.stats import check

T = TypeVar("T")


class Unreadable(ValueError):
    """A stored document that does not fit its dataclasses: made by another version, or changed."""


def thaw(kind: type[T], document: object, where: str = "") -> T:
    """The value of `kind` (a dataclass) that `document` was made from by `dataclasses.asdict` and JSON."""
    found: T = _value(kind, document, where or kind.__name__)
    return found


def _value(kind: Any, document: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, document, where)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _checked(document in inner, document, where)
    if origin in (Union, types.UnionType):
        return _either(inner, document, where)
    if origin is tuple:
        rows = _checked(isinstance(document, list), document, where)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_value(inner[0], row, f"{where}[{at}]") for at, row in enumerate(rows))
        _checked(len(rows) == len(inner), document, where)
        return tuple(_value(own, row, where) for own, row in zip(inner, rows, strict=True))
    if origin in (Mapping, dict):
        rows = _checked(isinstance(document, dict), document, where)
        return {name: _value(inner[1], row, f"{where}.{name}") for name, row in rows.items()}
    if kind is Any:
        return document
    if kind is float:
        return float(_checked(isinstance(document, int | float) and not isinstance(document, bool), document, where))
    return _checked(isinstance(document, kind), document, where)


def _either(kinds: tuple[Any, ...], document: Any, where: str) -> Any:
    if document is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is type(None):
            continue
        try:
            return _value(kind, document, where)
        except Unreadable:
            continue
    raise Unreadable(where)


def _dataclass(kind: Any, document: Any, where: str) -> Any:
    given = _checked(isinstance(document, dict), document, where)
    hints = _hints(kind)
    if unknown := given.keys() - hints.keys():
        raise Unreadable(f"{where}: {sorted(unknown)}")
    try:
        return kind(**{name: _value(hints[name], value, f"{where}.{name}") for name, value in given.items()})
    except TypeError as error:
        raise Unreadable(f"{where}: {error}") from None


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    """Types by field. The modules name some of them for the type checker only; they are looked up here."""
    names = {name: getattr(analysis.stats, name) for name in analysis.stats.__all__}
    for module in (check, paper, planned, findings, gaps, people, plan_document, results, datasets):
        names |= {name: value for name, value in vars(module).items() if not name.startswith("_")}
    names |= {"Comparison": paper.Comparison, "Provenance": Provenance, "Mapping": Mapping, "Any": Any}
    own = vars(sys.modules[kind.__module__])
    hints = get_type_hints(kind, globalns=own, localns={**names, **own})
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _checked(holds: bool, document: Any, where: str) -> Any:
    if not holds:
        raise Unreadable(where)
    return document
