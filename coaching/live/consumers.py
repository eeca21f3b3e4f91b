"""The socket of a live set: hello, frames, finish. Bytes and order are docs/live.md."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.db import DatabaseError
from django.http import Http404

from coaching.live import services
from coaching.live.access import live_set_for, signed_in
from coaching.live.codes import LIVE
from coaching.live.database import rows_to_async
from coaching.live.engine import Size, judge
from coaching.live.intake import Intake, Rate
from coaching.live.protocol import CLOSE, MOST_TEXT, VERSION, ProtocolError, decode
from coaching.live.sessions import LiveSession, Pending, TooLong
from coaching.live.wall import live_update, wall_group
from coaching.personal.history import lifter_for

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from uuid import UUID

    from coaching.live.engine import Finished
    from coaching.live.models import LiveSet
    from coaching.vision.personal import Lifter
    from studies.models import User

    Json = dict[str, Any]

logger = logging.getLogger(__name__)
T = TypeVar("T")

KEEP_EVERY_S = 2.0
"""From one acknowledgement to the next: a transaction costs as much as a hundred frames."""
WALL_EVERY_S = 10.0
"""The wall is told of each change, and so often without one: for who opens it in mid-set, or lost the connection."""
HELLO_WITHIN_S = 10.0
SILENT_AFTER_S = 60.0
RENEW_AT = 0.5
"""Share of a token's life after which the page gets the next one."""
MOST_SIDE = 8192

_judges = ThreadPoolExecutor(1, thread_name_prefix="live-judge")
"""Judging holds the interpreter: two at once would only keep the frames waiting twice as long."""


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One page in front of one camera. Frames are pushed in the event loop; everything slower in a thread."""

    channel_layer_alias = None  # it tells the wall and hears nobody: waiting for both costs more than a frame
    user: User
    live_set: LiveSet

    async def __call__(self, scope: Json, receive: Any, send: Any) -> None:
        """As the base's, without its two tasks and its change to the database's thread for each message.

        That costs several times what the coach does with a frame, and makes frames wait for other people's rows. What
        asks the database here goes through `rows_to_async`, which looks after the connection.
        """
        self.scope, self.channel_layer, self.base_send = scope, None, send
        with suppress(StopConsumer):
            while True:
                message = await receive()
                await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self.session: LiveSession | None = None
        self.lifter: Lifter | None = None
        self.rate = Rate(time.monotonic())
        self.tasks: set[asyncio.Task[None]] = set()
        self.watcher: asyncio.Task[None] | None = None
        self.keeping = asyncio.Lock()
        self.kept_at = self.heard_at = self.renewed_at = self.shown_at = time.monotonic()
        self.shown = 0
        self.closing = self.finishing = False
        await self.accept()
        user = signed_in(self.scope)
        if user is None:
            await self.refuse("not_signed_in")
            return
        self.user = user
        self.watcher = self.spawn(self.watch())

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run beside the frames; held, because the loop itself would let it be collected."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("live: a task failed", exc_info=error)
            if not self.closing:
                self.spawn(self.refuse("internal"))

    async def watch(self) -> None:
        """Close a socket that says nothing, so that a phone in a pocket holds nothing here."""
        while not self.closing:
            patience = SILENT_AFTER_S if self.session else HELLO_WITHIN_S
            left = patience - (time.monotonic() - self.heard_at)
            if left <= 0:
                await self.refuse("silent")
                return
            await asyncio.sleep(left)

    async def tell(self, *messages: Json) -> None:
        for message in messages:
            if not self.closing:
                try:
                    await self.send(json.dumps(message, separators=(",", ":")))
                except OSError:  # the page is gone; what it sent is kept all the same
                    self.closing = True

    async def refuse(self, code: str) -> None:
        """Keep what is there, say why, and close."""
        if self.closing:
            return
        if self.session and code != "opened_elsewhere":
            try:
                await self.keep()
            except (DatabaseError, services.OpenedElsewhereError) as error:
                logger.warning("live set %s: frames not kept: %s; the page has them", self.live_set.pk, error)
        await self.tell({"type": "error", "code": code, "advice": str(LIVE[code])})
        self.closing = True
        await self.close(CLOSE[code])

    async def disconnect(self, code: int) -> None:
        self.closing = True
        if self.watcher:
            self.watcher.cancel()
        if self.session:
            with suppress(services.OpenedElsewhereError):
                await self.keep()
                await self.show_on_wall(on=False)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.closing:
            return
        self.heard_at = time.monotonic()
        try:
            if bytes_data is not None:
                await self.take_frame(bytes_data)
            else:
                await self.take_text(text_data or "")
        except ProtocolError as error:
            logger.info("live: refused: %s", error)
            await self.refuse(error.code)
        except services.OpenedElsewhereError:
            await self.refuse("opened_elsewhere")
        except Exception:
            logger.exception("live: unexpected")
            await self.refuse("internal")

    # Frames

    async def take_frame(self, data: bytes) -> None:
        if self.session is None:
            raise ProtocolError("malformed", "a frame before hello")
        self.rate.spend(self.heard_at)
        frame = decode(data)
        try:
            await self.tell(*self.session.take(frame))
        except TooLong:
            await self.finish("too_long")
            return
        if self.session.judges_now():
            self.spawn(self.judge_repetition(self.session))
        if self.session.count != self.shown or self.heard_at - self.shown_at >= WALL_EVERY_S:
            self.spawn(self.show_on_wall())
        if self.heard_at - self.kept_at >= KEEP_EVERY_S:
            self.kept_at = self.heard_at
            self.spawn(self.keep_and_tell())

    async def judge_repetition(self, session: LiveSession) -> None:
        track = session.engine.track()
        assert self.lifter is not None
        said = await _judging(judge, track, self.lifter, self.live_set.stature_m)
        await self.tell(*session.told(said))
        await self.show_on_wall()

    async def keep_and_tell(self) -> None:
        if self.finishing:
            return
        try:
            await self.keep()
        except services.OpenedElsewhereError:
            await self.refuse("opened_elsewhere")
            return
        if self.heard_at - self.renewed_at > RENEW_AT * services.token_seconds():
            self.renewed_at = self.heard_at
            await self.tell({"type": "token", "token": services.sign_token(self.live_set, self.user)})

    async def keep(self) -> None:
        """Bring what the coach has into the database, and acknowledge it."""
        session = self.session
        if session is None:
            return
        async with self.keeping:
            pending, session.pending = session.pending, Pending()
            progress = services.Progress(
                following=session.intake.order.next,
                last_ms=session.intake.clock.last_ms,
                dropped=session.intake.dropped.as_dict(),
                count=session.count,
                last_cue=session.cue["code"] if session.cue else "",
            )
            try:
                await _keep(self.live_set, bytes(pending.payload), pending.frames, progress)
            except BaseException:
                session.pending.put_back(pending)
                raise
        await self.tell({"type": "ack", "next": progress.following})

    # Words

    async def take_text(self, text: str) -> None:
        if len(text) > MOST_TEXT:
            raise ProtocolError("too_large", f"{len(text)} characters")
        try:
            message = json.loads(text)
            kind = message["type"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise ProtocolError("malformed", "no message") from None
        if kind == "hello" and self.session is None:
            await self.hello(message)
        elif kind == "finish" and self.session is not None:
            await self.finish()
        elif kind != "here":
            raise ProtocolError("malformed", f"unexpected {kind!r}"[:80])

    async def hello(self, message: Json) -> None:
        if message.get("version") != VERSION:
            raise ProtocolError("version", str(message.get("version"))[:20])
        size = _size(message)
        pk: UUID = self.scope["url_route"]["kwargs"]["pk"]
        if not services.check_token(str(message.get("token", "")), pk=pk, user=self.user):
            raise ProtocolError("token_invalid")
        try:
            opened = await _open(self.user, pk, size)
        except Http404:
            raise ProtocolError("no_such_set") from None
        except services.OpenedElsewhereError:
            raise ProtocolError("set_over") from None
        self.live_set, frames, self.lifter = opened
        size = Size(self.live_set.width, self.live_set.height)
        row = self.live_set
        intake = Intake.after(row.following, row.last_ms, row.dropped)
        session = LiveSession(size, intake, feedback=row.participant.receives_ai_feedback, count=row.count)
        if frames:
            await _judging(session.resume, frames, size)
        self.session = session
        welcome = {"type": "welcome", "next": row.following, "last_ms": row.last_ms, "feedback": session.feedback}
        await self.tell({**welcome, "count": row.count} if session.feedback else welcome)
        await self.show_on_wall()

    async def finish(self, code: str = "") -> None:
        """Judge and store the set, say where it is, and close."""
        assert self.session is not None
        self.finishing = True
        with suppress(TooLong):
            await self.tell(*self.session.rest())
        await self.keep()
        counted = self.session.count
        material = await _material(self.live_set, self.lifter)
        made = None if material is None else await _judging(services.judged, material)
        done = await _store(self.live_set, made)
        message: Json = {"type": "finished", "session": str(done.session_id) if done.session_id else None, "code": code}
        if self.session.feedback:
            message["count"] = counted
        await self.show_on_wall(on=False)
        self.session = None
        await self.tell(message)
        self.closing = True
        await self.close(CLOSE["finished"])

    async def show_on_wall(self, *, on: bool = True) -> None:
        session, layer = self.session, get_channel_layer()
        if layer is None or session is None:
            return
        self.shown, self.shown_at = session.count, time.monotonic()
        update = live_update(
            self.live_set,
            on=on,
            count=session.count,
            cue=session.cue if session.feedback else None,
            trend=session.trend,
        )
        await layer.group_send(
            wall_group(self.live_set.participant.study_id), {"type": "wall.update", "update": update}
        )


async def _judging(work: Callable[..., T], *about: Any) -> T:
    """Run it in the thread of the judgements, with this connection's language."""
    here = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(_judges, lambda: here.run(work, *about))


def _size(message: Json) -> Size:
    width, height = message.get("width"), message.get("height")
    for side in (width, height):
        if not isinstance(side, int) or isinstance(side, bool) or not 16 <= side <= MOST_SIDE:
            raise ProtocolError("malformed", "size of the picture")
    assert isinstance(width, int)
    assert isinstance(height, int)
    return Size(width, height)


@rows_to_async
def _open(user: User, pk: UUID, size: Size) -> tuple[LiveSet, list[Any], Lifter]:
    live_set = services.connect(live_set_for(user, pk), size)
    lifter = lifter_for(live_set.participant, load_kg=live_set.load_kg, before=live_set.started_at)
    return live_set, services.frames_of_set(live_set), lifter


@rows_to_async
def _keep(live_set: LiveSet, payload: bytes, frames: int, progress: services.Progress) -> None:
    services.keep_frames(live_set, payload, frames, progress)


@rows_to_async
def _material(live_set: LiveSet, lifter: Lifter | None) -> services.Material | None:
    return services.material_of(live_set, lifter)


@rows_to_async
def _store(live_set: LiveSet, made: Finished | None) -> LiveSet:
    if made is not None:
        services.store(live_set, made)
    return services.outcome_of(live_set)
