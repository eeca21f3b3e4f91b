"""A stored snapshot back as the report that it was frozen from."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from analysis import datasets, paper, provenance, results, stats
from analysis.results import SCHEMA, Report
from analysis.stats import anova, check, effects, levene, ttest

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = {
    name: value
    for module in (anova, check, effects, levene, ttest, stats, datasets, paper, provenance, results)
    for name, value in vars(module).items()
}


def report_of(snapshot: Mapping[str, Any]) -> Report:
    """The `Report` whose `snapshot()` this is, through JSON or not: equal to the frozen one in every digit.

    Fields that were added since, with a default, get it. Raises ValueError for another schema, a missing field or one
    that no report has: such a snapshot is not drawn as if it were complete.
    """
    if snapshot.get("schema") != SCHEMA:
        raise ValueError(f"this is schema {snapshot.get('schema')!r}; reports of schema {SCHEMA} can be read")
    report: Report = _thaw(Report, snapshot, where="report")
    return report


def _thaw(kind: Any, value: Any, *, where: str) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        if value is None:
            return None
        kind = next(option for option in get_args(kind) if option is not type(None))
    if get_origin(kind) is tuple:
        item, *others = get_args(kind)
        if others == [...]:
            return tuple(_thaw(item, part, where=f"{where}[{i}]") for i, part in enumerate(value))
        return tuple(_thaw(one, part, where=where) for one, part in zip((item, *others), value, strict=True))
    if is_dataclass(kind):
        return _thaw_dataclass(kind, value, where=where)
    return float(value) if kind is float else value


def _thaw_dataclass(kind: Any, value: Mapping[str, Any], *, where: str) -> Any:
    hints = _hints(kind)
    unknown = set(value) - set(hints)
    if unknown:
        raise ValueError(f"{where} has {sorted(unknown)}, which no report of this version has")
    try:
        return kind(**{name: _thaw(hints[name], part, where=f"{where}.{name}") for name, part in value.items()})
    except TypeError as error:
        raise ValueError(f"{where} is incomplete: {error}") from error


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind, localns=_NAMES)
    return {field.name: hints[field.name] for field in fields(kind)}
