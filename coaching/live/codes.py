"""What each code of live coaching says to the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

LIVE: Mapping[str, _StrPromise] = {
    "set_open": _("A set was not finished. Go on with it, or finish it, before you begin another."),
    "no_consent": _("Before a set is recorded, read and answer the consent on your own page."),
    "malformed": _("The page and the server don't understand each other. Reload the page; the set goes on."),
    "version": _("This page is older than the server. Reload it; the set goes on."),
    "too_large": _("The page sent more than a frame. Reload it; the set goes on."),
    "too_fast": _("The page sent frames faster than any camera makes them. Reload it; the set goes on."),
    "not_signed_in": _("You are signed out. Sign in again; the set waits for you."),
    "token_invalid": _("The page's permission has run out. It asks for a new one and goes on."),
    "no_such_set": _("There is no such set."),
    "opened_elsewhere": _("This set goes on in another window."),
    "set_over": _("This set is finished."),
    "too_long": _("A set has at most five minutes. It is finished here; begin another."),
    "silent": _("No picture came for a while. The set waits for you."),
    "internal": _("Something went wrong on the server. The frames are kept; the page tries again."),
}
