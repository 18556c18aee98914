"""The account's equity curve out of its daily records: what the account earned, deposits and withdrawals taken out.

Each row of equity_days is the equity at 00:00 UTC (or at the first moment of the day that was seen): it closes the day
before it. Stands beside trade_recorder.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
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

    It begins with the last record at or before start_ns, or the first one. present: equity now, the last sample.
    """
    wanted = [row for row in _since(days, start_ns) if end_ns is None or row["at_ns"] <= end_ns]
    if len(wanted) < 2:
        return None
    first = wanted[0]
    flows = _flows(movements, rates, valuation_currency, first["at_ns"])
    # (as of, shown at, equity)
    points = [(row["at_ns"], max(_day_start_ns(row["day"]) - 1, first["at_ns"]), row["equity"]) for row in wanted[1:]]
    if present is not None and present.time_ns > points[-1][1] and (end_ns is None or present.time_ns < end_ns):
        points.append((present.time_ns, present.time_ns, present.equity))
    growth = _chained(first["equity"], [(as_of, equity) for as_of, _, equity in points], flows)
    return EquityCurve(
        first["equity"],
        first["at_ns"],
        tuple(EquitySample(shown, equity - _until(flows, as_of)) for as_of, shown, equity in points),
        tuple(EquitySample(shown, index) for (_, shown, _), index in zip(points, growth, strict=True)),
    )


def _chained(start: Decimal, points: Sequence[tuple[int, Decimal]], flows: Iterable[_Flow]) -> list[Decimal]:
    """How much one unit has grown at each point, over the stretches between flows.

    A flow whose equity was kept ends a stretch there; another counts as if it had come when its stretch began. What got
    its price with a daily record is no gain of the stretch that the record ends.
    """
    waiting = sorted(flows, key=lambda flow: flow.at_ns)
    index, base, pending, cut_ns = ONE, start, ZERO, -1
    grown: list[Decimal] = []
    for at_ns, equity in points:
        priced = ZERO
        while waiting and waiting[0].at_ns <= at_ns:
            flow = waiting.pop(0)
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


def _until(flows: Iterable[_Flow], at_ns: int) -> Decimal:
    return sum((flow.amount for flow in flows if flow.at_ns <= at_ns), ZERO)


def _day_start_ns(day: str) -> int:
    parsed = date.fromisoformat(day)
    return to_ns(datetime(parsed.year, parsed.month, parsed.day, tzinfo=UTC))
