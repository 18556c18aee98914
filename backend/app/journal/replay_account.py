"""Positions, balances, cash, the kill switch, the days and the parents against the journal.

Positions are folded again from all their trades (which are compared with the journal one by one elsewhere); a balance
is the sum of its movements, trade legs, realised profits and fees.
"""

from collections import defaultdict
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.events import Event, EventKind
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import Fill, Order, PositionSide
from app.domain.positions import Position, PositionFold, anchored, fill_order, fold_in, opened
from app.journal.codec import decode_plain
from app.journal.findings import Findings
from app.models.trading import (
    BalanceRow,
    CashMovement,
    EquityDay,
    KillSwitchRow,
    ParentOrder,
    ParentStep,
    Quarantine,
    Trade,
)
from app.models.trading import Order as OrderRow
from app.models.trading import Position as PositionRow
from app.store import rows
from app.store.group import PositionKey
from app.store.queries_base import Row, fill_select, mappings, read_orders

CHUNK = 5_000


@dataclass(slots=True)
class AccountEvents:
    """What the journal says of the account itself; fed with every event in order."""

    cash: dict[int, tuple[dict[str, Any], int]] = field(default_factory=dict[int, tuple[dict[str, Any], int]])
    days: dict[str, tuple[dict[str, Any], int]] = field(default_factory=dict[str, tuple[dict[str, Any], int]])
    kill_switch: tuple[bool, str, str, int] | None = None
    openings: dict[PositionKey, PositionFold] = field(default_factory=dict[PositionKey, PositionFold])
    parents: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    steps: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict[str, dict[int, dict[str, Any]]])
    quarantined: dict[int, str] = field(default_factory=dict[int, str])

    def see(self, event: Event) -> None:
        """Take one event. Raises ValueError (msgspec's among them) when its payload cannot be read."""
        match event.kind:
            case EventKind.CASH_MOVED:
                payload = decode_plain(event.payload)
                self.cash[payload["movement"]] = (payload, event.at_ns)
            case EventKind.DAY_OPENED:
                payload = decode_plain(event.payload)
                self.days[payload["day"]] = (payload, event.at_ns)
            case EventKind.KILL_SWITCH_ON | EventKind.KILL_SWITCH_OFF:
                engaged = event.kind == EventKind.KILL_SWITCH_ON
                self.kill_switch = (engaged, decode_plain(event.payload)["reason"], event.principal, event.at_ns)
            case EventKind.POSITION_OPENING:
                self._opening(event)
            case EventKind.PARENT_CHANGED:
                payload = decode_plain(event.payload)
                self.parents[payload["parent_id"]] = payload
            case EventKind.PARENT_STEP:
                payload = decode_plain(event.payload)
                self.steps.setdefault(payload["parent_id"], {})[payload["step"]] = payload
            case EventKind.QUARANTINED:
                self.quarantined[event.seq] = decode_plain(event.payload)["reason"]
            case _:
                pass

    def _opening(self, event: Event) -> None:
        payload = decode_plain(event.payload)
        instrument_id, _, side = (event.position or "").rpartition("/")
        size, cost = Decimal(payload["size"]), Decimal(payload["cost"])
        position = Position(instrument_id, PositionSide(side), size=size, cost=cost)
        self.openings[instrument_id, side] = anchored(position, None)


def check_account(
    connection: Connection,
    account: str,
    seen: AccountEvents,
    instruments: Mapping[str, Instrument],
    findings: Findings,
) -> tuple[int, tuple[str, ...]]:
    """Compare everything but orders. Returns how many positions were compared, and the instruments that could not be,
    because they are not in `instruments`: their positions, and the balances that they touch, are left out."""
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    _check_cash(connection, account, seen, balances, findings)
    positions, unknown = _check_positions(connection, account, seen, instruments, balances, findings)
    if not unknown:
        _check_balances(connection, account, balances, findings)
    _check_kill_switch(connection, account, seen, findings)
    _check_days(connection, account, seen, findings)
    _check_quarantine(connection, account, seen, findings)
    _check_parents(connection, account, seen, findings)
    return positions, tuple(sorted(unknown))


def _check_positions(
    connection: Connection,
    account: str,
    seen: AccountEvents,
    instruments: Mapping[str, Instrument],
    balances: defaultdict[str, Decimal],
    findings: Findings,
) -> tuple[int, set[str]]:
    stored = {
        (row["instrument_id"], row["position_side"]): row
        for row in mappings(connection, sa.select(PositionRow.__table__).where(PositionRow.account == account))
    }
    traded = sa.select(Trade.instrument_id, Trade.position_side).where(Trade.account == account).distinct()
    keys: set[PositionKey] = {(row[0], row[1]) for row in connection.execute(traded)} | set(seen.openings) | set(stored)
    unknown: set[str] = set()
    for key in sorted(keys):
        instrument = instruments.get(key[0])
        if instrument is None:
            unknown.add(key[0])
            continue
        fold = _folded(connection, account, key, instrument, seen.openings.get(key), balances)
        _check_position(key, fold, instrument, stored.get(key), findings)
    return len(keys) - len(unknown), unknown


def _folded(
    connection: Connection,
    account: str,
    key: PositionKey,
    instrument: Instrument,
    opening: PositionFold | None,
    balances: defaultdict[str, Decimal],
) -> PositionFold:
    fold = opening or opened(key[0], PositionSide(key[1]))
    spot = instrument.kind is InstrumentKind.SPOT
    before = fold.position.realised_pnl
    for fill in _fills(connection, account, key):
        fold = fold_in(fold, instrument, fill)
        if spot:
            balances[instrument.base] += fill.side.sign * fill.size
            balances[instrument.quote] -= fill.side.sign * fill.size * fill.price
        if fill.fee:
            balances[fill.fee_currency] -= fill.fee
    if not spot:
        balances[instrument.settle] += fold.position.realised_pnl - before
    return fold


def _check_position(
    key: PositionKey, fold: PositionFold, instrument: Instrument, stored: Row | None, findings: Findings
) -> None:
    subject = f"position {key[0]}/{key[1]}"
    if stored is None:
        findings.add("M1", subject, "has trades, but no row")
        return
    replayed = rows.position_changing_values(fold, instrument, stored["event_seq"], stored["updated_ns"])
    for column, value in zip(rows.POSITION_CHANGING, replayed, strict=True):
        findings.compare("M1", subject, column, stored[column], value)


def _fills(connection: Connection, account: str, key: PositionKey) -> Generator[Fill]:
    """The trades of one position in the order of fills, in bounded memory."""
    place = (Trade.traded_ns, Trade.trade_id, Trade.exchange_order_id)
    statement = (
        fill_select()
        .where(Trade.account == account, Trade.instrument_id == key[0], Trade.position_side == key[1])
        .order_by(*place)
        .limit(CHUNK)
    )
    found = mappings(connection, statement)
    held: list[Fill] = []
    while found:
        for fill in map(rows.fill_from_row, found):
            # The database sorts ids of one nanosecond as text, the fold as numbers: sort each nanosecond here.
            if held and held[0].time_ns != fill.time_ns:
                yield from sorted(held, key=fill_order)
                held.clear()
            held.append(fill)
        last = found[-1]
        after = sa.tuple_(last["traded_ns"], last["trade_id"], last["exchange_order_id"])
        found = mappings(connection, statement.where(sa.tuple_(*place) > after))
    yield from sorted(held, key=fill_order)


def _check_balances(connection: Connection, account: str, balances: Mapping[str, Decimal], findings: Findings) -> None:
    stored = {
        row["currency"]: row["total"]
        for row in mappings(connection, sa.select(BalanceRow.__table__).where(BalanceRow.account == account))
    }
    for currency in sorted({*stored, *balances}):
        total = stored.get(currency, ZERO)
        findings.compare("M2", f"balance {currency}", "total", total, balances.get(currency, ZERO))


def _check_cash(
    connection: Connection,
    account: str,
    seen: AccountEvents,
    balances: defaultdict[str, Decimal],
    findings: Findings,
) -> None:
    stored = mappings(connection, sa.select(CashMovement.__table__).where(CashMovement.account == account))
    for row in stored:
        balances[row["currency"]] += row["amount"]
        subject = f"cash movement {row['movement']}"
        found = seen.cash.get(row["movement"])
        if found is None:
            findings.add("M2", subject, "stands in the table, but not in the journal")
            continue
        payload, at_ns = found
        for column in ("currency", "kind", "instrument_id", "note"):
            findings.compare("M2", subject, column, row[column], payload[column])
        for column in ("amount", "price"):
            value = payload[column]
            findings.compare("M2", subject, column, row[column], None if value is None else Decimal(value))
        findings.compare("M2", subject, "at_ns", row["at_ns"], at_ns)
    for movement in sorted(seen.cash.keys() - {row["movement"] for row in stored}):
        findings.add("M2", f"cash movement {movement}", "stands in the journal, but not in the table")


def _check_kill_switch(connection: Connection, account: str, seen: AccountEvents, findings: Findings) -> None:
    columns = (KillSwitchRow.engaged, KillSwitchRow.reason, KillSwitchRow.principal, KillSwitchRow.at_ns)
    row = connection.execute(sa.select(*columns).where(KillSwitchRow.account == account)).first()
    findings.compare(
        "P4", "kill switch", "(engaged, reason, principal, at_ns)", tuple(row) if row else None, seen.kill_switch
    )


def _check_days(connection: Connection, account: str, seen: AccountEvents, findings: Findings) -> None:
    columns = (EquityDay.day, EquityDay.equity, EquityDay.currency, EquityDay.at_ns)
    stored = {
        row[0]: tuple(row[1:]) for row in connection.execute(sa.select(*columns).where(EquityDay.account == account))
    }
    replayed = {
        day: (Decimal(payload["equity"]), payload["currency"], at_ns) for day, (payload, at_ns) in seen.days.items()
    }
    for day in sorted({*stored, *replayed}):
        findings.compare("P4", f"equity day {day}", "(equity, currency, at_ns)", stored.get(day), replayed.get(day))


def _check_quarantine(connection: Connection, account: str, seen: AccountEvents, findings: Findings) -> None:
    statement = sa.select(Quarantine.seq, Quarantine.reason).where(Quarantine.account == account)
    stored = {row[0]: row[1] for row in connection.execute(statement)}
    for seq in sorted({*stored, *seen.quarantined}):
        findings.compare("P6", f"quarantined message {seq}", "reason", stored.get(seq), seen.quarantined.get(seq))


_PARENT_FIXED = ("account", "strategy", "config", "params", "status", "reason", "is_open", "created_ns")
_STEP_COLUMNS = ("kind", "order_id", "client_order_id", "content", "decided_ns")


def _check_parents(connection: Connection, account: str, seen: AccountEvents, findings: Findings) -> None:
    stored = {
        row["parent_id"]: row
        for row in mappings(connection, sa.select(ParentOrder.__table__).where(ParentOrder.account == account))
    }
    for parent_id in sorted({*stored, *seen.parents}):
        row, replayed = stored.get(parent_id), seen.parents.get(parent_id)
        subject = f"parent {parent_id}"
        if row is None or replayed is None:
            where = "journal, but not in the table" if row is None else "table, but not in the journal"
            findings.add("P4", subject, f"stands in the {where}")
            continue
        for column in _PARENT_FIXED:
            findings.compare("P4", subject, column, row[column], replayed[column])
        _check_steps(connection, row, replayed, seen, findings)
        _check_cap(connection, account, row, findings)


def _check_steps(
    connection: Connection, parent: Row, replayed: Mapping[str, Any], seen: AccountEvents, findings: Findings
) -> None:
    parent_id = parent["parent_id"]
    statement = sa.select(ParentStep.__table__).where(ParentStep.parent_id == parent_id)
    stored = {row["step"]: row for row in mappings(connection, statement)}
    steps = seen.steps.get(parent_id, {})
    for step in sorted({*stored, *steps}):
        was, now = stored.get(step), steps.get(step)
        found = None if was is None else tuple(was[column] for column in _STEP_COLUMNS)
        given = None if now is None else tuple(now[column] for column in _STEP_COLUMNS)
        findings.compare("P4", f"step {step} of parent {parent_id}", str(_STEP_COLUMNS), found, given)
    highest = max([replayed["next_step"] - 1, *steps])
    findings.compare("P4", f"parent {parent_id}", "next_step", parent["next_step"], highest + 1)


class _ParentSize(msgspec.Struct):
    size: Decimal


def _check_cap(connection: Connection, account: str, parent: Row, findings: Findings) -> None:
    """The children together may not be able to fill more than the parent asks for (INVARIANTS S4)."""
    size = msgspec.json.decode(parent["params"], type=_ParentSize).size
    children = read_orders(connection, OrderRow.account == account, OrderRow.parent_id == parent["parent_id"])
    most = sum((_most(child) for child in children), ZERO)
    if most > size:
        findings.add("S4", f"parent {parent['parent_id']}", f"its children may fill {most}, but its size is {size}")


def _most(child: Order) -> Decimal:
    """What we let the child fill; that the venue filled more is its fault, and recorded as an anomaly."""
    return child.size if child.filled_size > child.size else child.max_possible
