"""How often somebody may try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisDown

from config.attempts import Attempts

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

LIMIT = Attempts("test", most=3, seconds=60)


def test_the_fourth_try_of_three_is_one_too_many_and_each_person_has_their_own() -> None:
    assert [LIMIT.taken("alma", "10.0.0.1") for _try in range(5)] == [True, True, True, False, False]
    assert LIMIT.taken("alma", "10.0.0.2")
    assert LIMIT.taken("al", "ma10.0.0.1")


def test_a_good_try_does_not_count_and_forgetting_starts_anew() -> None:
    for _try in range(10):
        assert LIMIT.taken("alma")
        LIMIT.given_back("alma")
    assert [LIMIT.taken("alma") for _try in range(4)] == [True, True, True, False]
    LIMIT.forgotten("alma")
    assert LIMIT.taken("alma")


def test_after_the_window_one_may_try_again() -> None:
    short = Attempts("short", most=1, seconds=60)
    assert [short.taken("alma"), short.taken("alma")] == [True, False]
    cache.touch(short._key(("alma",)), 0)
    assert short.taken("alma")


def test_no_name_and_no_address_stand_in_the_cache() -> None:
    key = LIMIT._key(("alma.bekova", "10.0.0.1"))
    assert "alma" not in key
    assert "10.0.0.1" not in key


def test_giving_back_what_is_not_there_is_nothing() -> None:
    LIMIT.given_back("nobody")
    assert LIMIT.taken("nobody")


def test_a_dead_cache_locks_nobody_out(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def dead(*_args: Any, **_more: Any) -> Any:
        raise RedisDown("refused")

    for name in ("add", "incr", "decr", "delete"):
        replacement: Callable[..., Any] = dead
        monkeypatch.setattr(cache, name, replacement, raising=False)
    assert all(LIMIT.taken("alma") for _try in range(10))
    LIMIT.given_back("alma")
    LIMIT.forgotten("alma")
    assert "does not answer" in caplog.text
    assert "alma" not in caplog.text
