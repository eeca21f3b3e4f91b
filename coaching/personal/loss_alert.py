"""From which loss of bar speed the coach says so. One row a change; the newest counts.

Callers have authorised the person through `studies.access`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from coaching.codes import LOSS_ALERT
from coaching.models.bar import LOSS_ALERTS, LossAlertChoice
from studies.models import Study

if TYPE_CHECKING:
    from coaching.codes import Advice
    from studies.models import Participant, User


class LossAlertRefused(Exception):
    """The choice can't be kept. `code` is in `coaching.codes.LOSS_ALERT`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def advice(self) -> Advice:
        return LOSS_ALERT[self.code]


def loss_alert_of(study: Study) -> int | None:
    """Percent for the class; 0 for never, None until somebody chooses."""
    newest = study.loss_alert_choices.filter(participant=None).first()
    return newest.percent if newest else None


def loss_alert_for(participant: Participant) -> int | None:
    """The student's own where an instructor gave one, else the study's."""
    own = participant.loss_alert_choices.first()
    return own.percent if own and own.percent is not None else loss_alert_of(participant.study)


def loss_alert_in_set(participant: Participant, own: int | None) -> int | None:
    """What holds for a set: the lifter's own choice before the instructor's."""
    return loss_alert_for(participant) if own is None else own


@transaction.atomic
def choose_loss_alert(
    *, study: Study, by: User, percent: int | None, participant: Participant | None = None
) -> LossAlertChoice | None:
    """Keep a choice as a new row; None when it is what counts already. Raises LossAlertRefused.

    With `participant` it is that student's own, and None gives them the study's again.
    """
    Study.objects.select_for_update().get(pk=study.pk)  # one writer at a time: the newest row is the last choice
    if percent not in (0, *LOSS_ALERTS) and not (participant is not None and percent is None):
        raise LossAlertRefused("unknown_percent")
    if participant is not None and participant.study_id != study.pk:
        raise LossAlertRefused("not_in_this_study")
    newest = study.loss_alert_choices.filter(participant=participant).first()
    if (newest.percent if newest else None) == percent:
        return None
    return LossAlertChoice.objects.create(study=study, participant=participant, percent=percent, chosen_by=by)
