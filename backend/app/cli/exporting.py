"""`export`: trades, orders, positions, bills and disposals for tax as files, straight out of the database."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.database import made_database
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, End, Instrument, Json, Start, Strategy, settings
from app.cli.output import print_json
from app.cli.tables import Kind, write_table

if TYPE_CHECKING:
    from app.domain.performance import LotMethod
    from app.store.database import Database

Window = tuple[int | None, int | None]
TEXT, WHOLE, MONEY, TRUTH, INSTANT = Kind.TEXT, Kind.WHOLE, Kind.MONEY, Kind.TRUTH, Kind.INSTANT


class Subject(StrEnum):
    """What may be exported."""

    TRADES = "trades"
    ORDERS = "orders"
    POSITIONS = "positions"
    BILLS = "bills"
    TAX = "tax"


COLUMNS: Mapping[Subject, Mapping[str, Kind]] = {
    Subject.TRADES: {
        "traded_at": INSTANT, "instrument_id": TEXT, "side": TEXT, "position_side": TEXT, "trade_mode": TEXT,
        "size": MONEY, "price": MONEY, "fee": MONEY, "fee_currency": TEXT, "liquidity": TEXT, "category": TEXT,
        "pnl": MONEY, "strategy_id": TEXT, "parent_id": TEXT, "order_id": TEXT, "client_order_id": TEXT,
        "trade_id": TEXT, "exchange_order_id": TEXT, "recorded_at": INSTANT,
    },
    Subject.ORDERS: {
        "created_at": INSTANT, "order_id": TEXT, "client_order_id": TEXT, "exchange_order_id": TEXT,
        "instrument_id": TEXT, "side": TEXT, "position_side": TEXT, "trade_mode": TEXT, "order_type": TEXT,
        "reduce_only": TRUTH, "size": MONEY, "size_unit": TEXT, "price": MONEY, "requested_size": MONEY,
        "requested_price": MONEY, "status": TEXT, "filled_size": MONEY, "average_fill_price": MONEY,
        "error_code": TEXT, "error_message": TEXT, "strategy_id": TEXT, "parent_id": TEXT, "external": TRUTH,
        "sent_at": INSTANT, "acknowledged_at": INSTANT, "completed_at": INSTANT,
    },
    Subject.POSITIONS: {
        "instrument_id": TEXT, "position_side": TEXT, "trade_mode": TEXT, "size": MONEY, "cost": MONEY,
        "entry_price": MONEY, "realised_pnl": MONEY, "fee_value": MONEY, "fill_count": WHOLE, "mark_price": MONEY,
        "unrealised_pnl": MONEY, "margin": MONEY, "leverage": MONEY, "marked_at": INSTANT, "updated_at": INSTANT,
    },
    Subject.BILLS: {
        "at": INSTANT, "movement": WHOLE, "bill_id": TEXT, "kind": TEXT, "currency": TEXT, "amount": MONEY,
        "price": MONEY, "instrument_id": TEXT, "note": TEXT, "equity": MONEY,
    },
    Subject.TAX: {
        "number": WHOLE, "asset": TEXT, "quantity": MONEY, "acquired_at": INSTANT, "disposed_at": INSTANT,
        "cost": MONEY, "proceeds": MONEY, "fee": MONEY, "gain": MONEY, "currency": TEXT, "method": TEXT,
        "origin": TEXT, "disposal": TEXT, "instrument_id": TEXT, "trade_id": TEXT, "price_source": TEXT,
    },
}  # fmt: skip
SUBJECTS = ", ".join(Subject)


def export(
    what: Annotated[str, typer.Argument(metavar="WHAT", help=f"{SUBJECTS} (every disposal, for tax).")],
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write them to this file.")] = None,
    parquet_file: Annotated[Path | None, typer.Option("--parquet", help="The same, with types.")] = None,
    start: Start = None,
    end: End = None,
    instrument: Instrument = None,
    strategy: Strategy = None,
    method: Annotated[str | None, typer.Option("--method", help="Of tax: fifo (unless said) or average.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write trades, orders, positions, bills or disposals for tax to a file, oldest first, out of the database; the
    system may run or not."""
    from app.domain.performance import LotMethod
    from app.domain.refusals import InvalidValue
    from app.services.trading.reports.window import window
    from app.services.trading.schemas import member_of
    from app.store import queries

    if csv_file is None and parquet_file is None:
        raise CommandError("give --csv FILE, --parquet FILE or both", BAD_INPUT)
    try:
        subject = member_of(Subject, "what", what)
        lots = member_of(LotMethod, "method", method or LotMethod.FIFO)
        inside = window(_instant("start", start), _instant("end", end))
        _check(subject, start=start or end, instrument=instrument, strategy=strategy, method=method)
        found = settings(data_dir=data_dir)
        with made_database(found) as database:
            account = found.account
            if strategy is not None and strategy not in queries.strategies_of(database, account):
                raise InvalidValue("strategy", strategy, "has never ordered")
            rows_of = {
                Subject.TRADES: lambda: _trades(database, account, inside, instrument, strategy),
                Subject.ORDERS: lambda: _orders(database, account, inside, instrument, strategy),
                Subject.POSITIONS: lambda: _positions(database, account, instrument),
                Subject.BILLS: lambda: _bills(database, account, inside),
                Subject.TAX: lambda: _tax(database, account, inside, strategy, lots),
            }[subject]
            written = _write(subject, rows_of, csv_file, parquet_file)
    except InvalidValue as error:
        raise CommandError(str(error), BAD_INPUT) from None
    files = [str(path) for path in (csv_file, parquet_file) if path is not None]
    if as_json:
        print_json({"what": subject.value, "rows": written, "files": files})
    else:
        print(f"{written} {subject.value} in {' and '.join(files)}")


def _check(subject: Subject, **given: object) -> None:
    """An option that has no meaning for a subject would be no filter, in silence."""
    takes = {
        Subject.TRADES: {"start", "instrument", "strategy"},
        Subject.ORDERS: {"start", "instrument", "strategy"},
        Subject.POSITIONS: {"instrument"},
        Subject.BILLS: {"start"},
        Subject.TAX: {"start", "strategy", "method"},
    }[subject]
    for name, value in given.items():
        if value is not None and name not in takes:
            said = "--start and --end do" if name == "start" else f"--{name} does"
            raise CommandError(f"{said} not go with {subject.value}", BAD_INPUT)


def _instant(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        said = f"{name}={text}: must be an ISO 8601 instant with its zone, such as 2026-01-31T00:00:00Z"
        raise CommandError(said, BAD_INPUT) from None


def _write(
    subject: Subject,
    rows_of: Callable[[], Iterator[Mapping[str, Any]]],
    csv_file: Path | None,
    parquet_file: Path | None,
) -> int:
    columns, count = COLUMNS[subject], 0

    def counted() -> Iterator[Mapping[str, Any]]:
        nonlocal count
        for row in rows_of():
            count += 1
            yield {name: _shown(row.get(name), kind) for name, kind in columns.items()}

    write_table(counted(), columns, csv_file=csv_file, parquet_file=parquet_file)
    return count


def _shown(value: Any, kind: Kind) -> Any:
    """As text that both kinds of files read: exact decimals, instants with their zone."""
    from app.api.encoding import instant
    from app.clock import utc
    from app.domain.money import plain

    if value is None:
        return None
    if kind is MONEY:
        return plain(value)
    if kind is INSTANT:
        return instant(utc(value) if isinstance(value, int) else value)
    return str(value) if kind is TEXT else value


def _trades(
    database: "Database", account: str, inside: Window, instrument: str | None, strategy: str | None
) -> Iterator[Mapping[str, Any]]:
    from app.store import queries

    wanted = queries.TradeFilter(
        instrument_id=instrument, strategy_id=strategy, traded_from_ns=inside[0], traded_to_ns=inside[1]
    )
    for chunk in queries.iter_trades(database, account, wanted):
        for row in chunk:
            yield {
                **row,
                "fee": row["fee_amount"],
                "traded_at": row["traded_ns"],
                "recorded_at": row["recorded_ns"],
            }


def _orders(
    database: "Database", account: str, inside: Window, instrument: str | None, strategy: str | None
) -> Iterator[Mapping[str, Any]]:
    from app.store import queries

    wanted = queries.OrderFilter(
        instrument_id=instrument, strategy_id=strategy, created_from_ns=inside[0], created_to_ns=inside[1]
    )
    for row in queries.iter_orders(database, account, wanted):
        yield {**row, **{f"{name}_at": row[f"{name}_ns"] for name in ("created", "sent", "acknowledged", "completed")}}


def _positions(database: "Database", account: str, instrument: str | None) -> Iterator[Mapping[str, Any]]:
    from app.store import queries

    for row in queries.positions(database, account, instrument_id=instrument or ""):
        yield {**row, "marked_at": row["marked_ns"], "updated_at": row["updated_ns"]}


def _bills(database: "Database", account: str, inside: Window) -> Iterator[Mapping[str, Any]]:
    from app.store import queries

    for row in queries.iter_movements(database, account, *inside):
        yield {**row, "at": row["at_ns"]}


def _tax(
    database: "Database", account: str, inside: Window, strategy: str | None, method: "LotMethod"
) -> Iterator[Mapping[str, Any]]:
    from app.domain.holdings import book_of
    from app.services.trading.reports.tax_lots import all_disposals, tax_lot
    from app.store import queries

    currency = queries.cost_currency(database, account) or ""
    book = None if strategy is None else book_of(strategy)
    for found in all_disposals(database, account, inside, method, book=book):
        lot = tax_lot(found, currency)
        yield {name: getattr(lot, name) for name in COLUMNS[Subject.TAX] if name != "method"} | {"method": method.value}
