"""What `manage.py doctor` asks of the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from studies import append_only

if TYPE_CHECKING:
    from config.operations.doctor import Answer


def audit() -> Answer:
    gone = append_only.missing(connection)
    if gone:
        return "ill", f"triggers missing: {', '.join(gone)}", "Find out who removed them; see docs/audit.md."
    return "well", "the audit can only grow", ""
