"""The account's equity curve out of its daily records: what the account earned, deposits and withdrawals taken out.

Each row of equity_days is the equity at 00:00 UTC (or at the first moment of the day that was seen): it closes the day
before it. Stands beside trade_recorder.py.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import accumulate, groupby
from typing import NamedTuple

from app.clock import to_ns
from app.domain.cash import EARNED_KINDS
from app.domain.money import ONE, ZERO, plain
from app.domain.performance import EquitySample
from app.services.trading.reports.trip_fills import Rates
from app.store.queries import Row

PRICE = "price"
"""The kind of a flow that is none of cash: something got its first price, or lost it, between two daily records."""


@dataclass(frozen=True, slots=True)
class EquityCurve:
    """start: the equity that the curve begins with, at start_ns. samples: in order of time, after start_ns, what came
    and went taken out. growth: what one unit became by the same times, its returns chained between flows."""

    start: Decimal
    start_ns: int
    samples: tuple[EquitySample, ...]
    growth: tuple[EquitySample, ...]


class _Point(NamedTuple):
    """at_ns: when it was so; shown_ns: as of when it is told, a daily record closes the day before."""

    at_ns: int
    shown_ns: int
    equity: Decimal


class _Flow(NamedTuple):
    """equity: of the account just before, None where it was not kept."""

    at_ns: int
    amount: Decimal
    equity: Decimal | None
    is_price: bool


def equity_curve(
    days: Sequence[Row],
    movements: Iterable[Row],
    rates: Rates,
    valuation_currency: str,
    *,
    start_ns: int | None,
    end_ns: int | None,
    present: EquitySample | None,
) -> EquityCurve | None:
    """The curve of [start_ns, end_ns), or None with fewer than two daily records in it: then there is no return.

    It begins with the last record at or before start_ns, or the first one. Between records it is marked where funding,
    a fee, a deposit or anything else of cash was booked, as far as the equity of that moment was kept. present: equity
    now, the last sample.
    """
    wanted = [row for row in _since(days, start_ns) if end_ns is None or row["at_ns"] <= end_ns]
    if len(wanted) < 2:
        return None
    first = wanted[0]
    told = list(movements)
    flows = sorted(_flows(told, rates, valuation_currency, first["at_ns"]), key=lambda flow: flow.at_ns)
    points = [
        _Point(row["at_ns"], max(_day_start_ns(row["day"]) - 1, first["at_ns"]), row["equity"]) for row in wanted[1:]
    ]
    if present is not None and present.time_ns > points[-1].shown_ns and (end_ns is None or present.time_ns < end_ns):
        points.append(_Point(present.time_ns, present.time_ns, present.equity))
    marks = _marks(told, rates, valuation_currency, points)
    points = sorted([*points, *_between_records(marks, points, flows, first["at_ns"])], key=lambda point: point.at_ns)
    growth = _chained(first["equity"], points, flows)
    came = [ZERO, *accumulate(flow.amount for flow in flows)]
    times = [flow.at_ns for flow in flows]
    return EquityCurve(
        first["equity"],
        first["at_ns"],
        tuple(EquitySample(point.shown_ns, point.equity - came[bisect_right(times, point.at_ns)]) for point in points),
        tuple(EquitySample(point.shown_ns, index) for point, index in zip(points, growth, strict=True)),
    )


def _marks(
    movements: Iterable[Row], rates: Rates, valuation_currency: str, points: Sequence[_Point]
) -> Iterator[_Point]:
    """The equity just after each turn that booked movements of cash, up to the last point."""
    booked = (row for row in movements if row.get("equity") is not None and row["at_ns"] < points[-1].at_ns)
    for at_ns, turn in groupby(booked, key=lambda row: row["at_ns"]):
        equity: Decimal | None = None
        for row in turn:
            price = row["price"] or rates.rate(row["currency"], valuation_currency)
            before = row["equity"] if equity is None else equity
            equity = before if price is None else before + row["amount"] * price
        if equity is not None:
            yield _Point(at_ns, at_ns, equity)


def _between_records(
    marks: Iterable[_Point], points: Sequence[_Point], flows: Iterable[_Flow], first_ns: int
) -> Iterator[_Point]:
    """The marks that can be compared with the records about them: not those of a stretch in which something got its
    price or lost it, nor those of the moments from a midnight to its record."""
    priced = [flow.at_ns for flow in flows if flow.is_price and flow.amount]
    records = [_Point(first_ns, first_ns, ZERO), *points]
    for mark in marks:
        place = bisect_right(records, mark.at_ns, key=lambda record: record.at_ns)
        if not 0 < place < len(records):
            continue
        since, until = records[place - 1], records[place]
        if bisect_right(priced, since.at_ns) == bisect_right(priced, until.at_ns) and mark.at_ns < until.shown_ns:
            yield mark


def _chained(start: Decimal, points: Sequence[_Point], flows: Sequence[_Flow]) -> list[Decimal]:
    """How much one unit has grown at each point, over the stretches between flows.

    A flow whose equity was kept ends a stretch there; another counts as if it had come when its stretch began. What got
    its price with a daily record is no gain of the stretch that the record ends.
    """
    waiting = deque(flows)
    index, base, pending, cut_ns = ONE, start, ZERO, -1
    grown: list[Decimal] = []
    for at_ns, _, equity in points:
        priced = ZERO
        while waiting and waiting[0].at_ns <= at_ns:
            flow = waiting.popleft()
            if flow.is_price and flow.at_ns == at_ns:
                priced += flow.amount
            elif flow.at_ns == cut_ns:
                base += flow.amount
            elif flow.equity is None:
                pending += flow.amount
            else:
                index *= _growth(base, pending, flow.equity)
                base, pending, cut_ns = flow.equity + flow.amount, ZERO, flow.at_ns
        index *= _growth(base, pending, equity - priced)
        base, pending = equity, ZERO
        grown.append(index)
    return grown


def _growth(base: Decimal, flows: Decimal, end: Decimal) -> Decimal:
    """Of one stretch; one where there was nothing that could have grown."""
    if base + flows > 0:
        return end / (base + flows)
    return (end - flows) / base if base > 0 else ONE


def starting_record(days: Sequence[Row], start_ns: int | None) -> Row | None:
    """The last daily record at or before start_ns, or the first one; None without any."""
    return next(iter(_since(days, start_ns)), None)


def _since(days: Sequence[Row], start_ns: int | None) -> Sequence[Row]:
    if start_ns is None:
        return days
    before = sum(1 for row in days if row["at_ns"] <= start_ns)
    return days[max(before - 1, 0) :]


def _flows(movements: Iterable[Row], rates: Rates, valuation_currency: str, after_ns: int) -> list[_Flow]:
    found: list[_Flow] = []
    for row in movements:
        if row["at_ns"] <= after_ns or row["kind"] in EARNED_KINDS:
            continue
        price = row["price"] or rates.rate(row["currency"], valuation_currency)
        if price is None:
            rates.note(
                f"a movement of {plain(row['amount'])} {row['currency']} is in the equity curve: it has no price"
            )
            continue
        found.append(_Flow(row["at_ns"], row["amount"] * price, row.get("equity"), row["kind"] == PRICE))
    return found


def _day_start_ns(day: str) -> int:
    parsed = date.fromisoformat(day)
    return to_ns(datetime(parsed.year, parsed.month, parsed.day, tzinfo=UTC))
