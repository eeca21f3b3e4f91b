"""What each code says to the person: one kind sentence that tells what to do. The only such table.

`coaching.vision` carries the same advice in English for the command line; here it goes through gettext, for pages and
the API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from studies.errors import CLOSED

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
    "storage_down": _("The place where films are kept does not answer right now. Try again in a minute."),
    "study_closed": CLOSED,
    "no_consent": _(
        "No agreement is in force under which a film of this student may be taken. The student can read and answer "
        "the consent on their own page; nothing of this film was kept."
    ),
    "upload_interrupted": _(
        "The upload stopped half way. Stay on the page until the bar reaches 100 %, and try again."
    ),
}

# In the worker: the film is kept, the run ended without a result.
RUN: Mapping[str, Advice] = {
    "pipeline_error": _("The clip could not be analysed. Try another one."),
    "not_a_video": UPLOAD["not_a_video"],
    "unreadable": _("The film could not be opened on the server. Your clip is kept; tell the course staff."),
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
    "storage_down": _(
        "The place where films are kept did not answer for a day. Your clip is kept; tell the course staff, then "
        "run it again."
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
    "no_person": _("Nobody can be seen for most of the clip. Film one lifter with the whole body in the frame."),
    "several_people": _("Several people are in the picture, so it is not clear who lifts. Film one lifter alone."),
    "too_short_track": _(
        "The lifter is seen for less than a second. Film the whole set, from before the first lift-off."
    ),
    "upside_down": _("The clip is upside down. Turn it in your phone's gallery and upload it again."),
    "lost_tracking": _(
        "The lifter is lost during the lift. Keep head and feet in the frame, and film at an angle of about "
        "45 degrees, so that the plate does not cover the body."
    ),
    "camera_moves": _("The picture jumps too often to follow one set. Film one take, with the phone on a stand."),
    "no_lift": _("Nobody lifts in this clip. Film a set from before the first lift-off until the bar is down again."),
    "not_a_deadlift": _(
        "This does not look like a deadlift. Film one from the side, from the front or at an angle between, "
        "with hands, hips and feet in the frame."
    ),
}

# Beside a result: what to know about this film. Notices that carry figures keep the engine's own words.
NOTICE: Mapping[str, Advice] = {
    "wrong_extension": _("The file's name does not fit what is in it. The film was read by its content."),
    "kept_as_sent": _(
        "The sound and the place of filming could not be taken out of this film. Staff see a copy without them."
    ),
    "hidden_by_plate": _(
        "The plate hides the hip or knee: lockout can't be judged. Film at an angle of about 45 degrees."
    ),
    "other_person": _("Somebody else can be seen for a moment. Check that the skeleton in the video is on you."),
    "variable_frame_rate": _("The pictures come at uneven intervals; each was used at its own time."),
}

# An instructor's correction that can't be kept as it was sent.
STRICTNESS: Mapping[str, Advice] = {
    "unknown_strictness": _("Choose lenient, standard or strict."),
    "not_in_this_study": _("This student is not in this study. Reload the page and choose again."),
}

LOSS_ALERT: Mapping[str, Advice] = {
    "unknown_percent": _("Choose 10, 20 or 30 percent, or never."),
    "not_in_this_study": STRICTNESS["not_in_this_study"],
}

REVIEW: Mapping[str, Advice] = {
    "study_closed": CLOSED,
    "unknown_decision": _("Choose what it was: correct, incorrect, or not a repetition."),
    "unknown_fault": _("One of the faults is not in the list. Reload the page and choose again."),
    "faults_need_incorrect": _("A fault goes with an incorrect repetition. Choose incorrect, or take out the faults."),
    "bounds_out_of_order": _("Lift-off comes before the lockout, and the bar is back down after it. Check the times."),
    "bounds_outside_film": _("A time lies outside the film. Use the buttons to take it from the film."),
    "stale_result": _("This set was analysed again in the meantime. Reload the page and review the new result."),
    "unknown_repetition": _("This result has no such repetition. Reload the page, or add it as a missed one."),
    "found_already": _("The coach has found this repetition already. Review it in its own row above."),
    "added_must_be_one": _("A repetition that you add is correct or incorrect. Choose one of the two."),
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
