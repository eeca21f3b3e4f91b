"""A real web server, killed in the middle of a set: the set completes after the restart, with the right count."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.live.lifter import Lifter
from benchmarks.live.site import Site
from tests.coaching.live.sets import a_set

if TYPE_CHECKING:
    from pathlib import Path

    from coaching.live.protocol import LiveFrame

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


async def _lift_through_a_kill(site: Site, lifter: Lifter, frames: list[LiveFrame]) -> dict[str, Any]:
    lifting = asyncio.create_task(lifter.lift(patience_s=240))
    kept = 0
    while kept < len(frames) // 2:  # in the middle: half of the frames are acknowledged
        await asyncio.sleep(0.05)
        kept = max([message["next"] for message in lifter.heard if message["type"] == "ack"], default=0)
        assert not lifting.done()
    await asyncio.to_thread(site.kill)
    await asyncio.to_thread(site.start)
    return await lifting


def test_a_set_completes_after_the_server_was_killed_in_its_middle(tmp_path: Path) -> None:
    frames = a_set(3)
    with Site(tmp_path) as site:
        lifter = Lifter(site.url, site.people[0]["cookie"], site.begin(0, stature_cm="175"), frames)
        done = asyncio.run(_lift_through_a_kill(site, lifter, frames))
        known = site.look()
    (row,) = known["sets"]
    assert lifter.connections > 1
    assert done["count"] == 3
    assert (row["state"], row["reps"], row["stored"]) == ("finished", 3, len(frames))
    assert known["chunks"] == 0
