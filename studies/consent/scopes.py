"""What a student can agree to, purpose by purpose, and what saying yes, no or no longer does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrPromise

RESEARCH = "research"
VIDEO_KEPT = "video_kept"
FACE_VISIBLE = "face_visible"
TRAINING = "training"
POSE_SHARED = "pose_shared"
TEACHING = "teaching"


@dataclass(frozen=True, slots=True)
class Scope:
    """`asks` is the sentence to tick, `without` what happens when it is not ticked, or taken back."""

    key: str
    name: str | _StrPromise
    asks: str | _StrPromise
    without: str | _StrPromise


SCOPES: dict[str, Scope] = {
    scope.key: scope
    for scope in (
        Scope(
            RESEARCH,
            _("Take part in the study"),
            _("I take part: my films are analysed, and my training, injuries and results are used in the study."),
            _(
                "No film is taken, your films and pictures are deleted, and none of your values is in any analysis or "
                "export from then on."
            ),
        ),
        Scope(
            VIDEO_KEPT,
            _("Keep my films"),
            _("My films may be kept until the day that the study names."),
            _("Films and pictures are deleted once they are analysed; the measurements stay."),
        ),
        Scope(
            FACE_VISIBLE,
            _("Staff may see me in the film"),
            _("My instructor may watch my films, on which I can be recognised."),
            _("Nobody but you can open your films and pictures; staff see the measurements."),
        ),
        Scope(
            TRAINING,
            _("Improve the coach"),
            _("My repetitions may be used to train the AI coach."),
            _("Your repetitions are in no training data from then on. A coach trained before stays as it is."),
        ),
        Scope(
            POSE_SHARED,
            _("Share pose data"),
            _("The lines of my joints, without picture and name, may be given to other researchers."),
            _("Your pose data are in no release from then on. What was given away before can't be called back."),
        ),
        Scope(
            TEACHING,
            _("Show in teaching"),
            _("Parts of my films may be shown in other lessons."),
            _("Your films are not marked for lessons any more."),
        ),
    )
}


def known(keys: Iterable[str]) -> list[str]:
    """The keys in the order of the page, each once; unknown ones left out."""
    wanted = set(keys)
    return [key for key in SCOPES if key in wanted]


def scopes_of(keys: Iterable[str]) -> list[Scope]:
    return [SCOPES[key] for key in known(keys)]
