"""Positions, balances, cash, the kill switch, the days and the parents against the journal.

Positions are folded again from all their trades (which are compared with the journal one by one elsewhere); a balance
is the sum of its movements, trade legs, realised profits and fees.
"""

import functools
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.cash import holding_change
from app.domain.events import Event, EventKind
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import Fill, Order, PositionKey, PositionSide, TradeMode
from app.domain.positions import FillOrder, Position, PositionFold, anchored, fill_order, fold_in, opened, read_label
from app.journal.findings import Findings
from app.journal.told_rows import compare_row, told_row
from app.models.columns import UNKNOWN_MODE, storable
from app.models.parents import STATE_FIELDS, read_parts
from app.models.trading import (
    BalanceRow,
    CashMovement,
    EquityDay,
    KillSwitchRow,
    ParentOrder,
    ParentStep,
    StrategyHolding,
    Trade,
)
from app.models.trading import Position as PositionRow
from app.store import rows
from app.store.queries_account import steps_of_parent, trades_of_position
from app.store.queries_base import (
    Paged,
    Row,
    equal,
    mappings,
    of_account,
    order_select,
    paged,
    pages_within,
    read_orders,
)

StoredKey = tuple[str, str, str]
"""(instrument id, position side, trade mode) as the tables have them; the mode may be unknown there."""


class _Reason(msgspec.Struct):
    reason: str


class _Shares(msgspec.Struct):
    """By strategy, the change of what it holds of a contract, where a fill that was not its own closed it."""

    shares: dict[str, Decimal]


class _Holding(msgspec.Struct):
    size: Decimal
    cost: Decimal


class _Acceptance(msgspec.Struct):
    """An operator's word that more than a parent's size has filled. Evidence on one order has its order's parent."""

    parent_filled: Decimal = ZERO


_read_acceptance = msgspec.json.Decoder(_Acceptance).decode
_read_cash = told_row(CashMovement, "account", "at_ns")
_read_day = told_row(EquityDay, "account", later=("at_ns",))
_read_reason = msgspec.json.Decoder(_Reason).decode
_read_holding = msgspec.json.Decoder(_Holding).decode
_read_shares = msgspec.json.Decoder(_Shares).decode
_read_parent = told_row(ParentOrder, "updated_ns")
_read_step = told_row(ParentStep)


@dataclass(slots=True)
class AccountEvents:
    """What the journal says of the account itself; fed with every event in order. cash, days, parents, steps: as rows.

    openings: (size, cost) by instrument, side and mode, None where modes did not yet tell positions apart. modes: what
    those turned out to be. shares: by how much others' fills changed what a strategy holds of a contract.
    """

    cash: dict[int, Row] = field(default_factory=dict[int, Row])
    days: dict[str, Row] = field(default_factory=dict[str, Row])
    kill_switch: tuple[bool, str, str, int] | None = None
    openings: dict[tuple[str, str, str | None], _Holding] = field(
        default_factory=dict[tuple[str, str, str | None], _Holding]
    )
    modes: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    parents: dict[str, Row] = field(default_factory=dict[str, Row])
    steps: dict[str, dict[int, Row]] = field(default_factory=dict[str, dict[int, Row]])
    accepted: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    shares: dict[tuple[str, tuple[str, str, str | None]], Decimal] = field(
        default_factory=dict[tuple[str, tuple[str, str, str | None]], Decimal]
    )

    def see(self, event: Event) -> None:
        """Take one event. Raises MsgspecError or ValueError when its payload cannot be read."""
        match event.kind:
            case EventKind.CASH_MOVED:
                cash = _read_cash(event.payload)
                self.cash[cash["movement"]] = {**cash, "at_ns": event.at_ns}
            case EventKind.DAY_OPENED:
                day = _read_day(event.payload)
                self.days[day["day"]] = day if day["at_ns"] is not None else {**day, "at_ns": event.at_ns}
            case EventKind.KILL_SWITCH_ON | EventKind.KILL_SWITCH_OFF:
                engaged = event.kind == EventKind.KILL_SWITCH_ON
                reason = storable(_read_reason(event.payload).reason)
                self.kill_switch = (engaged, reason, event.principal, event.at_ns)
            case EventKind.POSITION_OPENING:
                self.openings[read_label(event.position or "")] = _read_holding(event.payload)
            case EventKind.POSITION_MODE:
                instrument_id, side, mode = read_label(event.position or "")
                self.modes[instrument_id, side] = mode or UNKNOWN_MODE
            case EventKind.POSITION_SHARED:
                for strategy_id, change in _read_shares(event.payload).shares.items():
                    name = (strategy_id, read_label(event.position or ""))
                    self.shares[name] = self.shares.get(name, ZERO) + change
            case EventKind.PARENT_CHANGED:
                parent = _read_parent(event.payload)
                self.parents[parent["parent_id"]] = parent
            case EventKind.PARENT_STEP:
                step = _read_step(event.payload)
                self.steps.setdefault(step["parent_id"], {})[step["step"]] = step
            case EventKind.OPERATOR_EVIDENCE if event.parent_id is not None:
                self.accepted[event.parent_id] = _read_acceptance(event.payload).parent_filled
            case _:
                pass

    def stored_key(self, instrument_id: str, side: str, mode: str | None) -> StoredKey:
        """Where a trade or an opening belongs."""
        return instrument_id, side, mode or self.modes.get((instrument_id, side), UNKNOWN_MODE)

    def opening(self, stored: StoredKey) -> PositionFold:
        """What the position held before its first fill."""
        instrument_id, side, mode = stored
        known = TradeMode(mode) if mode in tuple(TradeMode) else TradeMode.CASH
        key = PositionKey(instrument_id, PositionSide(side), known)
        held = [holding for name, holding in self.openings.items() if self.stored_key(*name) == stored]
        if not held:
            return opened(key)
        return anchored(Position(*key[:2], size=held[-1].size, cost=held[-1].cost, mode=key.mode), None)


@dataclass(slots=True)
class _Sums:
    """What the rows add up to: balances per currency, holdings per strategy id and position."""

    balances: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    holdings: defaultdict[tuple[str, *StoredKey], Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def check_account(
    connection: Connection,
    account: str,
    seen: AccountEvents,
    instruments: Mapping[str, Instrument],
    findings: Findings,
) -> tuple[int, tuple[str, ...]]:
    """Compare everything but orders. Returns how many positions were compared, and the instruments that could not be,
    because they are not in `instruments`: their positions, and the balances that they touch, are left out."""
    sums = _Sums()
    for (strategy_id, position), change in seen.shares.items():
        sums.holdings[strategy_id, *seen.stored_key(*position)] += change
    _check_cash(connection, account, seen, sums, findings)
    positions, unknown = _check_positions(connection, account, seen, instruments, sums, findings)
    if not unknown:
        _check_sums(connection, account, sums, findings)
    _check_kill_switch(connection, account, seen, findings)
    _check_days(connection, account, seen, findings)
    _check_parents(connection, account, seen, findings)
    return positions, tuple(sorted(unknown))


def _check_positions(
    connection: Connection,
    account: str,
    seen: AccountEvents,
    instruments: Mapping[str, Instrument],
    sums: _Sums,
    findings: Findings,
) -> tuple[int, set[str]]:
    stored = {
        (row["instrument_id"], row["position_side"], row["trade_mode"]): row
        for row in mappings(connection, of_account(PositionRow), account=account)
    }
    traded = connection.execute(_traded(), {"account": account})
    keys = {seen.stored_key(*row) for row in traded} | {seen.stored_key(*name) for name in seen.openings} | set(stored)
    unknown: set[str] = set()
    for key in sorted(keys):
        instrument = instruments.get(key[0])
        if instrument is None:
            unknown.add(key[0])
            continue
        fold = _folded(connection, account, key, instrument, seen, sums)
        _check_position(key, fold, instrument, stored.get(key), findings)
    return len(keys) - len(unknown), unknown


@functools.cache
def _traded() -> sa.Executable:
    columns = (Trade.instrument_id, Trade.position_side, Trade.trade_mode)
    return sa.select(*columns).where(*equal(Trade, "account")).distinct()


def _folded(
    connection: Connection,
    account: str,
    key: StoredKey,
    instrument: Instrument,
    seen: AccountEvents,
    sums: _Sums,
) -> PositionFold:
    fold = seen.opening(key)
    spot = instrument.kind is InstrumentKind.SPOT
    before = fold.position.realised_pnl
    modeless = seen.stored_key(*key[:2], None) == key
    for fill, strategy_id in _fills(connection, account, key, modeless=modeless):
        fold = fold_in(fold, instrument, fill)
        _add(fill, strategy_id, key, instrument, sums)
    if not spot:
        sums.balances[instrument.settle] += fold.position.realised_pnl - before
    return fold


def _add(fill: Fill, strategy_id: str | None, key: StoredKey, instrument: Instrument, sums: _Sums) -> None:
    change = fill.side.sign * fill.size
    spot = instrument.kind is InstrumentKind.SPOT
    if spot:
        sums.balances[instrument.base] += change
        sums.balances[instrument.quote] -= change * fill.price
    if fill.fee:
        sums.balances[fill.fee_currency] -= fill.fee
    if strategy_id is not None:
        sums.holdings[strategy_id, *key] += holding_change(instrument, fill)


def _check_position(
    key: StoredKey, fold: PositionFold, instrument: Instrument, stored: Row | None, findings: Findings
) -> None:
    subject = f"position {'/'.join(key)}"
    if stored is None:
        findings.add("M1", subject, "has trades, but no row")
        return
    position, beside = fold.position, (stored["event_seq"], stored["updated_ns"])
    replayed = rows.POSITION.named(stored["account"], position.key, fold, instrument, *beside)
    for column in rows.POSITION.changing:
        findings.compare("M1", subject, column, stored[column], replayed[column])


def _fills(
    connection: Connection, account: str, key: StoredKey, *, modeless: bool
) -> Generator[tuple[Fill, str | None]]:
    """The trades of one position in the order of fills, each with its strategy, in bounded memory."""
    names = ("instrument_id", "position_side", "trade_mode")
    wanted = dict(zip(names, key, strict=True))
    held: list[tuple[Fill, str | None]] = []
    for found in pages_within(connection, _trades(modeless=modeless), account=account, **wanted):
        for row in found:
            fill = rows.fill_from_row(row)
            # The database sorts ids of one nanosecond as text, the fold as numbers: sort each nanosecond here.
            if held and held[0][0].time_ns != fill.time_ns:
                yield from sorted(held, key=_place)
                held.clear()
            held.append((fill, row["strategy_id"]))
    yield from sorted(held, key=_place)


@functools.cache
def _trades(*, modeless: bool) -> Paged:
    place = (Trade.traded_ns, Trade.trade_id, Trade.exchange_order_id)
    return paged(trades_of_position(modeless=modeless), *place)


def _place(item: tuple[Fill, str | None]) -> FillOrder:
    return fill_order(item[0])


def _check_sums(connection: Connection, account: str, sums: _Sums, findings: Findings) -> None:
    stored = {row["currency"]: row["total"] for row in mappings(connection, of_account(BalanceRow), account=account)}
    for currency in sorted({*stored, *sums.balances}):
        total = stored.get(currency, ZERO)
        findings.compare("M2", f"balance {currency}", "total", total, sums.balances.get(currency, ZERO))
    holdings = mappings(connection, of_account(StrategyHolding), account=account)
    columns = ("strategy_id", "instrument_id", "position_side", "trade_mode")
    held = {tuple(row[column] for column in columns): row["size"] for row in holdings}
    for key in sorted({*held, *sums.holdings}):
        size = held.get(key, ZERO)
        findings.compare("M1", f"holding {'/'.join(key)}", "size", size, sums.holdings.get(key, ZERO))


def _check_cash(connection: Connection, account: str, seen: AccountEvents, sums: _Sums, findings: Findings) -> None:
    stored = mappings(connection, of_account(CashMovement), account=account)
    for row in stored:
        sums.balances[row["currency"]] += row["amount"]
        subject = f"cash movement {row['movement']}"
        found = seen.cash.get(row["movement"])
        if found is None:
            findings.add("M2", subject, "stands in the table, but not in the journal")
            continue
        compare_row(findings, "M2", subject, row, found)
    for movement in sorted(seen.cash.keys() - {row["movement"] for row in stored}):
        findings.add("M2", f"cash movement {movement}", "stands in the journal, but not in the table")


def _check_kill_switch(connection: Connection, account: str, seen: AccountEvents, findings: Findings) -> None:
    columns = ("engaged", "reason", "principal", "at_ns")
    found = [
        tuple(row[name] for name in columns) for row in mappings(connection, of_account(KillSwitchRow), account=account)
    ]
    findings.compare("P4", "kill switch", f"({', '.join(columns)})", found[0] if found else None, seen.kill_switch)


def _check_days(connection: Connection, account: str, seen: AccountEvents, findings: Findings) -> None:
    found = mappings(connection, of_account(EquityDay), account=account)
    stored = {row["day"]: row for row in found}
    for day in sorted({*stored, *seen.days}):
        subject, row, replayed = f"equity day {day}", stored.get(day), seen.days.get(day)
        if row is None or replayed is None:
            where = "journal, but not in the table" if row is None else "table, but not in the journal"
            findings.add("P4", subject, f"stands in the {where}")
            continue
        compare_row(findings, "P4", subject, row, replayed)


def _check_parents(connection: Connection, account: str, seen: AccountEvents, findings: Findings) -> None:
    stored = {row["parent_id"]: row for row in mappings(connection, of_account(ParentOrder), account=account)}
    for parent_id in sorted({*stored, *seen.parents}):
        row, replayed = stored.get(parent_id), seen.parents.get(parent_id)
        subject = f"parent {parent_id}"
        if row is None or replayed is None:
            where = "journal, but not in the table" if row is None else "table, but not in the journal"
            findings.add("P4", subject, f"stands in the {where}")
            continue
        compare_row(findings, "P4", subject, row, replayed, "next_step", "state")
        children = read_orders(connection, order_select("account", "parent_id"), account=account, parent_id=parent_id)
        _check_state(row, replayed, children, findings)
        _check_steps(connection, row, replayed, seen, findings)
        _check_cap(row, children, seen.accepted.get(parent_id, ZERO), findings)


def _check_state(parent: Row, replayed: Row, children: Sequence[Order], findings: Findings) -> None:
    """What has filled is counted along with steps: no less than was told last, no more than the children have."""
    subject = f"parent {parent['parent_id']}"
    stored, told = (read_parts(each["params"], each["state"]) for each in (parent, replayed))
    for name in STATE_FIELDS:
        if name != "filled":
            findings.compare("P4", subject, f"state.{name}", stored[name], told[name])
    most = sum((child.filled_size for child in children), ZERO)
    if not told["filled"] <= stored["filled"] <= most:
        text = f"state.filled is {stored['filled']}, but the journal gives {told['filled']} to {most}"
        findings.add("P4", subject, text)


def _check_steps(connection: Connection, parent: Row, replayed: Row, seen: AccountEvents, findings: Findings) -> None:
    parent_id = replayed["parent_id"]
    stored = {row["step"]: row for row in mappings(connection, steps_of_parent(), parent_id=parent_id)}
    steps = seen.steps.get(parent_id, {})
    for step in sorted({*stored, *steps}):
        row, read = stored.get(step), steps.get(step)
        subject = f"step {step} of parent {parent_id}"
        if row is None or read is None:
            where = "journal, but not in the table" if row is None else "table, but not in the journal"
            findings.add("P4", subject, f"stands in the {where}")
            continue
        compare_row(findings, "P4", subject, row, read)
    highest = max([replayed["next_step"] - 1, *steps])
    findings.compare("P4", f"parent {parent_id}", "next_step", parent["next_step"], highest + 1)


class _ParentSize(msgspec.Struct):
    size: Decimal


def _check_cap(parent: Row, children: Sequence[Order], accepted: Decimal, findings: Findings) -> None:
    """The children together may not be able to fill more than the parent asks for, or than an operator has accepted by
    the journal (INVARIANTS S4)."""
    size = msgspec.json.decode(parent["params"], type=_ParentSize).size
    most = sum((_most(child) for child in children), ZERO)
    if most > max(size, accepted):
        findings.add("S4", f"parent {parent['parent_id']}", f"its children may fill {most}, but its size is {size}")


def _most(child: Order) -> Decimal:
    """What we let the child fill; that the venue filled more, or works what it refused, is its fault and an anomaly."""
    if child.contradicted:
        return child.filled_size
    return child.size if child.filled_size > child.size else child.max_possible
