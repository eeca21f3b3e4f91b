"""What each code says to the person: one kind sentence that tells what to do. The only such table.

`coaching.vision` carries the same advice in English for the command line; here it goes through gettext, for pages and
the API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    Advice = str | _StrPromise

# At the door: nothing was stored but the row.
UPLOAD: Mapping[str, Advice] = {
    "no_file": _("Choose a video first."),
    "empty_file": _("The file is empty. Check that it plays on your phone, then upload it again."),
    "not_a_video": _(
        "This file is not a video that can be read. Upload the original MP4, MOV or WebM from your phone."
    ),
    "too_large": _("The file is too large. Film one set in 720p or 1080p, or trim the clip."),
    "duplicate": _("You have uploaded this film before. Its result is kept; there is no need to send it again."),
    "storage_full": _("The server has no room for the film right now. Tell the course staff, and try again later."),
    "upload_interrupted": _(
        "The upload stopped half way. Stay on the page until the bar reaches 100 %, and try again."
    ),
}

# In the worker: the film is kept, the run ended without a result.
RUN: Mapping[str, Advice] = {
    "pipeline_error": _("The clip could not be analysed. Try another one."),
    "not_a_video": UPLOAD["not_a_video"],
    "truncated": _("The file ends too early. Upload it again, and wait until the bar reaches 100 %."),
    "no_frames": _("The file has no pictures in it. Check that it plays on your phone, then upload it again."),
    "too_long": _("The clip is longer than a set. Trim it to one set of at most five minutes and upload it again."),
    "too_short": _("The clip is shorter than one second. Film the whole repetition, from the floor and back."),
    "too_large": UPLOAD["too_large"],
    "resolution_too_high": _("The picture is larger than 4K. Film in 720p or 1080p."),
    "frame_rate_too_low": _("The clip has fewer than 10 pictures a second. Film at 30 or 60 frames a second."),
    "model_missing": _(
        "A model file is missing on the server. Your clip is kept; ask the course staff to run the set-up."
    ),
    "storage_full": _(
        "The server had no room for the result. Your clip is kept; tell the course staff, then run it again."
    ),
    "out_of_memory": _("The clip needs more memory than the server has. Film in 720p or 1080p, or trim the clip."),
    "film_missing": _("The film of this session is no longer on the server. Upload it again."),
    "worker_lost": _(
        "The analysis was interrupted several times. Your clip is kept; run it again, or tell the course staff."
    ),
    "internal": _("Something went wrong on our side. Your clip is kept; run it again, or tell the course staff."),
}

# The quality gate: a finished run that judges nothing, and says how to film instead.
REFUSAL: Mapping[str, Advice] = {
    "no_person": _("Nobody was found in the picture. Film with your whole body in the frame, in good light."),
    "no_lift": _("No repetition was found. Film the whole set, from before the first lift until the bar is down."),
}

# Beside a result: what to know about this film.
NOTICE: Mapping[str, Advice] = {
    "wrong_extension": _("The file's name does not fit what is in it. The film was read by its content."),
}


def advice_for(code: str, otherwise: str = "") -> str:
    """The sentence for a code in the reader's language; `otherwise` (what the engine said) where the table has none."""
    for table in (RUN, REFUSAL, NOTICE, UPLOAD):
        if code in table:
            return str(table[code])
    return otherwise or str(RUN["internal"])


def upload_advice(code: str) -> str:
    """The sentence for an upload that was refused at the door."""
    return str(UPLOAD.get(code) or RUN["internal"])
