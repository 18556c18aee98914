"""When a strategy of one's own may enter: by days, hours and the clock of a place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from app.clock import to_ns
from app.domain.refusals import InvalidValue
from app.services.strategies.schedule import Schedule

WEEK = ["mon", "tue", "wed", "thu", "fri"]
BERLIN = {"days": WEEK, "hours": ["09:00-12:00", "13:00-17:30"], "zone": "Europe/Berlin"}
NIGHT = {"days": ["fri"], "hours": ["22:00-02:00"]}


@pytest.mark.parametrize(
    ("said", "at", "is_open"),
    [
        ({}, "2026-01-04T03:00:00Z", True),
        (BERLIN, "2026-01-05T07:59:59Z", False),  # a Monday, an hour ahead in winter
        (BERLIN, "2026-01-05T08:00:00Z", True),
        (BERLIN, "2026-01-05T11:00:00Z", False),
        (BERLIN, "2026-01-05T16:29:59Z", True),
        (BERLIN, "2026-01-05T16:30:00Z", False),
        (BERLIN, "2026-07-06T07:00:00Z", True),  # two in summer
        (BERLIN, "2026-01-04T10:00:00Z", False),
        (NIGHT, "2026-01-02T22:00:00Z", True),
        (NIGHT, "2026-01-03T01:59:00Z", True),
        (NIGHT, "2026-01-03T02:00:00Z", False),
        (NIGHT, "2026-01-03T22:30:00Z", False),
        (NIGHT, "2026-01-02T01:00:00Z", False),
    ],
)
def test_it_is_open_in_its_hours(said: dict[str, Any], at: str, is_open: bool) -> None:
    assert Schedule.of("schedule", said).open(to_ns(datetime.fromisoformat(at))) is is_open


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("09:00-17:00", "schedule"),
        ({"from": "09:00"}, "schedule.from"),
        ({"days": []}, "schedule.days"),
        ({"days": "mon"}, "schedule.days"),
        ({"days": ["Monday"]}, "schedule.days"),
        ({"hours": ["9-17"]}, "schedule.hours"),
        ({"hours": ["09:00-09:00"]}, "schedule.hours"),
        ({"hours": ["09:00-24:30"]}, "schedule.hours"),
        ({"zone": "Mars/Olympus"}, "schedule.zone"),
        ({"zone": "../etc/passwd"}, "schedule.zone"),
        ({"zone": 1}, "schedule.zone"),
    ],
)
def test_what_is_no_schedule_is_refused_by_its_key(said: object, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Schedule.of("schedule", said)
    assert refused.value.refusal.field == field
