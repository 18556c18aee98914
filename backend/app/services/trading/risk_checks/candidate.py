"""The order that risk is asked about, and the terms that the venue trades this account on."""

from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.conditions import Condition
from app.domain.evolve import frozen
from app.domain.instruments import Instrument
from app.domain.orders import Order, OrderSide, OrderType, PositionKey, PositionSide, TradeMode
from app.services.trading.account.leverage_readings import LeverageReadings

DEFAULT_TAKER_FEE = Decimal("0.001")
"""Of notional, until the venue has named the account's own rate."""


@frozen
class Candidate:
    """An order that is asked for, or an order as it would be after an amendment (`amending`: as it is now).

    size: in the instrument's unit, the filled part of an amended order included. price: None for market orders. exit:
    a person asks for it to get out. strategy_id: whose book it sells out of. principal: on whose word. protects: a
    conditional order that can only reduce fires it. condition: what it is to wait for at the exchange.
    """

    instrument: Instrument
    side: OrderSide
    order_type: OrderType
    size: Decimal
    price: Decimal | None
    trade_mode: TradeMode
    position_side: PositionSide
    reduce_only: bool
    amending: Order | None = None
    exit: bool = False
    strategy_id: str | None = None
    principal: str = ""
    protects: bool = False
    condition: Condition | None = None

    @property
    def key(self) -> PositionKey:
        """The position that the order moves."""
        return PositionKey(self.instrument.instrument_id, self.position_side, self.trade_mode)


@dataclass(slots=True)
class VenueTerms:
    """What the venue said of this account: taker fees (fractions of notional) by instrument id, leverage of contracts.

    Without a leverage the full notional counts as margin. buy_fee_in_quote: spot buys pay their fee beside the price,
    not out of what they buy.
    """

    taker_fees: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    leverages: LeverageReadings = field(default_factory=LeverageReadings)
    buy_fee_in_quote: bool = False

    def learn_buy_fee(self, *, in_quote: bool) -> None:
        """As the exchange said at the start, or a setting does."""
        self.buy_fee_in_quote = in_quote
