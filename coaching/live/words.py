"""What the screen in front of the lifter says. The script chooses; nothing is put together from pieces there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

WORDS: Mapping[str, _StrPromise] = {
    "no_webgl": _(
        "This browser can't find a body in the camera's picture: it has no WebGL or no WebAssembly. "
        "Film the set and upload it instead."
    ),
    "camera_refused": _("The camera is not allowed. Allow it beside the address, and try again."),
    "camera_none": _("No camera was found. Connect one, or film the set with a phone and upload it."),
    "camera_busy": _("The camera does not start. Close other programs that use it, and try again."),
    "model_failed": _("The body finder did not load. Reload the page; if it stays so, upload a film instead."),
    "no_server": _("The server does not answer. Check the connection and try again."),
    "opened_elsewhere": _("This set goes on in another window."),
    "no_such_set": _("There is no such set any more. Begin a new one."),
    "set_over": _("This set is finished. You find it under Sessions."),
    "not_signed_in": _("You are signed out. Sign in again; the set waits for you."),
    "version": _("This page is older than the server. Reload it; the set goes on."),
    "loading": _("Camera and body finder are starting…"),
    "guide_nobody": _("Step in front of the camera."),
    "guide_several": _("Only one person in the picture, please."),
    "guide_upside_down": _("Turn the phone round: the picture is upside down."),
    "guide_step_back": _("Step back, until head and feet are in the picture."),
    "guide_come_closer": _("Come closer."),
    "guide_raise_phone": _("Raise the camera a little: your head is cut off."),
    "guide_level": _("Level the camera: the picture is tilted."),
    "guide_turn": _("Turn a little towards the camera, about 45 degrees."),
    "guide_slow": _("Few pictures a second: more light helps, or another device."),
    "guide_good": _("Good. Raise one hand above your head to start."),
    "ready": _("Get ready."),
    "go": _("Go. Raise one hand, or stand still, to finish."),
    "recording": _("Recording. Raise one hand, or stand still, to finish."),
    "offline": _("No connection. Go on: your set is kept and sent later."),
    "turned": _("The phone was turned. Turn it back."),
    "storing": _("Storing your set…"),
    "stored": _("Stored: {count} repetitions."),
    "stored_recording": _("Your set is recorded."),
    "stored_too_long": _("Stored: {count} repetitions. A set ends after five minutes."),
    "too_short": _("That was too short for a set. Nothing was stored."),
    "film": _("Sending the film: {percent} %."),
    "film_sent": _("The film is there, too, and is analysed now."),
    "film_not_sent": _("The film could not be sent; the live result stands."),
    "phase_up": _("Up"),
    "phase_down": _("Down"),
    "phase_none": _("–"),
    "well_done": _("Good repetition."),
    "unsure": _("Not your best one. Keep it steady."),
    "slower": _("The bar is {percent} ± {sigma} % slower than your best. Enough for this set."),
    "speed": _("{mean} ± {sigma} {unit}"),
    "tempo": _("Down {down}, floor {floor}, up {up}, top {top} s"),
    "stance": _("Stance"),
    "stance_narrow": _("narrow"),
    "stance_neutral": _("neutral"),
    "stance_wide": _("wide"),
    "lean": _("Lean"),
    "lean_left": _("left"),
    "lean_neutral": _("neutral"),
    "lean_right": _("right"),
}
