"""Tables for files of other programs: trades, orders, positions, bills, and disposals for tax, oldest first, row by row
out of the database.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.clock import utc
from app.domain.exported import COLUMNS, TAKES, Exported, Kind
from app.domain.holdings import book_of
from app.domain.performance import LotMethod
from app.domain.refusals import InvalidValue
from app.services.trading.reports.tax_lots import all_disposals, tax_lot
from app.services.trading.reports.window import window
from app.store import queries
from app.store.database import Database

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFilter:
    """Which rows: created, traded, booked or disposed of from start_date on and before end_date; None: all. method: of
    disposals for tax, first in, first out unless said."""

    start_date: datetime | None = None
    end_date: datetime | None = None
    instrument_id: str | None = None
    strategy_id: str | None = None
    method: LotMethod | None = None


def exported(database: Database, account: str, what: Exported, wanted: ExportFilter) -> Iterator[Row]:
    """The rows, by the names of COLUMNS: decimals, instants in UTC, None where there is nothing to say.

    Raises InvalidValue at once for a filter that `what` does not have, a bad window, and a strategy that never ordered;
    StoreError as it is read.
    """
    for name in ("start_date", "end_date", "instrument_id", "strategy_id", "method"):
        value = getattr(wanted, name)
        if value is not None and name not in TAKES[what]:
            raise InvalidValue(name, str(value), f"is no filter of {what}")
    inside = window(wanted.start_date, wanted.end_date)
    if wanted.strategy_id is not None and wanted.strategy_id not in queries.strategies_of(database, account):
        raise InvalidValue("strategy_id", wanted.strategy_id, "has never ordered")
    rows = {
        Exported.TRADES: _trades,
        Exported.ORDERS: _orders,
        Exported.POSITIONS: _positions,
        Exported.BILLS: _bills,
        Exported.TAX: _tax,
    }[what](database, account, inside, wanted)
    columns = COLUMNS[what]
    return ({name: _value(row.get(name), kind) for name, kind in columns.items()} for row in rows)


def _value(value: Any, kind: Kind) -> Any:
    return utc(value) if kind is Kind.INSTANT and isinstance(value, int) else value


Window = tuple[int | None, int | None]


def _trades(database: Database, account: str, inside: Window, wanted: ExportFilter) -> Iterator[Row]:
    filtered = queries.TradeFilter(
        instrument_id=wanted.instrument_id,
        strategy_id=wanted.strategy_id,
        traded_from_ns=inside[0],
        traded_to_ns=inside[1],
    )
    for chunk in queries.iter_trades(database, account, filtered):
        for row in chunk:
            yield {
                **row,
                "fee": row["fee_amount"],
                "traded_at": row["traded_ns"],
                "recorded_at": row["recorded_ns"],
            }


def _orders(database: Database, account: str, inside: Window, wanted: ExportFilter) -> Iterator[Row]:
    filtered = queries.OrderFilter(
        instrument_id=wanted.instrument_id,
        strategy_id=wanted.strategy_id,
        created_from_ns=inside[0],
        created_to_ns=inside[1],
    )
    for row in queries.iter_orders(database, account, filtered):
        yield {**row, **{f"{name}_at": row[f"{name}_ns"] for name in ("created", "sent", "acknowledged", "completed")}}


def _positions(database: Database, account: str, _: Window, wanted: ExportFilter) -> Iterator[Row]:
    for row in queries.positions(database, account, instrument_id=wanted.instrument_id or ""):
        yield {**row, "marked_at": row["marked_ns"], "updated_at": row["updated_ns"]}


def _bills(database: Database, account: str, inside: Window, _: ExportFilter) -> Iterator[Row]:
    for row in queries.iter_movements(database, account, *inside):
        yield {**row, "at": row["at_ns"]}


def _tax(database: Database, account: str, inside: Window, wanted: ExportFilter) -> Iterator[Row]:
    method = wanted.method or LotMethod.FIFO
    currency = queries.cost_currency(database, account) or ""
    book = None if wanted.strategy_id is None else book_of(wanted.strategy_id)
    for found in all_disposals(database, account, inside, method, book=book):
        lot = tax_lot(found, currency)
        yield {name: getattr(lot, name) for name in COLUMNS[Exported.TAX] if name != "method"} | {"method": method}
