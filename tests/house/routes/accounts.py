"""Signing in, the home page, and what the service says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
home                                      GET    302 200 200 200 200 200 200 200 200 200 200
login                                     GET    200 200 200 200 200 200 200 200 200 200 200
login                                     POST   200 200 200 200 200 200 200 200 200 200 200
logout                                    POST   302 302 302 302 302 302 302 302 302 302 302
password-change                           GET    302 200 200 200 200 200 200 200 200 200 200
password-change                           POST   302 200 200 200 200 200 200 200 200 200 200
password_reset_confirm                    GET    302 302 302 302 302 302 302 302 302 302 302
password_reset_confirm                    POST   302 302 302 302 302 302 302 302 302 302 302
health                                    GET    200 200 200 200 200 200 200 200 200 200 200
ready                                     GET    200 200 200 200 200 200 200 200 200 200 200
metrics                                   GET    404 404 404 404 404 404 404 404 404 404 404
schema                                    GET    403 200 200 200 200 200 200 200 200 200 200
"""


def _first_password(world: World) -> dict[str, object]:
    user = world.people.student
    return {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "password_reset_confirm": _first_password,
}
