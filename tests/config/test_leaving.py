"""Children of a worker see that their parent was asked to leave."""

from __future__ import annotations

import os
import time

from config import leaving


def test_a_child_sees_what_its_parent_was_told_after_the_fork() -> None:
    leaving.stay()
    assert leaving.leaving_for_s() == 0.0
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(told, 1)
        os._exit(7 if 0.0 < leaving.leaving_for_s() < 60.0 else 1)
    leaving.leave()
    time.sleep(0.01)
    os.write(tell, b"x")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    leaving.stay()
