"""What the stream tells as an alert."""

from __future__ import annotations

from typing import Any

import pytest

from app.api.stream.messages import ALERTS
from app.api.stream.rendering import Renderer
from app.domain.events import Event, EventKind

NO_DATABASE: Any = None


@pytest.mark.parametrize("kind", [EventKind.STRATEGY_FAILED, EventKind.STRATEGY_STOPPED, EventKind.KILL_SWITCH_ON])
def test_what_ended_a_strategy_is_an_alert_with_all_that_the_journal_says(kind: EventKind) -> None:
    event = Event("main", 7, 1, kind, "system", '{"reason":"on_book raised ValueError","strategy":"mine"}')
    told = Renderer(NO_DATABASE, "main").render(event)
    alert = told.text(frozenset({"alerts"}))
    assert alert is not None
    assert f'"kind":"{kind.value}"'.encode() in alert
    assert b'"detail":{"reason":"on_book raised ValueError","strategy":"mine"}' in alert
    assert told.text(frozenset({"orders", "status"})) is None


def test_a_strategy_that_begins_is_none() -> None:
    assert EventKind.STRATEGY_STARTED not in ALERTS
