"""The items of CONSORT 2010 and 2025 in our own short words, each with the name of what of the record fills it.

Schulz, Altman and Moher (2010), BMJ 340:c332. Hopewell et al. (2025), PLoS Med 22(4):e1004587. The statements' own
wording is in those papers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise


@dataclass(frozen=True, slots=True)
class Item:
    """`fills` is a key of `analysis.flow.facts`; empty: no record can say it."""

    number: str
    asks: Words
    fills: str = ""


CONSORT_2025 = (
    Item("1a", _("The title says that it is a randomised trial")),
    Item("1b", _("Abstract: design, methods, results and conclusions in structured form")),
    Item("2", _("Registry, number and date of the registration"), "registration"),
    Item("3", _("Where protocol and plan of analysis can be read"), "protocol"),
    Item("4", _("How data without names, their dictionary and the program are shared"), "data_sharing"),
    Item("5a", _("Who paid, and what they had a say in"), "funding"),
    Item("5b", _("Interests of the authors that could conflict"), "interests"),
    Item("6", _("Background, and why the trial was needed")),
    Item("7", _("Objectives, for benefits and harms"), "objectives"),
    Item("8", _("How participants or the public had a part in it")),
    Item("9", _("Design: kind of trial, ratio, framework"), "design"),
    Item("10", _("Important changes after it began, with reasons"), "changes"),
    Item("11", _("Setting and places"), "setting"),
    Item("12a", _("Who could take part"), "eligibility"),
    Item("12b", _("Requirements for sites and for those who deliver the interventions")),
    Item("13", _("What was done in each group, so that it can be done again"), "interventions"),
    Item("14", _("Outcomes: primary and secondary, measure, time"), "outcomes"),
    Item("15", _("How harms were defined and looked for"), "harms_method"),
    Item("16a", _("How the number of participants was found"), "sample_size"),
    Item("16b", _("Looks at the data before the end, and rules to stop"), "looks"),
    Item("17a", _("Who made the sequence, and how"), "sequence"),
    Item("17b", _("Kind of randomisation and its restrictions"), "restriction"),
    Item("18", _("How the sequence was kept hidden"), "concealment"),
    Item("19", _("Whether those who enrolled and assigned knew what came next"), "implementation"),
    Item("20a", _("Who was blinded"), "blinding"),
    Item("20b", _("How they were blinded")),
    Item("21a", _("Tests of primary and secondary outcomes and of harms"), "tests"),
    Item("21b", _("Who is in which analysis, in which group"), "population"),
    Item("21c", _("What was done about missing values"), "missing"),
    Item("21d", _("Further analyses, planned or not")),
    Item("22a", _("In each group: randomised, trained as intended, analysed"), "flow"),
    Item("22b", _("In each group: lost and left out, with reasons"), "losses"),
    Item("23a", _("Dates of recruitment and follow-up"), "dates"),
    Item("23b", _("Why it ended"), "ended"),
    Item("24a", _("What was delivered, and how far participants kept to it"), "delivered"),
    Item("24b", _("Other training or treatment during the trial")),
    Item("25", _("Table of the groups at the start")),
    Item("26", _("Each outcome in each group: analysed, result, effect with its interval"), "estimates"),
    Item("27", _("Harms in each group"), "harms"),
    Item("28", _("Results of further analyses")),
    Item("29", _("Interpretation: benefits against harms, with other evidence")),
    Item("30", _("Limitations: bias, imprecision, whom it holds for")),
)

CONSORT_2010 = (
    Item("1a", _("The title says that it is a randomised trial")),
    Item("1b", _("Abstract in structured form")),
    Item("2a", _("Background and rationale")),
    Item("2b", _("Objectives or hypotheses"), "objectives"),
    Item("3a", _("Design and ratio"), "design"),
    Item("3b", _("Important changes of methods after it began"), "changes"),
    Item("4a", _("Who could take part"), "eligibility"),
    Item("4b", _("Where data were collected"), "setting"),
    Item("5", _("What was done in each group"), "interventions"),
    Item("6a", _("Primary and secondary outcomes"), "outcomes"),
    Item("6b", _("Changes of outcomes after it began"), "changes"),
    Item("7a", _("How the number of participants was found"), "sample_size"),
    Item("7b", _("Looks at the data before the end, and rules to stop"), "looks"),
    Item("8a", _("How the sequence was made"), "sequence"),
    Item("8b", _("Kind of randomisation and its restrictions"), "restriction"),
    Item("9", _("How the sequence was kept hidden"), "concealment"),
    Item("10", _("Who made the sequence, enrolled and assigned"), "implementation"),
    Item("11a", _("Who was blinded, and how"), "blinding"),
    Item("11b", _("How alike the interventions were")),
    Item("12a", _("Tests of primary and secondary outcomes"), "tests"),
    Item("12b", _("Further analyses")),
    Item("13a", _("In each group: randomised, trained as intended, analysed"), "flow"),
    Item("13b", _("In each group: lost and left out, with reasons"), "losses"),
    Item("14a", _("Dates of recruitment and follow-up"), "dates"),
    Item("14b", _("Why it ended"), "ended"),
    Item("15", _("Table of the groups at the start")),
    Item("16", _("How many of each group are in each analysis, and whether in the group that was drawn"), "population"),
    Item("17a", _("Each outcome: results of the groups, effect with its interval"), "estimates"),
    Item("17b", _("For yes-no outcomes: absolute and relative effects")),
    Item("18", _("Results of further analyses")),
    Item("19", _("Harms in each group"), "harms"),
    Item("20", _("Limitations")),
    Item("21", _("Whom it holds for")),
    Item("22", _("Interpretation")),
    Item("23", _("Registration number and registry"), "registration"),
    Item("24", _("Where the protocol can be read"), "protocol"),
    Item("25", _("Who paid"), "funding"),
)

EDITIONS = {"2025": CONSORT_2025, "2010": CONSORT_2010}
