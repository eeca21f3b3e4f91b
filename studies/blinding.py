"""The groups under the letters that blinded roles see: Group A, Group B, ..., dealt at random for each study.

The letters come from a secret of the study's own (`Study.blinding_seed`), which no page, API, file or log shows. So
they are the same everywhere and for good, follow neither the order nor the names of the groups, and can't be worked out
from anything that is published.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from studies.models import Arm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studies.models import Study

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class ShownArm:
    """A group as one reader may see it.

    Under a letter the key is "group-a", `position` the letter's, and `gives_ai_feedback` None: not told.
    """

    pk: int
    key: str
    name: str
    position: int
    gives_ai_feedback: bool | None

    @property
    def is_lettered(self) -> bool:
        return self.gives_ai_feedback is None


def open_arms(study: Study) -> list[ShownArm]:
    """The groups as they are, in the order of the study."""
    return [
        ShownArm(arm.pk, arm.key, arm.name, position, arm.gives_ai_feedback)
        for position, arm in enumerate(Arm.objects.filter(study=study))
    ]


def lettered_arms(study: Study) -> list[ShownArm]:
    """The groups under their letters, in the order of the letters."""
    dealt = sorted(Arm.objects.filter(study=study), key=lambda arm: _place(study, arm))
    return [
        ShownArm(
            arm.pk, f"group-{_letter(place).lower()}", _("Group %(letter)s") % {"letter": _letter(place)}, place, None
        )
        for place, arm in enumerate(dealt)
    ]


def by_real_key(study: Study, shown: Iterable[ShownArm]) -> dict[str, ShownArm]:
    """What stands for each key that stored lists and designs name. For the server: the keys themselves go nowhere."""
    of = {arm.pk: arm for arm in shown}
    return {key: of[pk] for pk, key in Arm.objects.filter(study=study).values_list("pk", "key")}


def letters_of(study: Study) -> dict[str, str]:
    """A group's key -> its letter's key, in the order of the letters. For the server, as `by_real_key`."""
    found = by_real_key(study, lettered_arms(study))
    return {key: found[key].key for key in sorted(found, key=lambda key: found[key].position)}


def _place(study: Study, arm: Arm) -> bytes:
    return hmac.digest(study.blinding_seed.encode(), f"arm {arm.pk}".encode(), hashlib.sha256)


def _letter(place: int) -> str:
    """A to Z, then A2, B2, ...: no study has so many groups, and none may fail for it."""
    round_, place = divmod(place, len(LETTERS))
    return LETTERS[place] + (str(round_ + 1) if round_ else "")
