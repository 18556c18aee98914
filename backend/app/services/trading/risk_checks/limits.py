"""RiskLimits: the risk configuration, parsed once, with every key checked.

Keys and defaults are the specification's risk_config; the extra ones default to safe values or to no limit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_EVEN, Decimal

from app.domain.money import from_config, plain
from app.domain.refusals import InvalidValue

CHECK = "risk_config"
POSITION_VALUE_PCT_MAX = Decimal(10)
OPEN_ORDERS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """What one order and the account as a whole may be.

    max_order_size, min_order_size: base units (contracts times contract value). max_order_value: in the valuation
    currency. max_price_deviation: fraction of the mid. max_daily_loss: fraction of equity at 00:00 UTC and what was
    moved since. max_position_value_pct: fraction of equity. require_positive_balance: an order must be paid for by what
    is free. max_book_age_seconds: how old a book may be to take a price from it. allowed_instruments: None allows all.
    max_daily_notional: in the valuation currency, traded since 00:00 UTC and still open; None sets no limit.
    """

    max_order_size: Decimal = Decimal(10)
    min_order_size: Decimal = Decimal("0.001")
    max_order_value: Decimal = Decimal(10_000)
    max_price_deviation: Decimal = Decimal("0.05")
    max_daily_loss: Decimal = Decimal("0.1")
    max_position_value_pct: Decimal = Decimal("0.5")
    require_positive_balance: bool = True
    max_book_age_seconds: Decimal = Decimal(2)
    max_open_orders: int = 500
    allowed_instruments: frozenset[str] | None = None
    max_daily_notional: Decimal | None = None

    @classmethod
    def from_config(cls, config: Mapping[str, object] | None) -> "RiskLimits":
        """Floats become the decimals that a person reads in them. Raises InvalidValue naming the key at fault."""
        given = dict(config or {})
        known = [field.name for field in fields(cls)]
        for key in given:
            if key not in known:
                raise InvalidValue(
                    str(key), given[key], f"is not a key of risk_config: {', '.join(known)}", check=CHECK
                )
        return cls(**{key: _parse(key, value) for key, value in given.items()})  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        if self.min_order_size > self.max_order_size:
            rule = f"must not be above max_order_size {plain(self.max_order_size)}"
            raise InvalidValue("min_order_size", self.min_order_size, rule, check=CHECK)


_FRACTIONS = {
    "max_price_deviation": Decimal(1),
    "max_daily_loss": Decimal(1),
    "max_position_value_pct": POSITION_VALUE_PCT_MAX,
}


def _parse(key: str, value: object) -> object:
    if key == "require_positive_balance":
        if not isinstance(value, bool):
            raise InvalidValue(key, repr(value), "must be true or false", check=CHECK)
        return value
    if key == "max_open_orders":
        if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value(ROUND_HALF_EVEN):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= OPEN_ORDERS_MAX:
            raise InvalidValue(key, repr(value), f"must be a whole number from 1 to {OPEN_ORDERS_MAX}", check=CHECK)
        return value
    if key == "allowed_instruments":
        return _instruments(key, value)
    if key == "max_daily_notional" and value is None:
        return None
    number = from_config(key, value)
    if number < 0:
        raise InvalidValue(key, value, "must not be negative", check=CHECK)
    largest = _FRACTIONS.get(key)
    if largest is not None and number > largest:
        raise InvalidValue(key, value, f"is a fraction (0.05 is 5 %) and must be at most {largest}", check=CHECK)
    return number


def _instruments(key: str, value: object) -> frozenset[str] | None:
    if value is None:
        return None
    names = list(value) if isinstance(value, Iterable) and not isinstance(value, (str, bytes)) else None
    if names is None or not all(isinstance(name, str) and name for name in names):
        raise InvalidValue(key, repr(value), "must be a list of instrument ids, or none for all", check=CHECK)
    return frozenset(names)
