"""The socket of the instructor's wall: listens, and is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.exceptions import PermissionDenied
from django.http import Http404

from coaching.live.access import signed_in, wall_for
from coaching.live.protocol import CLOSE
from coaching.live.wall import wall_group, watched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studies.models import User

ASK_AGAIN_AFTER = 100
"""Updates after which it is asked anew whom this person may watch: sections and roles change."""


class WallConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Passes on what changes in the sets of the students whom this user may watch, with the name that they may read."""

    names: Mapping[int, str]

    async def connect(self) -> None:
        self.group = ""
        await self.accept()
        user = signed_in(self.scope)
        self.study_id = int(self.scope["url_route"]["kwargs"]["pk"])
        if user is None:
            await self.close(CLOSE["not_signed_in"])
            return
        self.user = user
        if not await self.look_up():
            await self.close(CLOSE["no_such_set"])
            return
        self.group = wall_group(self.study_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.send(json.dumps({"type": "watching"}))

    async def look_up(self) -> bool:
        """Whom the user may watch now; false when nobody, because it is not their study."""
        self.told = 0
        try:
            self.names = await _names(self.user, self.study_id)
        except (Http404, PermissionDenied):
            return False
        return True

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def wall_update(self, event: dict[str, Any]) -> None:
        """From the channel layer: one set has changed."""
        self.told += 1
        if self.told >= ASK_AGAIN_AFTER and not await self.look_up():
            await self.close(CLOSE["no_such_set"])
            return
        name = self.names.get(event["update"]["participant"])
        if name is not None:
            await self.send(json.dumps({"type": "set", "name": name, **event["update"]}))


@database_sync_to_async  # type: ignore[untyped-decorator]
def _names(user: User, study_id: int) -> dict[int, str]:
    return watched(user, wall_for(user, study_id))
