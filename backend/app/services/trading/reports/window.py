"""The two ends of a question about the past, as nanoseconds."""

from datetime import UTC, datetime

from app.clock import to_ns
from app.domain.refusals import InvalidValue

FIRST_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(2262, 1, 1, tzinfo=UTC)
"""Nanoseconds since 1970 stay within 63 bits before it."""


def window(start_date: datetime | None, end_date: datetime | None) -> tuple[int | None, int | None]:
    """Nanoseconds of both ends. Raises InvalidValue for a naive date and for an end that is not after the start."""
    start_ns = None if start_date is None else instant_ns("start_date", start_date)
    end_ns = None if end_date is None else instant_ns("end_date", end_date)
    if start_ns is not None and end_ns is not None and start_ns >= end_ns:
        raise InvalidValue("end_date", str(end_date), f"must be after start_date {start_date}")
    return start_ns, end_ns


def instant_ns(name: str, moment: datetime) -> int:
    """Nanoseconds since 1970 of an aware datetime. Raises InvalidValue for a naive one and one out of range."""
    if not isinstance(moment, datetime):
        raise InvalidValue(name, moment, "must be a datetime with a time zone")
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise InvalidValue(name, moment.isoformat(), "must have a time zone, for example 2026-01-31T00:00:00Z")
    if not FIRST_INSTANT <= moment < LAST_INSTANT:
        raise InvalidValue(name, moment.isoformat(), "must be from 1970 to 2261")
    return to_ns(moment)
