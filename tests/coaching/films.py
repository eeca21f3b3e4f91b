"""Small films for tests, and a look at what is left on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile

from coaching.models import AnalysisRun, Assessment, RepetitionRecord, Session

if TYPE_CHECKING:
    from studies.models import Participant

MP4_HEAD = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(64)
"""Enough for the door, which looks at the first bytes only. The worker calls it truncated."""


def write_film(path: Path, *, seconds: float = 2.0, fps: int = 10, width: int = 160, height: int = 120) -> Path:
    """An empty room: noise that does not move. The container follows the file's name."""
    codec = {".webm": "libvpx"}.get(path.suffix, "mpeg4")
    picture = np.random.default_rng(1).integers(90, 110, (height, width, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(round(seconds * fps)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def film_file(content: bytes = MP4_HEAD, name: str = "set.mp4") -> ContentFile[bytes]:
    return ContentFile(content, name=name)


def files_left() -> list[str]:
    """Everything on the disk that belongs to films, relative to its root; folders don't count."""
    roots = (Path(settings.MEDIA_ROOT), Path(settings.INCOMING_DIR))
    return sorted(str(path.relative_to(root)) for root in roots for path in root.rglob("*") if path.is_file())


def make_session(participant: Participant, **values: Any) -> Session:
    """A kept film, stripped, without a file behind it."""
    number = Session.objects.count()
    fields = {
        "video": f"video/{number:032x}.mp4",
        "container": "mov",
        "sha256": f"{number:064x}",
        "stored_sha256": f"{number:064x}",
        "size_bytes": 1000,
    }
    return Session.objects.create(participant=participant, **{**fields, **values})


def document(**changes: Any) -> dict[str, Any]:
    """A result as docs/pipeline.md describes it: two repetitions, one of them with a fault that a side view hides."""
    return {
        "schema": 1,
        "clip": "clip",
        "sha256": "0" * 64,
        "fps": 29.97,
        "duration_s": 9.0,
        "width": 480,
        "height": 640,
        "view": "front",
        "view_detail": {"yaw_deg": 3.0, "shoulder_ratio": 0.7, "p": 0.98},
        "refused": None,
        "notices": [],
        "stance": _label("wide", 0.91),
        "lean": _label("neutral", 0.88),
        "reps": [_rep(1, "correct", 0.93), _rep(2, "incorrect", 0.12)],
        "feedback": [_cue()],
        "coaching": None,
        "model": {"name": "m", "version": "1", "sha256": "ab" * 32, "pose": "p", "pipeline_version": "1"},
        **changes,
    }


def _cue() -> dict[str, Any]:
    said = {"code": "wide_stance", "text": "Bring your feet closer.", "rep": 2, "at_s": 6.1, "p": 0.91}
    return {**said, "from_s": 5.6, "to_s": 6.6, "seen_in": [2], "judged_in": 2, "own": False, "better_at": None}


def _label(label: str, score: float) -> dict[str, Any]:
    rest = {"scores": {label: score}, "value": 1.2, "sigma": 0.1, "unit": "", "advice": "", "reason": ""}
    return {"label": label, "score": score, "observable": True, **rest}


def _rep(index: int, verdict: str, p: float) -> dict[str, Any]:
    start = 4.0 * index - 3
    fault = {"sigma": 0.1, "at_s": start + 1, "reason": ""}
    return {
        "index": index,
        "start_s": start,
        "lockout_s": start + 1.5,
        "end_s": start + 3,
        "verdict": verdict,
        "p_correct": p,
        "unjudged_reason": "",
        "confidence": 0.9,
        "concentric_s": 1.0,
        "floor_s": None,
        "top_s": 0.5,
        "eccentric_s": 1.5,
        "faults": [
            {"name": "wide_stance", "p": 1 - p, "observable": True, "value": 1.4, "unit": "shoulder widths", **fault},
            {"name": "bar_drift", "p": None, "observable": False, "value": None, "unit": "", **fault},
        ],
    }


def make_result(session: Session, **changes: Any) -> Assessment:
    """A finished run with its assessment; the files behind it are empty names."""
    run = AnalysisRun.objects.create(session=session, state=AnalysisRun.State.DONE, attempt=1, percent=100)
    content = document(**changes)
    refused = content["refused"]
    assessment = Assessment.objects.create(
        run=run, document=content, view=content["view"], refused_code=refused["code"] if refused else ""
    )
    for rep in content["reps"]:
        times = {key: rep[key] for key in ("start_s", "lockout_s", "end_s", "verdict", "p_correct")}
        RepetitionRecord.objects.create(assessment=assessment, number=rep["index"], **times)
    return assessment
