"""What of an audit is shown: the same filter for the page and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from studies.models import AuditEntry, Participant, User

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models import Study


def actors_of(study: Study, *, named: bool) -> dict[int, str]:
    """Who did something, by the number of the account: by name; a student without `named` by code. Two queries."""
    actors = AuditEntry.objects.filter(study=study).order_by().values("actor").distinct()
    people = User.objects.filter(pk__in=actors).order_by("last_name", "first_name")
    codes = {} if named else dict(Participant.objects.filter(study=study).values_list("user", "code"))
    return {user.pk: codes.get(user.pk) or user.get_full_name() or user.get_username() for user in people}


class AuditFilter(forms.Form):
    """What to show; everything is optional. `named`: students who did something are there by name, else by code."""

    kind = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("All")), *AuditEntry.Kind.choices])
    actor = forms.ChoiceField(label=_("By whom"), required=False)
    subject = forms.CharField(label=_("Student's code"), required=False, max_length=20)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, study: Study, named: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = actors_of(study, named=named)
        names = [(str(pk), name) for pk, name in self.people.items()]
        self.fields["actor"] = forms.ChoiceField(
            label=_("By whom"), required=False, choices=[("", _("Everybody")), *names]
        )

    def applied(self, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        wanted = {
            "kind": "kind",
            "actor": "actor_id",
            "subject": "subject__iexact",
            "since": "at__date__gte",
            "until": "at__date__lte",
        }
        given = self.cleaned_data
        return rows.filter(**{lookup: given[name] for name, lookup in wanted.items() if given.get(name)})
