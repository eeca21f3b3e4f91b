"""Who works in a study, as its owner reads it, and how an account is found to be named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from studies.access import BLINDED, ROLE_OF, SEES_ARMS
from studies.audit import STAFF_NAMED
from studies.errors import StudyError
from studies.models import AuditEntry, Membership, Participant, User

if TYPE_CHECKING:
    from studies.models import Study


@dataclass(frozen=True, slots=True)
class Member:
    """One person. `knew_groups`: in a blinded role now, and in one that knows the groups before."""

    membership: Membership
    knew_groups: bool

    @property
    def is_blinded(self) -> bool:
        return ROLE_OF[self.membership.role] in BLINDED

    @property
    def name(self) -> str:
        return self.membership.user.get_full_name() or self.membership.user.get_username()


def staff_of(study: Study) -> list[Member]:
    """Everybody who works in the study: owners first, then by role and name. Two queries."""
    order = list(Membership.Role)
    rows = list(study.memberships.select_related("user"))
    rows.sort(key=lambda row: (order.index(Membership.Role(row.role)), row.user.get_full_name(), row.user_id))
    knew = _named_to_know(study)
    return [Member(row, ROLE_OF[row.role] in BLINDED and row.user_id in knew) for row in rows]


def _named_to_know(study: Study) -> set[int]:
    """Accounts that the audit says were named to a role that reads the groups' names."""
    entries = AuditEntry.objects.filter(study=study, action=STAFF_NAMED).values_list("payload", flat=True)
    roles = {role for role, ours in ROLE_OF.items() if ours in SEES_ARMS}
    return {payload["user"] for payload in entries if payload.get("role") in roles}


def account_of(text: str) -> User:
    """The account of a user name or an e-mail address, in any case of letters. Errors: no_account, many_accounts."""
    wanted = text.strip()
    exact = User.objects.filter(username=wanted).first()
    if exact is not None:
        return exact
    found = list(User.objects.filter(Q(username__iexact=wanted) | (Q(email__iexact=wanted) & ~Q(email="")))[:2])
    if not found:
        raise StudyError(
            "no_account", _("There is no account with this user name or e-mail. The person needs one first.")
        )
    if len(found) > 1:
        raise StudyError("many_accounts", _("Several accounts have this e-mail. Write the user name."))
    return found[0]


def newcomer(study: Study, text: str) -> User:
    """The account of somebody who is to be named. Errors: no_account, many_accounts, works_already."""
    user = account_of(text)
    if Membership.objects.filter(study=study, user=user).exists():
        raise StudyError("works_already", _("This person works here already: change their role in the list."))
    return user


def sections_in(study: Study) -> list[str]:
    """The sections that the study's students are in."""
    rows = Participant.objects.filter(study=study).exclude(section="")
    return sorted(set(rows.order_by().values_list("section", flat=True).distinct()))


def read_sections(study: Study, text: str) -> list[str]:
    """Sections typed with commas between; one that differs from a student's only in the case of letters is that one."""
    known = {name.casefold(): name for name in sections_in(study)}
    parts = [part.strip() for part in re.split(r"[,;\n]", text)]
    return sorted({known.get(part.casefold(), part) for part in parts if part})
