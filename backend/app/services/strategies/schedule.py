"""When a strategy may enter: days of the week and hours of the day, by the clock of a place. Pure.

schedule = {days = ["mon", "tue", "wed", "thu", "fri"], hours = ["09:00-17:30"], zone = "Europe/Berlin"}
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.clock import utc
from app.domain.refusals import InvalidValue

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
KEYS = ("days", "hours", "zone")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Schedule:
    """spans: minutes of the day, [from, to); one that goes past midnight ends on the day after it began. days: those on
    which a span begins, 0 is Monday. said: as the settings have it."""

    days: frozenset[int]
    spans: tuple[tuple[int, int], ...]
    zone: ZoneInfo
    said: str

    @classmethod
    def of(cls, at: str, said: object) -> "Schedule":
        """From the settings. Raises InvalidValue naming the key at fault."""
        if not isinstance(said, Mapping):
            raise InvalidValue(at, repr(said), "must be a table")
        for key in said:
            if key not in KEYS:
                raise InvalidValue(f"{at}.{key}", "given", f"is no setting of a schedule; known are {', '.join(KEYS)}")
        days = _listed(f"{at}.days", said.get("days", list(DAYS)))
        for day in days:
            if day not in DAYS:
                raise InvalidValue(f"{at}.days", day, f"must be of {', '.join(DAYS)}")
        hours = _listed(f"{at}.hours", said.get("hours", ["00:00-24:00"]))
        zone = said.get("zone", "UTC")
        spans = tuple(_span(f"{at}.hours", each) for each in hours)
        text = f"{' '.join(days)} {' '.join(hours)} {zone}"
        return cls(frozenset(map(DAYS.index, days)), spans, _zone(f"{at}.zone", zone), text)

    def open(self, now_ns: int) -> bool:
        """Whether it is within one of its spans."""
        now = utc(now_ns).astimezone(self.zone)
        minute, today, yesterday = now.hour * 60 + now.minute, now.weekday(), (now - timedelta(days=1)).weekday()
        return any(
            (today in self.days and begins <= minute < ends)
            or (yesterday in self.days and begins <= minute + DAY_MINUTES < ends)
            for begins, ends in self.spans
        )


def _listed(at: str, said: Any) -> Sequence[str]:
    if not isinstance(said, list | tuple) or not said or not all(isinstance(each, str) for each in said):
        raise InvalidValue(at, repr(said), "must be a list of texts")
    return said


def _span(at: str, said: str) -> tuple[int, int]:
    match = _HOURS.fullmatch(said)
    begins, ends = (0, 0) if match is None else (_minutes(match[1], match[2]), _minutes(match[3], match[4]))
    if match is None or ends > DAY_MINUTES or begins == ends:
        raise InvalidValue(at, said, "must be HH:MM-HH:MM, from 00:00 to 24:00 and not empty")
    return begins, ends if begins < ends else ends + DAY_MINUTES


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def _zone(at: str, said: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(said))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValue(
            at, str(said), "must be a zone such as UTC or Europe/Berlin that this machine knows"
        ) from None
