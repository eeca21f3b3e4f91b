"""A text to begin with, in plain language. The owner changes it to fit the study before publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TITLE = _("Taking part in a study of deadlift technique")

BODY: str | _StrPromise = _(
    """# What this is about
We want to know whether feedback from an AI coach helps students to lift with better technique and fewer injuries. \
Everybody in the course trains as often and as long. Lots decide who gets feedback from the AI coach during the term, \
and who from the instructor alone.

# What you do
You train as in any course. You film some of your sets from the side with a phone and upload them. Before and after \
the term your technique is rated. You or your instructor write down lessons and injuries.

# It is your choice
You may say no, now or later, without a reason and without any disadvantage. Who says no stays in the course, trains \
with everybody and gets the same time and feedback from the instructor, only without films.

# Your grade
Nothing that you upload, agree to or refuse here has any part in your grade. LiftLab has no field for grades, and \
your instructor does not see who agreed until grades are in.

# What is stored
Your films, the positions of your joints in them, your lessons, injuries and ratings. Sound, place and date are taken \
out of each film. Researchers see a code in place of your name. On your own page you see what is stored, until when, \
and who looked at it.

# What could go wrong
Lifting can hurt: stop when it does, and say so. The coach is no doctor. A film shows your face and body; we guard \
it, but no system is perfectly safe.

# Taking it back
You can take back each point with two clicks on your own page. You read first what is deleted and what stays. What \
has been published by then can't be called back; it names nobody.

# Questions
Ask your instructor, or the person for data protection named on your page. You may also complain to the data \
protection authority."""
)
