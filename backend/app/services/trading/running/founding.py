"""The very first start: whose database this is, and what the account holds already."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.clock import Clock
from app.domain.cash import CashKind
from app.domain.events import EventKind
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import Order, OrderReport
from app.domain.positions import Position, PositionFold, worth
from app.exchanges.port import Exchange
from app.services.trading.account.account_state import OPENING
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.opening import read_holdings
from app.services.trading.account.report_door import book_filled_before
from app.services.trading.account.turn import SYSTEM
from app.services.trading.holdings.prices import Prices
from app.services.trading.venue.reconciler import FILLS
from app.services.trading.venue.valued_markets import ValuedMarkets


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose database this is. uid: the exchange's account number."""

    account: str
    exchange: str
    environment: str
    uid: str


class Founding:
    """Begins the record of an account. door: where the venue's reports are booked. choose_currency: the valuation
    currency, for what the account holds."""

    def __init__(
        self,
        ledger: Ledger,
        exchange: Exchange,
        prices: Prices,
        valued: ValuedMarkets,
        choose_currency: Callable[[Iterable[str]], str],
        door: Callable[[OrderReport], Awaitable[Order | None]],
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._exchange = exchange
        self._prices = prices
        self._valued = valued
        self._choose_currency = choose_currency
        self._door = door
        self._clock = clock
        self._older: Sequence[OrderReport] = ()

    async def found(self, identity: Identity, installation: str) -> None:
        """In one turn: whose database this is, and what the account held before our first order, the base of balances
        and positions, valued at the market. What filled before is part of it and not booked."""
        opening, balances, positions, orders = await read_holdings(self._exchange, self._clock.now_ns)
        self._prices.currency = self._choose_currency(b.currency for b in balances if b.total)
        marks = {b.currency: await self._mark(b.currency) for b in balances if b.total}
        turn = self._ledger.turn(SYSTEM)
        recorded = {
            "account": identity.account,
            "exchange": identity.exchange,
            "environment": identity.environment,
            "uid": identity.uid,
            "installation": installation,
            "created_ns": turn.now_ns,
        }
        turn.row("accounts", recorded)
        turn.event(EventKind.ACCOUNT_RECORDED, recorded)
        self._ledger.assets.currency = self._prices.currency
        turn.event(EventKind.HOLDINGS_BEGUN, {"currency": self._prices.currency})
        for balance in balances:
            if not balance.total:
                continue
            instrument, paid, price = marks[balance.currency]
            turn.move_cash(
                balance.currency,
                balance.total,
                CashKind.OPENING,
                "held at the first start, valued at the market",
                instrument_id=instrument.instrument_id if instrument else None,
                price=price,
            )
            turn.bookings.venue_balance(balance.currency, balance.total)
            if instrument is not None and paid is not None:
                held = Position(instrument.instrument_id, size=balance.total, cost=balance.total * paid)
                turn.open_position(held.key, PositionFold(held, held))
        for position in positions:
            instrument = self._ledger.instruments.get(position.instrument_id)
            if instrument is None or not position.size or position.entry_price is None:
                continue
            cost = worth(instrument, position.size, position.entry_price)
            key, size = position.key, position.size
            held = Position(key.instrument_id, key.side, size, cost, mode=key.mode)
            turn.open_position(key, PositionFold(held, held))
        turn.event(EventKind.ACCOUNT_OPENED, opening.payload())
        turn.watermark(OPENING, opening.began_ns)
        turn.watermark(FILLS, opening.began_ns)
        self._ledger.opening = opening
        await turn.commit()
        self._older = [order for order in orders if order.filled]

    async def take_older(self) -> None:
        """Orders of others that were filled in part when the ledger began."""
        for report in self._older:
            order = await self._door(report)
            if order is None or report.filled is None:
                continue
            turn = self._ledger.turn(SYSTEM)
            if book_filled_before(turn, order.order_id, report.filled, "its state when the opening balances were read"):
                await turn.commit()

    async def _mark(self, currency: str) -> tuple[Instrument | None, Decimal | None, Decimal | None]:
        """The spot instrument that a currency is valued by and its price now in that quote, and what one unit is worth
        in the valuation currency; each None where there is none."""
        price = await self._valued.price_now(currency, needed=True)
        for route in self._prices.ways(currency) if price is not None else ():
            edge = route.hops[0].markets[0] if route.hops[0].markets and not route.hops[0].par else None
            instrument = self._ledger.instruments.get(edge.instrument_id) if edge and not edge.inverse else None
            quote = self._prices.quote(edge.instrument_id) if edge else None
            if instrument is not None and instrument.kind is InstrumentKind.SPOT and quote is not None:
                return instrument, quote.price, price
        return None, None, price
