"""What many orders cost together: by day, strategy, label, instrument, side, size, exchange or arm of a wheel.

Read page by page; what is held grows with the groups and their days, not with the orders.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from app.clock import utc
from app.domain.instruments import Instrument
from app.domain.money import ZERO
from app.domain.orders import Order
from app.domain.refusals import InvalidValue
from app.domain.tca.calibration import Calibrating
from app.domain.tca.grouping import Grouping
from app.domain.tca.markout import HORIZONS_MS
from app.domain.tca.ratios import NEVER_LEFT, REFUSED
from app.domain.tca.size_bucket import size_bucket
from app.domain.tca.weighted import WeightedFigure
from app.domain.tca.worth import cost_currency, paid
from app.services.trading.reports.cost_arms import ArmCosts, compared
from app.services.trading.reports.cost_marks import markout_mean
from app.services.trading.reports.cost_subjects import Reading, Subject, arm_of, of_order, of_parent, reading
from app.services.trading.reports.cost_views import CostGroup, CostReport, GroupFigure, UnlistedOrders
from app.services.trading.reports.window import window
from app.store import queries
from app.store.database import Database
from app.store.queries import Row
from app.store.rows import parent_from_row

PAGE = 200
GROUPS_MAX = 1_000
ORDERS_MAX = 100_000
"""Of one report: it is told while the system trades on the same processor."""
BPS_UNIT, SHARE_UNIT = Decimal("0.01"), Decimal("0.0001")

HORIZONS = {f"{horizon_ms / 1_000:g}s": horizon_ms for horizon_ms in HORIZONS_MS}
NAMES = {horizon_ms: name for name, horizon_ms in HORIZONS.items()}

InstrumentOf = Callable[[str], Instrument | None]


@dataclass(frozen=True, slots=True)
class _Measured:
    """A subject, when it ended, and what is told of it; None where that is not known."""

    subject: Subject
    ended_ns: int
    read: Reading

    @property
    def arm(self) -> str | None:
        return self.subject.arm


class _Unlisted(NamedTuple):
    """What ended of an instrument that the exchange does not list any more: what its size is worth is not known."""

    instrument_id: str
    arm: str | None


@dataclass(slots=True)
class _Group:
    orders: int = 0
    unmeasured: int = 0
    notional: Decimal = ZERO
    cost: Decimal = ZERO
    figures: dict[tuple[str, str], WeightedFigure] = field(default_factory=dict[tuple[str, str], WeightedFigure])
    walk: Calibrating = field(default_factory=lambda: Calibrating("walk"))
    square_root: Calibrating = field(default_factory=lambda: Calibrating("square_root"))


def cost_report(
    database: Database,
    account: str,
    instrument_of: InstrumentOf,
    by: Grouping,
    *,
    start_date: datetime | None = None,
    end_date: datetime | None = None,
    instrument_id: str | None = None,
) -> CostReport:
    """Raises InvalidValue for dates that are none, and for a period of more than can be told at once."""
    start_ns, end_ns = window(start_date, end_date)
    exchange = next(row["exchange"] for row in queries.accounts(database) if row["account"] == account)
    groups: dict[tuple[str | None, str], _Group] = {}
    unlisted = Counter[str]()
    count = 0
    for measured in _ended(database, account, instrument_of, start_ns or 0, end_ns or 2**63 - 1, instrument_id):
        if by is Grouping.ARM and measured.arm is None:
            continue
        count += 1
        if count > ORDERS_MAX:
            raise InvalidValue("start_date", str(start_date), f"more than {ORDERS_MAX} orders: ask for a shorter time")
        if isinstance(measured, _Unlisted):
            unlisted[measured.instrument_id] += 1
            continue
        key = (_group_of(by, measured, exchange), cost_currency(measured.subject.instrument))
        if key not in groups and len(groups) == GROUPS_MAX:
            raise InvalidValue("by", by.value, f"more than {GROUPS_MAX} groups: ask for a shorter time")
        _add(groups.setdefault(key, _Group()), measured)
    ordered = sorted(groups.items(), key=lambda item: _place(by, *item[0]))
    return CostReport(
        by=by,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
        orders=count,
        groups=tuple(_told(name, currency, group) for (name, currency), group in ordered),
        comparisons=tuple(compared(_arms(groups))) if by is Grouping.ARM else (),
        unlisted=tuple(UnlistedOrders(*each) for each in sorted(unlisted.items())),
    )


class Slipped(NamedTuple):
    """Of what ended. kind: the execution's strategy, of an order alone its type. bps: None where it cannot be told."""

    subject_id: str
    ended_ns: int
    strategy_id: str | None
    kind: str
    instrument_id: str
    bps: Decimal | None


def ended_slippages(
    database: Database, account: str, instrument_of: InstrumentOf, after: tuple[int, str], until_ns: int
) -> Iterator[Slipped]:
    """Of everything that ended since, oldest first. after: (ended_ns, subject_id) of the last one known."""
    for measured in _ended(database, account, instrument_of, after[0], until_ns, None, after):
        if isinstance(measured, _Unlisted):
            continue
        subject = measured.subject
        kind = subject.strategy or f"{subject.orders[0].request.order_type.value} orders"
        place = (subject.id, measured.ended_ns, subject.strategy_id, kind, subject.instrument.instrument_id)
        yield Slipped(*place, measured.read.slipped)


def _ended(
    database: Database,
    account: str,
    instrument_of: InstrumentOf,
    since_ns: int,
    until_ns: int,
    only: str | None,
    after: tuple[int, str] = (0, ""),
) -> Iterator[_Measured | _Unlisted]:
    """Everything that ended within, oldest first, but orders that the exchange never took: nothing was traded by them,
    and nothing could be."""
    while True:
        page = queries.ended_orders(database, account, since_ns, until_ns, instrument_id=only, after=after, limit=PAGE)
        orders: defaultdict[str, list[Order]] = defaultdict(list)
        for order in page.orders:
            orders[order.request.parent_id or order.order_id].append(order)
        marks: defaultdict[str, list[Row]] = defaultdict(list)
        for row in page.marks:
            marks[row["order_id"]].append(row)
        for row in page.windows:
            subject = _subject(row["subject_id"], page.parents, orders, instrument_of)
            if isinstance(subject, _Unlisted):
                yield subject
            elif subject is not None:
                own = [mark for order in subject.orders for mark in marks[order.order_id]]
                yield _Measured(subject, row["ended_ns"], reading(subject, row, own))
        if len(page.windows) < PAGE:
            return
        after = (page.windows[-1]["ended_ns"], page.windows[-1]["subject_id"])


def _subject(
    subject_id: str, parents: dict[str, Row], orders: dict[str, list[Order]], instrument_of: InstrumentOf
) -> Subject | _Unlisted | None:
    own = orders.get(subject_id, [])
    if (row := parents.get(subject_id)) is not None:
        parent = parent_from_row(row)
        if instrument_of(parent.instrument_id) is None:
            return _Unlisted(parent.instrument_id, arm_of(parent))
        return of_parent(parent, own, instrument_of)
    if not own or own[0].status in (*REFUSED, *NEVER_LEFT):
        return None
    if instrument_of(own[0].request.instrument_id) is None:
        return _Unlisted(own[0].request.instrument_id, None)
    return of_order(own[0], instrument_of)


def _group_of(by: Grouping, measured: _Measured, exchange: str) -> str | None:
    subject, whole = measured.subject, measured.read.shortfall
    match by:
        case Grouping.DAY:
            return _day(measured).isoformat()
        case Grouping.STRATEGY:
            return subject.strategy or "order"
        case Grouping.LABEL:
            return subject.strategy_id
        case Grouping.INSTRUMENT:
            return subject.instrument.instrument_id
        case Grouping.SIDE:
            return subject.side.value
        case Grouping.SIZE:
            return None if whole is None else size_bucket(whole.notional)
        case Grouping.EXCHANGE:
            return exchange
        case Grouping.ARM:
            return subject.arm


def _place(by: Grouping, name: str | None, currency: str) -> tuple[str, Decimal, str]:
    """Sizes from the smallest, all else by name; what has none first."""
    if by is Grouping.SIZE:
        return currency, ZERO if name is None else Decimal(name.split()[0]), ""
    return name or "", ZERO, currency


def _day(measured: _Measured) -> date:
    return utc(measured.ended_ns).date()


def _add(group: _Group, measured: _Measured) -> None:
    group.orders += 1
    whole, day = measured.read.shortfall, _day(measured)
    if whole is None or whole.money.total is None:
        group.unmeasured += 1
    else:
        group.notional += whole.notional
        group.cost += whole.money.total
    came, estimate = measured.read.slipped, measured.read.estimate
    for calibrating, told in ((group.walk, estimate.walk_bps), (group.square_root, estimate.square_root_bps)):
        if came is not None and told is not None:
            calibrating.add(told, came)
    for name, weighed, weight, value, unit in _figures(measured):
        if value is not None and weight:
            figure = group.figures.get((name, weighed))
            if figure is None:
                figure = group.figures[name, weighed] = WeightedFigure(unit)
            figure.add(day, weight, value)


def _figures(measured: _Measured) -> Iterable[tuple[str, str, Decimal, Decimal | None, Decimal]]:
    """(name, of which notional its mean is, that notional, value, to which its quantiles are told)"""
    read, subject = measured.read, measured.subject
    instrument, sign, market, whole = subject.instrument, subject.side.sign, read.market, read.shortfall
    if whole is not None and whole.bps.total is not None:
        for name in ("total", "delay", "spread", "execution", "opportunity", "fees"):
            yield f"{name}_bps", "ordered", whole.notional, getattr(whole.bps, name), BPS_UNIT
    filled = sum((abs(paid(instrument, each.fill.size, each.fill.price)) for each in read.fills), ZERO)
    estimate = read.estimate
    of_fills: list[tuple[str, Decimal | None, Decimal]] = [
        ("arrival_slippage_bps", read.slipped, BPS_UNIT),
        ("vwap_slippage_bps", None if market is None else market.vwap_without_own_slippage_bps, BPS_UNIT),
        ("twap_slippage_bps", None if market is None else market.twap_slippage_bps, BPS_UNIT),
        ("effective_spread_bps", read.effective_spread, BPS_UNIT),
        *(
            (f"markout_{name}_bps", markout_mean(sign, instrument, read.fills, horizon_ms), BPS_UNIT)
            for name, horizon_ms in HORIZONS.items()
        ),
        *((f"reversion_{NAMES[each.horizon_ms]}_bps", each.reversion_bps, BPS_UNIT) for each in read.after_end),
        ("walk_estimate_bps", estimate.walk_bps, BPS_UNIT),
        ("square_root_estimate_bps", estimate.square_root_bps, BPS_UNIT),
        ("surprise_bps", estimate.surprise_bps, BPS_UNIT),
        ("participation", None if market is None else market.participation, SHARE_UNIT),
        ("maker_share", read.maker_share, SHARE_UNIT),
    ]
    for name, value, unit in of_fills:
        yield name, "filled", filled, value, unit


def _told(name: str | None, currency: str, group: _Group) -> CostGroup:
    figures = tuple(
        GroupFigure(figure, weighed, told)
        for (figure, weighed), each in group.figures.items()
        if (told := each.told()) is not None
    )
    calibration = tuple(one for each in (group.walk, group.square_root) if (one := each.told()) is not None)
    of = (group.orders, group.unmeasured, group.notional, group.cost)
    return CostGroup(name, currency, *of, figures, calibration)


def _arms(groups: Mapping[tuple[str | None, str], _Group]) -> Iterable[ArmCosts]:
    for (name, currency), group in groups.items():
        wheel, _, arm = (name or "").rpartition(": ")
        total = group.figures.get(("total_bps", "ordered"))
        days = {} if total is None else total.days
        yield ArmCosts(wheel, arm, currency, group.orders, group.unmeasured, days)
