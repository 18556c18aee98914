"""What can be traded: spot pairs, linear and inverse perpetual swaps, and the lattice of their prices and sizes.

Sizes are typed by unit: spot orders count the base currency, swaps count contracts. Notional is always in the currency
that `value_currency` names (quote for spot and linear, the contract's currency, normally USD, for inverse).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.money import MAX_FRACTION_DIGITS, ONE, ZERO, ceil_to, floor_to, is_multiple, plain
from app.domain.refusals import InvalidValue, Refusal


class InstrumentKind(StrEnum):
    SPOT = "spot"
    SWAP = "swap"


class SizeUnit(StrEnum):
    """What a size counts."""

    BASE = "base"
    CONTRACTS = "contracts"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One tradable instrument, as the venue describes it.

    tick, lot, min_size: steps of price and size (size in base for spot, contracts for swaps). contract_value: base
    per contract (linear) or value_currency per contract (inverse); 1 for spot. max_*: in the unit of size, None when
    the venue states none. live: whether the venue takes new orders now.
    """

    instrument_id: str
    kind: InstrumentKind
    base: str
    quote: str
    settle: str
    tick: Decimal
    lot: Decimal
    min_size: Decimal
    contract_value: Decimal = ONE
    inverse: bool = False
    max_limit_size: Decimal | None = None
    max_market_size: Decimal | None = None
    live: bool = True

    def __post_init__(self) -> None:
        """Raises InvalidValue for steps that no price or size could lie on: every later division relies on them."""
        for name in ("tick", "lot", "contract_value"):
            value: Decimal = getattr(self, name)
            if not value.is_finite() or value <= 0:
                raise InvalidValue(name, value, f"of {self.instrument_id} must be above zero")
        if not self.min_size.is_finite() or self.min_size < 0:
            raise InvalidValue("min_size", self.min_size, f"of {self.instrument_id} must be zero or above")

    @property
    def size_unit(self) -> SizeUnit:
        return SizeUnit.BASE if self.kind is InstrumentKind.SPOT else SizeUnit.CONTRACTS

    @property
    def value_currency(self) -> str:
        """The currency of notional()."""
        return self.quote

    def notional(self, size: Decimal, price: Decimal) -> Decimal:
        """Value of size (>= 0, in the instrument's unit) at price, in value_currency.

        Spot size*price; linear size*contract_value*price; inverse size*contract_value (OKX v5 instruments, ctVal).
        """
        if self.inverse:
            return size * self.contract_value
        return size * self.contract_value * price

    def base_quantity(self, size: Decimal, price: Decimal) -> Decimal:
        """The same size in units of the base currency."""
        if self.inverse:
            return size * self.contract_value / price
        return size * self.contract_value

    @property
    def value_step(self) -> Decimal:
        """The finest difference that one tick and one lot make to a value."""
        return self.tick * self.lot * self.contract_value

    def floor_size(self, size: Decimal) -> Decimal:
        """The nearest valid multiple of the lot that is not larger: quantising never increases a size."""
        return floor_to(size, self.lot)

    def passive_price(self, price: Decimal, *, buying: bool) -> Decimal:
        """The nearest valid price that is not more aggressive: down for a buy, up for a sell."""
        return floor_to(price, self.tick) if buying else ceil_to(price, self.tick)

    def size_refusals(self, size: Decimal, *, reduce_only: bool = False) -> list[Refusal]:
        """Why the venue would not take this size; empty when it would."""
        found: list[Refusal] = []
        if size <= 0:
            found.append(Refusal("instrument", "size", plain(size), "must be above zero"))
            return found
        if not is_multiple(size, self.lot):
            rule = f"must be a multiple of lot size {plain(self.lot)} of {self.instrument_id}"
            found.append(Refusal("instrument", "size", plain(size), rule))
        if size < self.min_size and not reduce_only:
            rule = f"is below minimum size {plain(self.min_size)} of {self.instrument_id}"
            found.append(Refusal("instrument", "size", plain(size), rule))
        return found

    def price_refusals(self, price: Decimal) -> list[Refusal]:
        """Why the venue would not take this price; empty when it would."""
        if price <= 0:
            return [Refusal("instrument", "price", plain(price), "must be above zero")]
        if not is_multiple(price, self.tick):
            rule = f"must be a multiple of tick size {plain(self.tick)} of {self.instrument_id}"
            return [Refusal("instrument", "price", plain(price), rule)]
        return []


def unlisted(instrument_id: str, kind: InstrumentKind) -> Instrument:
    """In the place of one that the exchange does not list: nothing is known of it but that nothing of it trades."""
    step = ONE.scaleb(-MAX_FRACTION_DIGITS)
    return Instrument(instrument_id, kind, "", "", "", tick=step, lot=step, min_size=ZERO, live=False)
