"""Asking the API as somebody, the way a program does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import User


def get(client: Client, user: User, name: str, *args: object, query: str = "") -> Any:
    """The JSON of a GET that must succeed."""
    client.force_login(user)
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200, response.content
    return response.json()


def post(client: Client, user: User, name: str, *args: object, **body: object) -> Any:
    """The response to a POST of JSON."""
    client.force_login(user)
    return client.post(reverse(name, args=args), body, content_type="application/json")


def made(response: Any, status: int = 201) -> Any:
    """The JSON of an answer that must have this status."""
    assert response.status_code == status, response.content
    return response.json()


def code_of(response: Any) -> str:
    """The code of a rule that said no."""
    assert response.status_code == 422, response.content
    refused = response.json()
    assert refused["advice"]
    return str(refused["code"])
