"""Forms of the privacy pages. They check shape; the rules are the services'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from studies.models import ErasureRequest, PrivacyPolicy
from studies.privacy.export import PURPOSES

if TYPE_CHECKING:
    PolicyModelForm = forms.ModelForm[PrivacyPolicy]
else:  # Django's class takes a type for the checker only
    PolicyModelForm = forms.ModelForm

POLICY_FIELDS = (
    *("consent_required", "age_of_consent", "consent_visible_from", "lawful_basis", "contact"),
    *("video_days", "pose_days", "record_days", "warn_days", "backup_days"),
)


class PolicyForm(PolicyModelForm):
    """What a study promises about data."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = PrivacyPolicy
        fields = POLICY_FIELDS
        labels = {
            "consent_required": _("Ask for consent"),
            "age_of_consent": _("Age from which a student agrees alone"),
            "consent_visible_from": _("Day from which you see who agreed"),
            "lawful_basis": _("Lawful basis"),
            "contact": _("Contact for questions about data"),
            "video_days": _("Films are kept for so many days"),
            "pose_days": _("Landmarks are kept for so many days"),
            "record_days": _("Records are kept for so many days after the study"),
            "warn_days": _("Days of warning before deletion"),
            "backup_days": _("Days until a backup has forgotten"),
        }
        widgets = {"consent_visible_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in POLICY_FIELDS}


class DecisionForm(forms.Form):
    """What is done with a request to be erased, and why."""

    decision = forms.ChoiceField(label=_("Decision"), choices=ErasureRequest.Decision.choices, widget=forms.RadioSelect)
    lawful_basis = forms.CharField(
        label=_("Lawful basis"), max_length=200, help_text=_("For example: Art. 17(1)(b) GDPR, consent withdrawn.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Without the student’s name. The student can read it."),
    )


class ExportForm(forms.Form):
    """What the data are for, and what goes with the tables."""

    purpose = forms.ChoiceField(label=_("What the data are for"), choices=[("", _("Choose…")), *PURPOSES.items()])
    pose = forms.BooleanField(label=_("With pose data of those who agreed to share them"), required=False)
    audit = forms.BooleanField(label=_("With the audit (real times: for the archive, not for sharing)"), required=False)

    def __init__(self, *args: Any, with_audit: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_audit:
            del self.fields["audit"]
