"""The form of the page that checks a published table. It keeps nothing."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.stats.integrity.checker import Options
from analysis.stats.integrity.twogroups import LARGEST_N

LONGEST = 20_000
SEARCHES = 3
"""Tables of one page whose data are searched: each takes up to some seconds."""


class IntegrityForm(forms.Form):
    """A pasted table or text, and what it does not say itself."""

    text = forms.CharField(
        label=_("Table or text"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "mono"}),
        help_text=_(
            "SPSS’s Independent Samples Test, Group Statistics or ANOVA with its row labels, or sentences such as "
            "“t(48) = 7.30, p < .001”. Decimal points, not commas."
        ),
        error_messages={"required": _("Paste a table or a sentence with a test first.")},
    )
    first_n = forms.IntegerField(label=_("People in the first group"), required=False, min_value=2, max_value=LARGEST_N)
    second_n = forms.IntegerField(
        label=_("People in the second group"),
        required=False,
        min_value=2,
        max_value=LARGEST_N,
        help_text=_("Both may stay empty: then two equal groups are taken, as the degrees of freedom allow."),
    )
    whole = forms.BooleanField(
        label=_("Scores are whole numbers"),
        required=False,
        initial=True,
        help_text=_("Then means, standard deviations and the data behind the table are checked too."),
    )

    def clean(self) -> None:
        """Both sizes or none."""
        super().clean()
        sizes = [self.cleaned_data.get(name) for name in ("first_n", "second_n")]
        if not self.errors and sizes.count(None) == 1:
            self.add_error("second_n", _("Give the size of both groups, or of neither."))

    def options(self) -> Options:
        """What the checker needs to know; for a valid form."""
        given = self.cleaned_data
        sizes = (given["first_n"], given["second_n"]) if given["first_n"] else None
        return Options(n=sizes, whole=given["whole"], searches=SEARCHES)
