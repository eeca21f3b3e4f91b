"""Keys with which programs use the API in somebody's name."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import User


class ApiToken(models.Model):
    """One key of one account. Only its hash is kept, so the key itself is shown once. Never deleted: revoked.

    It may do what its scopes name, and never more than the account may do by itself.
    """

    class Scope(models.TextChoices):
        READ_STUDIES = "read:studies", _("Read studies, students and audit")
        WRITE_STUDIES = "write:studies", _("Enrol, assign and log in studies")
        READ_COACHING = "read:coaching", _("Read films' results and reviews")
        WRITE_COACHING = "write:coaching", _("Upload films and review results")
        READ_ANALYSIS = "read:analysis", _("Read reports")
        WRITE_ANALYSIS = "write:analysis", _("Make reports")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key, in hex.")
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()
