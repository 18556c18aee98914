"""The simulated exchange's instruments: what may be traded, and in which steps.

Inside the simulator a price is an integer count of ticks and a size an integer count of lots; text and Decimal
exist only at the wire and in the accounts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
_NUMBER = re.compile(r"^[0-9]{1,20}(\.[0-9]{1,20})?$")


def parse_number(value: object) -> Decimal | None:
    """A plain non-negative decimal from the wire, or None: no signs, exponents, NaN or infinity."""
    text_value = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return Decimal(text_value) if _NUMBER.match(text_value) else None


def is_whole(text: str) -> bool:
    """Whether it is a number of at most 19 ASCII digits, which int() takes ('³' is a digit, and no number)."""
    return text.isascii() and text.isdecimal() and len(text) < 20


def text(value: Decimal) -> str:
    """Decimal to OKX text: no exponent, no trailing zeros, "0" for zero."""
    if not value:
        return "0"
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


@dataclass(frozen=True, slots=True)
class Instrument:
    """One tradable instrument. `contract_value` is 1 for SPOT, in base for a linear swap, in USD for an inverse one."""

    inst_id: str
    inst_type: str
    base: str
    quote: str
    settle: str
    tick: Decimal
    lot: Decimal
    min_size: Decimal
    code: int
    contract_value: Decimal = ONE
    contract_type: str = ""
    max_limit_size: Decimal = Decimal("9999999999")
    max_market_size: Decimal = Decimal("1000000")
    max_limit_amount: Decimal = Decimal("20000000")
    max_market_amount: Decimal = Decimal("1000000")
    max_leverage: Decimal = Decimal("10")
    group_id: str = "1"

    @property
    def index_name(self) -> str:
        """Of its index: the pair."""
        return f"{self.base}-{self.quote}"

    @property
    def is_spot(self) -> bool:
        return self.inst_type == "SPOT"

    @property
    def is_inverse(self) -> bool:
        return self.contract_type == "inverse"

    @property
    def family(self) -> str:
        return "" if self.is_spot else f"{self.base}-{self.quote}"

    def ticks(self, price: Decimal) -> int | None:
        """Price in ticks, or None when it is off the tick."""
        count, rest = divmod(price, self.tick)
        return None if rest else int(count)

    def lots(self, size: Decimal) -> int | None:
        """Size in lots, or None when it is off the lot."""
        count, rest = divmod(size, self.lot)
        return None if rest else int(count)

    def price(self, ticks: int) -> Decimal:
        return ticks * self.tick

    def size(self, lots: int) -> Decimal:
        return lots * self.lot

    def notional(self, size: Decimal, price: Decimal) -> Decimal:
        """Value in the settlement currency (quote for SPOT) of `size` at `price`, unsigned when size is."""
        if not self.is_inverse:
            return size * self.contract_value * price
        return (size * self.contract_value / price).quantize(Decimal("1e-12"), ROUND_HALF_EVEN)


DOLLARS = ("USDT", "USD", "USDC")
"""What one unit of is a dollar, to the exchange."""


def _spot(
    base: str, tick: str, lot: str, min_size: str, code: int, quote: str = "USDT", most: str = "9999999999"
) -> Instrument:
    return Instrument(
        f"{base}-{quote}",
        "SPOT",
        base,
        quote,
        quote,
        Decimal(tick),
        Decimal(lot),
        Decimal(min_size),
        code,
        max_limit_size=Decimal(most),
    )


def _swap(base: str, quote: str, tick: str, value: str, code: int, kind: str) -> Instrument:
    inverse = kind == "inverse"
    return Instrument(
        f"{base}-{quote}-SWAP",
        "SWAP",
        base,
        quote,
        base if inverse else quote,
        Decimal(tick),
        Decimal("1") if inverse else Decimal("0.01"),
        Decimal("1") if inverse else Decimal("0.01"),
        code,
        contract_value=Decimal(value),
        contract_type=kind,
        max_limit_size=Decimal("100000000"),
        max_market_size=Decimal("12000"),
        max_limit_amount=Decimal("20000000"),
        max_leverage=Decimal("100"),
        group_id="4" if inverse else "2",
    )


DEFAULT_INSTRUMENTS: tuple[Instrument, ...] = (
    _spot("BTC", "0.1", "0.00000001", "0.00001", 20001),
    _spot("ETH", "0.01", "0.000001", "0.001", 20002),
    _swap("BTC", "USDT", "0.1", "0.01", 20011, "linear"),
    _swap("ETH", "USDT", "0.01", "0.1", 20012, "linear"),
    _swap("BTC", "USD", "0.1", "100", 20021, "inverse"),
)
ODD_INSTRUMENTS: tuple[Instrument, ...] = (
    _spot("BTC", "0.1", "0.00000001", "0.00001", 20101, "USDC"),
    _spot("ETH", "0.01", "0.000001", "0.001", 20102, "USDC"),
    _spot("BTC", "0.1", "0.00000001", "0.00001", 20103, "EUR"),
    _spot("USDC", "0.0001", "0.0001", "1", 20104, "EUR"),
    _spot("USDC", "0.0001", "0.0001", "1", 20105, "USDT"),
    _spot("ETH", "0.00001", "0.000001", "0.001", 20106, "BTC"),
    _spot("PEPE", "0.0000000000001", "1000", "1000", 20107, "USDT", most="1000000000000000"),
)
"""Other currencies, pairs quoted in a coin, and a price of 1e-9 in lots of 1,000: what a test adds to the
others, or lists alone."""
START_PRICES: dict[str, Decimal] = {
    "BTC": Decimal("50000"),
    "ETH": Decimal("2500"),
    "BTC-EUR": Decimal("45000"),
    "USDC-EUR": Decimal("0.9"),
    "USDC-USDT": Decimal(1),
    "ETH-BTC": Decimal("0.05"),
    "PEPE": Decimal("0.0000000012345"),
}
"""By instrument, else by base."""
