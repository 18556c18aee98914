"""The database beside the exchange's records: balances, positions, open orders, fills. Reads both, changes neither."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.chosen_exchange import make_exchange
from app.clock import NS_PER_SECOND, Clock
from app.domain.instruments import InstrumentKind
from app.domain.money import ZERO, plain
from app.domain.orders import OrderStatus
from app.exchanges.port import Exchange
from app.services.trading.account.account_state import OPENING
from app.services.trading.account.opening import Opening, recorded
from app.services.trading.venue.watermarks import OVERLAP_NS
from app.store import queries
from app.store.database import Database
from app.store.queries import LoadedState, TradeFilter

if TYPE_CHECKING:
    from app.settings import Settings

NOT_AT_EXCHANGE = frozenset({OrderStatus.PENDING, OrderStatus.DENIED})

Difference = dict[str, Any]


async def differences(found: "Settings", database: Database, clock: Clock, hours: float) -> list[Difference]:
    """What differs, each as what, which, here, exchange. Raises ExchangeError, SettingsError, StoreError."""
    exchange = make_exchange(found, clock)
    try:
        await exchange.account_config()
        return await compared(exchange, database, found.account, clock.now_ns() - int(hours * 3600) * NS_PER_SECOND)
    finally:
        await exchange.stop()


async def compared(exchange: Exchange, database: Database, account: str, since_ns: int) -> list[Difference]:
    """The same over an exchange that is connected already; fills since `since_ns`. Raises ExchangeError, StoreError."""
    kinds = {i.instrument_id: i.kind for i in await exchange.instruments()}
    venue = await _read(exchange, since_ns)
    state = queries.load_account(database, account)
    opening = await recorded(database, account, state.watermarks.get(OPENING, 0))
    found = (
        *_amounts("balance", dict(state.balances), venue["balances"]),
        *_amounts("position", _contracts(state, kinds, venue["positions"]), venue["positions"]),
        *_orders(state, venue["orders"]),
        *_fills(database, account, venue["fills"], opening),
    )
    return list(found)


async def _read(exchange: Exchange, since_ns: int) -> dict[str, Any]:
    return {
        "orders": {report.venue_order_id for report in await exchange.open_orders()},
        "fills": {
            report.fill.key: report.fill
            for report in await exchange.fills(since_ns)
            if report.fill is not None and report.fill.time_ns >= since_ns
        },
        "balances": {balance.currency: balance.total for balance in await exchange.balances()},
        "positions": {p.key.label: p.size for p in await exchange.positions()},
    }


def _contracts(state: LoadedState, kinds: dict[str, InstrumentKind], theirs: dict[str, Decimal]) -> dict[str, Decimal]:
    """Spot holdings are balances at an exchange; only contracts have positions there.

    Those of before modes told positions apart, until a start has named theirs, are compared with the only mode shown.
    """
    found = {
        key.label: fold.position.size
        for key, fold in state.positions.items()
        if kinds.get(key.instrument_id) is InstrumentKind.SWAP
    }
    for (instrument_id, side), fold in state.modeless.items():
        if kinds.get(instrument_id) is InstrumentKind.SWAP:
            name = f"{instrument_id}/{side.value}/"
            shown = [label for label in theirs if label.startswith(name)]
            found[shown[0] if len(shown) == 1 else f"{name}unknown"] = fold.position.size
    return found


def _amounts(what: str, ours: dict[str, Decimal], theirs: dict[str, Decimal]) -> Iterator[Difference]:
    for which in sorted({*ours, *theirs}):
        here, there = ours.get(which, ZERO), theirs.get(which, ZERO)
        if here != there:
            yield {"what": what, "which": which, "here": plain(here), "exchange": plain(there)}


def _orders(state: LoadedState, theirs: set[str]) -> Iterator[Difference]:
    ours = {order.venue_order_id: order for order in state.open_orders.values() if order.venue_order_id}
    for order in state.open_orders.values():
        listed = order.venue_order_id in theirs
        if not listed and not order.terminal and order.status not in NOT_AT_EXCHANGE:
            yield {"what": "order", "which": order.order_id, "here": order.status.value, "exchange": "not open"}
    for venue_order_id in sorted(theirs - ours.keys()):
        yield {"what": "order", "which": f"exchange {venue_order_id}", "here": "not open", "exchange": "open"}


def _fills(database: Database, account: str, theirs: dict[Any, Any], opening: Opening) -> Iterator[Difference]:
    """Fills that the exchange has and we have not, since this database began."""
    oldest_ns = min((fill.time_ns for fill in theirs.values()), default=0)
    ours: set[tuple[str, str]] = set()
    for rows in queries.iter_trades(database, account, TradeFilter(traded_from_ns=oldest_ns - OVERLAP_NS)):
        ours.update((row["trade_id"], row["exchange_order_id"]) for row in rows)
    for key, fill in sorted(theirs.items()):
        if key not in ours and not opening.holds_fill(fill):
            yield {
                "what": "fill",
                "which": f"trade {key[0]} of {key[1]}",
                "here": "missing",
                "exchange": plain(fill.size),
            }
