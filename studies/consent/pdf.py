"""The signed consent as a PDF: made once, hashed, and stored encrypted with the participant's key."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from studies.consent.scopes import SCOPES
from studies.consent.texts import blocks_of
from studies.errors import StudyError
from studies.files import discard, incoming, keep
from studies.models import ConsentRecord
from studies.privacy import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "consent"
PURPOSE = "consent pdf"
SEALED = "consent"

# Values reach the template as data only: whatever a person typed is never read as markup.
TEMPLATE = """
#let d = json(bytes(sys.inputs.at("data")))
#set document(title: d.title)
#set page(margin: 2.2cm, footer: context align(center, text(size: 8pt)[#d.footer · #counter(page).display()]))
#set text(size: 10.5pt)
#set par(justify: false)
#text(size: 9pt, fill: luma(90))[#d.study]
#v(2pt)
#text(size: 16pt, weight: "bold")[#d.title]
#v(4pt)
#for block in d.blocks {
  if block.at(0) == "heading" { heading(level: 2, block.at(1)) } else { par(block.at(1)) }
}
#v(8pt)
#line(length: 100%)
#heading(level: 2, d.agreed)
#for row in d.scopes { par([#if row.yes [☒] else [☐] #row.text]) }
#v(8pt)
#table(columns: (auto, 1fr), stroke: 0.5pt + luma(180), ..d.signed.flatten())
"""


def store(record: ConsentRecord, sealed: Mapping[str, Any]) -> None:
    """Make the PDF, keep it encrypted, and write its name and SHA-256 into the record."""
    plain = render(record, sealed)
    name = f"{FOLDER}/{uuid.uuid4().hex}.bin"
    with incoming("consent") as folder:
        made = folder / "consent.bin"
        made.write_bytes(keys.seal(record.participant, plain, purpose=PURPOSE))
        keep(made, name)
    digest = hashlib.sha256(plain).hexdigest()
    if not ConsentRecord.objects.filter(pk=record.pk, pdf="").update(pdf=name, pdf_sha256=digest):
        discard(name)
        return
    record.pdf, record.pdf_sha256 = name, digest


def copy_of(record: ConsentRecord) -> bytes:
    """The PDF, made now if the process died between signing and storing. Errors: as `read`."""
    if not record.pdf and record.kind == ConsentRecord.Kind.GIVEN and record.sealed:
        store(record, json.loads(keys.unseal(record.participant, record.sealed, purpose=SEALED)))
    return read(record)


def read(record: ConsentRecord) -> bytes:
    """The PDF as the student gets it. Errors: no_pdf, erased, unreadable (also when it is not what was signed)."""
    if not record.pdf or not default_storage.exists(record.pdf):
        raise StudyError("no_pdf", _("There is no copy of this answer."))
    with default_storage.open(record.pdf, "rb") as handle:
        plain = keys.unseal(record.participant, handle.read(), purpose=PURPOSE)
    if hashlib.sha256(plain).hexdigest() != record.pdf_sha256:
        raise StudyError("unreadable", _("The stored copy is not the one that was signed."))
    return plain


def render(record: ConsentRecord, sealed: Mapping[str, Any]) -> bytes:
    """The PDF in English, the language of the text's record. Deterministic in its content, not in its bytes."""
    import typst  # a renderer of its own: loads when a consent is signed

    with translation.override("en"):
        data = json.dumps(_document(record, sealed), ensure_ascii=False)
    made: bytes = typst.compile(TEMPLATE.encode(), sys_inputs={"data": data})
    return made


def _document(record: ConsentRecord, sealed: Mapping[str, Any]) -> dict[str, Any]:
    text = record.text
    signed = [
        [_("Name, as typed"), sealed["name"]],
        [_("Signed"), date_format(record.made_at, "j F Y, H:i e")],
        [_("Code in the study"), record.participant.code],
        [_("Version of the text"), f"{text.version}, SHA-256 {text.sha256}"],
    ]
    if sealed.get("guardian"):
        signed.insert(1, [_("Guardian, as typed"), f"{sealed['guardian']} ({sealed['relation'] or '–'})"])
        signed.insert(2, [_("Assent of the student"), sealed["assent_at"]])
    return {
        "study": record.participant.study.title,
        "title": text.title,
        "footer": _("Consent, version %(version)d") % {"version": text.version},
        "blocks": blocks_of(text.body),
        "agreed": _("What was agreed to"),
        "scopes": [
            {"text": str(SCOPES[key].asks), "yes": key in record.scopes} for key in text.scopes if key in SCOPES
        ],
        "signed": signed,
    }
