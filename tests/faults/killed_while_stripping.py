"""`... RUN before|after`: claim the run, strip its film, and die just before or after the row names the new file."""

from __future__ import annotations

import os
import signal
import sys

import django


def die() -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return False


def main(run_id: int, moment: str) -> None:
    django.setup()
    from coaching import films, media
    from coaching.models import AnalysisRun
    from coaching.vision.strip import strip

    run = AnalysisRun.objects.claim(run_id, worker="killed")
    assert run is not None
    with media.incoming(media.attempt_folder(run.pk, run.attempt)) as folder:
        with media.local(run.session.video, folder) as film:
            made = strip(film, folder)
        films.replace_by_stripped(run.session, made.path, made.sha256, may=die if moment == "before" else lambda: True)
        die()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
