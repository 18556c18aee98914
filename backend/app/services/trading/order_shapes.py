"""One order as it is asked for, OrderParams, checked at construction, and as it is shown, OrderResponse."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from app.domain.conditional_types import CONDITIONS, ConditionalType
from app.domain.evolve import frozen
from app.domain.money import positive
from app.domain.orders import OrderSide, OrderStatus, OrderType, PositionKey, PositionSide, TradeMode
from app.domain.refusals import InvalidValue, Refusal, RefusalClass

ID_MAX = 64
_conditions = attrgetter(*CONDITIONS)
_NO_CONDITIONS = (None,) * len(CONDITIONS)

E = TypeVar("E", bound=StrEnum)


def member_of(kind: type[E], name: str, value: object) -> E:
    """The member that is given as such or as its text. Raises InvalidValue."""
    try:
        return kind(str(value).lower())
    except ValueError:
        raise InvalidValue(name, value, f"must be one of {', '.join(kind)}") from None


def _order_type(value: object) -> OrderType | ConditionalType:
    known = {**{each.value: each for each in OrderType}, **{each.value: each for each in ConditionalType}}
    found = known.get(str(value).lower())
    if found is None:
        raise InvalidValue("order_type", value, f"must be one of {', '.join(known)}")
    return found


def _identifier(name: str, value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > ID_MAX or not value.isprintable():
        raise InvalidValue(name, value, f"must be printable text of 1 to {ID_MAX} characters")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderParams:
    """One order to be placed.

    size: in the instrument's unit, base currency for spot and contracts for swaps; a Decimal, int or decimal text.
    price: limit price, or for execution strategies the limit that no child may cross. A market order needs none; with
    one it is sent as an IOC limit at it (sent_type). order_type may be a ConditionalType: trigger_price (of stop and
    take_profit), distance or distance_pct (of a trailing_stop), take_profit and stop_loss (of an oco); trigger_by:
    last, book, mark or index; held: here or exchange. A market or limit order with take_profit or stop_loss is the
    entry of a bracket.
    Raises InvalidValue naming field, value and rule; floats are refused because they are not exact.
    """

    instrument_id: str
    side: OrderSide
    order_type: OrderType | ConditionalType
    size: Decimal
    price: Decimal | None = None
    trade_mode: TradeMode = TradeMode.CASH
    position_side: PositionSide = PositionSide.NET
    reduce_only: bool = False
    strategy_id: str | None = None
    trigger_price: Decimal | None = None
    trigger_by: str | None = None
    held: str | None = None
    distance: Decimal | None = None
    distance_pct: Decimal | None = None
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None

    if TYPE_CHECKING:  # what may be given; the fields say what is kept of it

        def __init__(
            self,
            *,
            instrument_id: str,
            side: OrderSide | str,
            order_type: OrderType | ConditionalType | str,
            size: Decimal | int | str,
            price: Decimal | int | str | None = None,
            trade_mode: TradeMode | str = TradeMode.CASH,
            position_side: PositionSide | str = PositionSide.NET,
            reduce_only: bool = False,
            strategy_id: str | None = None,
            trigger_price: Decimal | int | str | None = None,
            trigger_by: str | None = None,
            held: str | None = None,
            distance: Decimal | int | str | None = None,
            distance_pct: Decimal | int | str | None = None,
            take_profit: Decimal | int | str | None = None,
            stop_loss: Decimal | int | str | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        put = object.__setattr__
        _identifier("instrument_id", self.instrument_id)
        if self.side.__class__ is not OrderSide:
            put(self, "side", member_of(OrderSide, "side", self.side))
        if self.order_type.__class__ is not OrderType:
            put(self, "order_type", _order_type(self.order_type))
        if self.trade_mode.__class__ is not TradeMode:
            put(self, "trade_mode", member_of(TradeMode, "trade_mode", self.trade_mode))
        if self.position_side.__class__ is not PositionSide:
            put(self, "position_side", member_of(PositionSide, "position_side", self.position_side))
        put(self, "size", positive("size", self.size))
        if self.price is not None:
            put(self, "price", positive("price", self.price))
        elif self.order_type.has_price:
            raise InvalidValue("price", "none", f"is required for order type {self.order_type.value}")
        if not isinstance(self.reduce_only, bool):
            raise InvalidValue("reduce_only", self.reduce_only, "must be true or false")
        if self.strategy_id is not None:
            _identifier("strategy_id", self.strategy_id)
        given = _conditions(self)
        if given != _NO_CONDITIONS:
            for name, value in zip(CONDITIONS, given, strict=True):
                if value is not None:
                    put(self, name, positive(name, value))

    @property
    def waits(self) -> bool:
        """Whether it is a conditional order, or the entry of a bracket."""
        given = self.trigger_by is not None or self.held is not None or _conditions(self) != _NO_CONDITIONS
        return given or isinstance(self.order_type, ConditionalType)

    @property
    def key(self) -> PositionKey:
        """The position that it moves."""
        return PositionKey(self.instrument_id, self.position_side, self.trade_mode)

    @property
    def sent_type(self) -> OrderType:
        """What goes out: no exchange holds a market order to a price, an IOC limit trades at it or better or not."""
        if isinstance(self.order_type, ConditionalType):
            return OrderType.MARKET if self.price is None else OrderType.LIMIT
        market_with_price = self.order_type is OrderType.MARKET and self.price is not None
        return OrderType.IOC if market_with_price else self.order_type


@frozen
class OrderResponse:
    """One order as it stands. size, filled_size, remaining_size in the instrument's unit.

    settled: over, and every fill that the venue reported is in hand. reasons: why it was denied, all of them.
    refusal: what would help one that was refused: waiting (passing), a person (standing) or another order (wrong).
    fees: paid per currency (negative is a rebate). exit: a person asked for it to get out of what is held; the kill
    switch neither holds nor cancels it.
    """

    _: KW_ONLY
    order_id: str
    client_order_id: str
    exchange_order_id: str | None
    account: str
    instrument_id: str
    side: OrderSide
    order_type: OrderType | ConditionalType
    trade_mode: TradeMode
    position_side: PositionSide
    reduce_only: bool
    size: Decimal
    price: Decimal | None
    status: OrderStatus
    settled: bool
    filled_size: Decimal
    remaining_size: Decimal
    average_fill_price: Decimal | None
    fees: Mapping[str, Decimal]
    cancel_requested: bool
    error_code: str | None
    error_message: str | None
    refusal: RefusalClass | None
    reasons: tuple[Refusal, ...]
    strategy_id: str | None
    parent_id: str | None
    exit: bool
    created_at: datetime
    sent_at: datetime | None
    acknowledged_at: datetime | None
    updated_at: datetime
    completed_at: datetime | None

    @property
    def state(self) -> OrderStatus:
        """The same as status."""
        return self.status
