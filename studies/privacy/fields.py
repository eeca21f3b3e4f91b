"""Which columns about a student there are, and what each may be used for: one decision for exports, archives, erasure.

Every model that leads to a participant is found by itself, so that a new table is in the student's archive, in the
study's export, and goes at an erasure, without anybody thinking of it. What can be told from a column's type is told;
text is the exception: text that nobody declared as values counts as free text, which may name somebody. It is in no
export, and is blanked by an erasure. A part declares its own columns once, in its app's `ready()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from django.apps import apps
from django.db import models

from studies.models import Arm, Participant, User

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Use = Literal["value", "day", "moment", "free", "person", "arm", "link", "file", "key"]
DEPTH = 4
NOT_ABOUT = {
    *("studies.ParticipantKey", "studies.Job", "studies.ErasureRequest", "studies.ConsentStatus"),
    *("coaching.PendingUpload",),
}
"""Machinery: keys, files in the making, requests; what is in force is told from the records of consent."""


@dataclass(frozen=True, slots=True)
class About:
    """What a part says of one of its models. `title` is for the student; `values` are text columns that name nobody.

    `files` hold storage names. `feedback`: what the AI coach says, withheld from a student whose arm does not get it.
    """

    title: str | _StrPromise
    values: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    feedback: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """`name` as in a table: of a link to another row its number."""

    name: str
    field: models.Field[Any, Any]
    use: Use

    @property
    def attname(self) -> str:
        return self.field.attname


@dataclass(frozen=True, slots=True)
class Table:
    """A model that leads to a participant by `path`; empty for the participants themselves."""

    model: type[models.Model]
    path: str
    about: About
    columns: tuple[Column, ...]

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def name(self) -> str:
        """Of its file: "studies_injury"."""
        return self.model._meta.db_table

    def rows(self, participants: models.QuerySet[Participant]) -> models.QuerySet[Any]:
        lookup = f"{self.path}__in" if self.path else "pk__in"
        return self.model._default_manager.filter(**{lookup: participants}).order_by("pk")


_ABOUT: dict[str, About] = {}


def declare(label: str, about: About) -> None:
    _ABOUT[label] = about
    tables.cache_clear()


@cache
def tables() -> tuple[Table, ...]:
    """Every table about students, the participants first, then nearest first and by name."""
    paths: dict[type[models.Model], str] = {Participant: ""}
    for _step in range(DEPTH):
        for model in sorted(apps.get_models(), key=lambda found: found._meta.label):
            if model in paths or model._meta.label in NOT_ABOUT or model is User:
                continue
            path = _path_of(model, paths)
            if path:
                paths = {**paths, model: path}
    return tuple(_table(model, path) for model, path in paths.items())


def _path_of(model: type[models.Model], paths: dict[type[models.Model], str]) -> str:
    """The shortest way from the model to a participant, by what is known so far; empty when there is none."""
    ways = []
    for field in model._meta.concrete_fields:
        target = field.related_model
        if isinstance(field, models.ForeignKey) and isinstance(target, type) and target in paths and target != model:
            rest = paths[target]
            ways.append(f"{field.name}__{rest}" if rest else field.name)
    return min(ways, key=lambda way: (way.count("__"), way), default="")


def _table(model: type[models.Model], path: str) -> Table:
    about = _ABOUT.get(model._meta.label) or About(str(model._meta.verbose_name_plural).capitalize())
    columns = tuple(Column(field.attname, field, _use(field, about)) for field in model._meta.concrete_fields)
    return Table(model, path, about, columns)


def _use(field: models.Field[Any, Any], about: About) -> Use:
    if field.primary_key and not field.is_relation:
        return "key"
    if isinstance(field, models.ForeignKey):
        return _use_of_link(field)
    if field.name in about.files:
        return "file"
    if isinstance(field, models.DateTimeField):
        return "moment"
    if isinstance(field, models.DateField):
        return "day"
    text = isinstance(field, models.CharField | models.TextField | models.JSONField | models.BinaryField)
    if not text or field.choices or isinstance(field, models.SlugField):
        return "value"
    return "value" if field.name in about.values else "free"


def _use_of_link(field: models.ForeignKey[Any, Any]) -> Use:
    if field.related_model is User:
        return "person"
    return "arm" if field.related_model is Arm else "link"
