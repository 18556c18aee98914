"""Exact decimals: every price, size and fee enters here and stays Decimal.

Importing this module widens the process's decimal contexts to 50 digits, so that sums and products of venue numbers
(at most 24 digits either side of the point) are exact and the order of adding never matters.
"""

import decimal
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from app.domain.refusals import InvalidValue

PRECISION = 50
MAX_INTEGER_DIGITS = 24
MAX_FRACTION_DIGITS = 24

decimal.DefaultContext.prec = PRECISION
decimal.getcontext().prec = PRECISION

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,9})?", re.ASCII)

ZERO = Decimal(0)
ONE = Decimal(1)


def exact(field: str, value: object) -> Decimal:
    """A finite Decimal from str, int or Decimal.

    Raises InvalidValue for float (binary fractions are not money), bool, NaN, infinity, more than 24 digits on either
    side of the decimal point, and text that is not a number as people and JSON write it: `1_000`, blanks around it and
    digits of other scripts are refused, not guessed at. The one parser of numbers at every door.
    """
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, bool) or not isinstance(value, (str, int)):
        rule = "must be a decimal as text, int or Decimal; float is refused because it is not exact"
        raise InvalidValue(field, repr(value), rule)
    else:
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            if rule := _not_finite(value):
                raise InvalidValue(field, value, rule)
            raise InvalidValue(field, repr(value), "must be a decimal number, such as 0.001")
        number = Decimal(value)
    if not number.is_finite():
        raise InvalidValue(field, value, "must be finite")
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) + exponent > MAX_INTEGER_DIGITS or -exponent > MAX_FRACTION_DIGITS:
        rule = f"must have at most {MAX_INTEGER_DIGITS} digits before and {MAX_FRACTION_DIGITS} after the point"
        raise InvalidValue(field, value, rule)
    return number


def positive(field: str, value: object) -> Decimal:
    """As `exact`, and above zero."""
    number = exact(field, value)
    if number <= 0:
        raise InvalidValue(field, value, "must be above zero")
    return number


def from_config(field: str, value: object) -> Decimal:
    """As `exact`, but a float becomes the decimal a person reads in it: 0.1 is 0.1."""
    return exact(field, Decimal(repr(value)) if isinstance(value, float) else value)


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of step (> 0) that is not above value."""
    return (value / step).to_integral_value(rounding=ROUND_FLOOR) * step


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of step (> 0) that is not below value."""
    return (value / step).to_integral_value(rounding=ROUND_CEILING) * step


def is_multiple(value: Decimal, step: Decimal) -> bool:
    return value % step == 0


def plain(value: Decimal) -> str:
    """Text without exponent and without trailing zeros: what the wire and people read."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def places(value: Decimal) -> int:
    """Decimals that a number is written with, trailing zeros included."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def rounded(value: Decimal, most: int = 12, *, step: Decimal | None = None) -> Decimal:
    """For people: at most so many decimals, or as many as `step` has where that is finer, half even. step: the tick, or
    what else the value is made of. State is never rounded."""
    if not value.is_finite() or (written := places(value)) <= most:
        return value
    if step is not None and written <= (most := max(most, places(step))):
        return value
    return value.quantize(Decimal(1).scaleb(-most), ROUND_HALF_EVEN).normalize()


def shown_price(price: Decimal) -> Decimal:
    """A price that was averaged, for people: at most 12 decimals, or, of a coin that costs less than one, as many as
    twelve digits of it take."""
    return rounded(price, max(12, 11 - price.adjusted()))


_EXPONENT = re.compile(r"-?[0-9](\.[0-9]+)?E[+-][0-9]{1,3}", re.ASCII)


def without_exponent(text: str) -> str:
    """A decimal that was written as text with an exponent, as plain text; any other text as it is."""
    return plain(Decimal(text)) if "E" in text and _EXPONENT.fullmatch(text) else text


def _not_finite(text: str) -> str:
    named = text.lstrip("+-").lower()
    return "must be finite" if named in ("nan", "snan", "inf", "infinity") else ""
