"""What a person knows and the exchange no longer tells: the end of an order that cannot be decided, a balance.

An operator's word takes the same door as the venue's, marked as such, and is journalled with who and why. It never
invents a trade: fills count when the venue's record of them is given, by the venue's own trade ids.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.clock import utc
from app.domain.cash import CashKind
from app.domain.events import EventKind
from app.domain.instruments import InstrumentKind
from app.domain.money import exact, plain, positive
from app.domain.order_changes import mark_never_accepted
from app.domain.orders import Fill, Order, OrderReport, OrderStatus, Source, VenueState
from app.domain.positions import HistoryNeeded
from app.domain.refusals import InvalidValue
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.report_door import book_report
from app.services.trading.account.turn import Turn
from app.services.trading.errors import OrderOver
from app.services.trading.order_manager import OrderManager, response
from app.services.trading.schemas import CurrencyBalance, OrderResponse

ENDINGS = (OrderStatus.CANCELED, OrderStatus.FILLED, OrderStatus.NEVER_ACCEPTED)
"""The states that an operator may declare."""

WHY_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFill:
    """One execution as the venue's own record shows it, under the venue's trade id."""

    trade_id: str
    price: Decimal
    size: Decimal
    fee: Decimal | None = None
    fee_currency: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        if not self.trade_id or not self.trade_id.isalnum() or len(self.trade_id) > 32:
            raise InvalidValue("trade_id", self.trade_id, "must be the venue's trade id, 1 to 32 letters and digits")
        put(self, "price", positive("price", self.price))
        put(self, "size", positive("size", self.size))
        if self.fee is not None:
            put(self, "fee", exact("fee", self.fee))
            if not self.fee_currency:
                raise InvalidValue("fee_currency", "none", "is required with a fee")


async def resolve_order(
    ledger: Ledger,
    orders: OrderManager,
    order_id: str,
    *,
    state: OrderStatus | str,
    filled: Decimal | None,
    fills: Sequence[DeclaredFill],
    venue_order_id: str,
    principal: str,
    why: str,
) -> OrderResponse:
    """End an order on an operator's evidence; see TradeExecutor.resolve_order."""
    await ledger.writer.drain()
    # Last, for the evidence is held against the order as the turn finds it.
    order = await orders.load(order_id)
    wanted = _ending(state)
    check_why(why)
    if order.settled:
        raise OrderOver(response(order), "resolved")
    turn = ledger.turn(principal)
    payload = {"state": wanted, "filled": filled, "fills": tuple(fills), "why": why}
    turn.event(EventKind.OPERATOR_EVIDENCE, payload, order_id=order.order_id)
    if wanted is OrderStatus.NEVER_ACCEPTED:
        _never_accepted(turn, order, filled, fills, why)
    else:
        _ended(ledger, turn, order, wanted, filled, fills, venue_order_id)
    await turn.commit()
    return response(ledger.orders[order.order_id])


async def declare_balance(
    ledger: Ledger,
    currency: str,
    amount: Decimal,
    *,
    price: Decimal | None,
    principal: str,
    why: str,
    keep: Callable[[Turn, CurrencyBalance], None] | None = None,
) -> CurrencyBalance:
    """Add an amount to a currency's balance as an opening; see TradeExecutor.declare_balance."""
    check_why(why)
    change = exact("amount", amount)
    worth = None if price is None else positive("price", price)
    known = {part for i in ledger.instruments.values() for part in (i.base, i.quote, i.settle)}
    if currency not in known | set(ledger.balances):
        raise InvalidValue("currency", currency, "is no currency of this exchange")
    if not change:
        raise InvalidValue("amount", change, "must not be zero")
    if ledger.balances.get(currency, Decimal(0)) + change < 0:
        raise InvalidValue("amount", change, f"would make the balance of {currency} negative")
    turn = ledger.turn(principal)
    turn.event(EventKind.OPERATOR_EVIDENCE, {"currency": currency, "amount": change, "price": worth, "why": why})
    turn.move_cash(currency, change, CashKind.OPENING, f"declared by {principal}: {why}", price=worth)
    total = ledger.balances.get(currency, Decimal(0)) + change
    declared = CurrencyBalance(currency=currency, total=total, available=total)
    if keep is not None:
        keep(turn, declared)
    await turn.commit()
    return declared


def read_fills(given: Sequence[Mapping[str, Any]]) -> tuple[DeclaredFill, ...]:
    """Fills out of plain mappings. Raises InvalidValue naming an unknown or missing key."""
    known = ("trade_id", "price", "size", "fee", "fee_currency")
    found: list[DeclaredFill] = []
    for entry in given:
        for key, value in entry.items():
            if key not in known:
                raise InvalidValue(f"fills.{key}", value, f"unknown key; known are {', '.join(known)}")
        for key in known[:3]:
            if key not in entry:
                raise InvalidValue(f"fills.{key}", "missing", "is required")
        found.append(DeclaredFill(**entry))
    return tuple(found)


def _ending(state: OrderStatus | str) -> OrderStatus:
    for ending in ENDINGS:
        if str(state).lower() == ending:
            return ending
    raise InvalidValue("state", str(state), f"must be one of {', '.join(ENDINGS)}")


def check_why(why: str) -> None:
    """Raises InvalidValue for a reason that is none."""
    if not why or len(why) > WHY_MAX or not why.isprintable():
        raise InvalidValue("why", why, f"must be printable text of 1 to {WHY_MAX} characters")


def _never_accepted(turn: Turn, order: Order, filled: Decimal | None, fills: Sequence[DeclaredFill], why: str) -> None:
    if order.acknowledged or order.filled_size or filled or fills:
        rule = f"contradicts what is known: the order is {order.status.value} with {plain(order.filled_size)} filled"
        raise InvalidValue("state", OrderStatus.NEVER_ACCEPTED, rule)
    evidence = f"{turn.principal}: {why}"
    turn.put(mark_never_accepted(turn.order(order.order_id), evidence, turn.now_ns))
    turn.event(EventKind.ORDER_NEVER_ACCEPTED, {"evidence": evidence}, order_id=order.order_id)


def _ended(
    ledger: Ledger,
    turn: Turn,
    order: Order,
    wanted: OrderStatus,
    filled: Decimal | None,
    fills: Sequence[DeclaredFill],
    venue_order_id: str,
) -> None:
    """Canceled or filled: the fills first, then the end with its cumulative fill."""
    venue_id = order.venue_order_id or venue_order_id
    if fills and not venue_id:
        raise InvalidValue("venue_order_id", "none", "is required with fills: it tells this order's fills apart")
    for declared in fills:
        _book_fill(ledger, turn, order, declared, venue_id)
    in_hand = turn.order(order.order_id)
    least = in_hand.filled_size
    total = filled if filled is not None else (order.size if wanted is OrderStatus.FILLED else least)
    if not least <= total <= order.max_possible or (wanted is OrderStatus.FILLED and not total):
        rule = f"must be from {least}, what is known to have filled, to {order.max_possible}, what was asked for"
        raise InvalidValue("filled", total, rule)
    # Of one that waited at the exchange it is the whole that is over, whatever orders it became there.
    whole_id = "" if order.request.condition is not None else venue_id
    report = _report(order, whole_id, state=VenueState(wanted.value), filled=total)
    book_report(ledger, turn, report)


def _book_fill(ledger: Ledger, turn: Turn, order: Order, declared: DeclaredFill, venue_id: str) -> None:
    request = order.request
    instrument = ledger.instrument(request.instrument_id)
    fold = turn.bookings.fold(request.key)
    fill = Fill(
        instrument_id=request.instrument_id,
        trade_id=declared.trade_id,
        venue_order_id=venue_id,
        side=request.side,
        price=declared.price,
        size=declared.size,
        # Not before the position's last fill: when the venue tells the true time, it is the same fill all the same.
        time_ns=max(turn.now_ns, fold.position.last_fill_ns),
        fee=declared.fee,
        fee_currency=declared.fee_currency or (instrument.settle if instrument.kind is InstrumentKind.SWAP else ""),
        position_side=request.position_side,
        trade_mode=request.trade_mode,
    )
    try:
        book_report(ledger, turn, replace(_report(order, venue_id), fill=fill))
    except HistoryNeeded as error:
        rule = f"cannot be booked after {utc(fill.time_ns).isoformat()}: {error}"
        raise InvalidValue("fills.trade_id", declared.trade_id, rule) from None


def _report(
    order: Order, venue_id: str, *, state: VenueState | None = None, filled: Decimal | None = None
) -> OrderReport:
    return OrderReport(
        instrument_id=order.request.instrument_id,
        source=Source.OPERATOR,
        client_order_id=order.request.client_order_id,
        venue_order_id=venue_id,
        state=state,
        filled=filled,
        cancel_source="operator" if state is VenueState.CANCELED else "",
    )
