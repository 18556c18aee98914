"""The account's equity curve out of its daily records: what the account earned, deposits and withdrawals taken out.

Each row of equity_days is the equity at 00:00 UTC (or at the first moment of the day that was seen): it closes the day
before it. Stands beside trade_recorder.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from app.clock import to_ns
from app.domain.money import ZERO, plain
from app.domain.performance import EquitySample
from app.services.trading.trip_fills import Rates
from app.store.queries import Row

EARNED_KINDS = frozenset({"funding", "interest", "liquidation", "rounding"})
"""Cash movements that are profit or loss; all others came from or went outside."""


@dataclass(frozen=True, slots=True)
class EquityCurve:
    """start: the equity that the curve begins with, at start_ns. samples: in order of time, after start_ns."""

    start: Decimal
    start_ns: int
    samples: tuple[EquitySample, ...]


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
    samples: list[EquitySample] = []
    for row in wanted[1:]:
        close_ns = max(_day_start_ns(row["day"]) - 1, first["at_ns"])
        samples.append(EquitySample(close_ns, row["equity"] - _until(flows, row["at_ns"])))
    if present is not None and present.time_ns > samples[-1].time_ns and (end_ns is None or present.time_ns < end_ns):
        samples.append(EquitySample(present.time_ns, present.equity - _until(flows, present.time_ns)))
    return EquityCurve(first["equity"], first["at_ns"], tuple(samples))


def starting_record(days: Sequence[Row], start_ns: int | None) -> Row | None:
    """The last daily record at or before start_ns, or the first one; None without any."""
    return next(iter(_since(days, start_ns)), None)


def _since(days: Sequence[Row], start_ns: int | None) -> Sequence[Row]:
    if start_ns is None:
        return days
    before = sum(1 for row in days if row["at_ns"] <= start_ns)
    return days[max(before - 1, 0) :]


def _flows(movements: Iterable[Row], rates: Rates, valuation_currency: str, after_ns: int) -> list[tuple[int, Decimal]]:
    found: list[tuple[int, Decimal]] = []
    for row in movements:
        if row["at_ns"] <= after_ns or row["kind"] in EARNED_KINDS:
            continue
        price = row["price"] or rates.rate(row["currency"], valuation_currency)
        if price is None:
            rates.note(
                f"a movement of {plain(row['amount'])} {row['currency']} is in the equity curve: it has no price"
            )
            continue
        found.append((row["at_ns"], row["amount"] * price))
    return found


def _until(flows: Iterable[tuple[int, Decimal]], at_ns: int) -> Decimal:
    return sum((amount for moved_ns, amount in flows if moved_ns <= at_ns), ZERO)


def _day_start_ns(day: str) -> int:
    parsed = date.fromisoformat(day)
    return to_ns(datetime(parsed.year, parsed.month, parsed.day, tzinfo=UTC))
