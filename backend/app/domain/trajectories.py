"""The optimal trajectory of a trade between impact and risk: Almgren and Chriss, Optimal Execution of Portfolio
Transactions (2000), in discrete time.

Pure. Of a whole worked over `parts` equal periods of length τ, the part still held after period j is
sinh(κτ(parts − j)) / sinh(κτ·parts). κ = 0 gives equal parts (a TWAP); the larger, the sooner. What is left of it is
solved anew with the same κ at any period and gives the same tail.
"""

import decimal
from decimal import Decimal
from functools import lru_cache

from app.domain.money import ONE, ZERO

_EXACT = decimal.Context(prec=40)
_TWO = Decimal(2)


def urgency(risk: Decimal) -> Decimal:
    """κτ of one period: cosh(κτ) = 1 + risk/2.

    risk: κ̃²τ² = λσ²τ²/η̃, >= 0 and without a unit, with λ the risk aversion (1/currency), σ² the variance of the price
    a second, η̃ the temporary impact (price a unit of size a second), all over the same units. Raises ValueError below
    zero.
    """
    if risk < 0:
        raise ValueError(f"risk={risk}: must not be negative")
    with decimal.localcontext(_EXACT):
        cosh = ONE + risk / _TWO
        return (cosh + (cosh * cosh - ONE).sqrt()).ln()


def held_after(kappa_tau: Decimal, parts: int) -> tuple[Decimal, ...]:
    """The part of the whole (1 at the start) still held after each of the periods; the last is 0.

    kappa_tau: >= 0. parts: >= 1. Raises ValueError otherwise.
    """
    _check(kappa_tau, parts)
    with decimal.localcontext(_EXACT):
        return tuple(_ratio(kappa_tau, parts - j, parts) for j in range(1, parts + 1))


@lru_cache(1024)
def next_share(kappa_tau: Decimal, parts: int) -> Decimal:
    """The part of what is left to be done in the next of `parts` periods; 1 for the last. Raises as held_after()."""
    _check(kappa_tau, parts)
    with decimal.localcontext(_EXACT):
        return ONE - _ratio(kappa_tau, parts - 1, parts)


def _check(kappa_tau: Decimal, parts: int) -> None:
    if parts < 1:
        raise ValueError(f"parts={parts}: must be at least 1")
    if kappa_tau < 0:
        raise ValueError(f"kappa_tau={kappa_tau}: must not be negative")


def _ratio(kappa_tau: Decimal, left: int, parts: int) -> Decimal:
    """sinh(κτ·left) / sinh(κτ·parts), in a form in which nothing grows large."""
    if left == 0:
        return ZERO
    if kappa_tau == 0:
        return Decimal(left) / parts
    above = ONE - (-_TWO * kappa_tau * left).exp()
    below = ONE - (-_TWO * kappa_tau * parts).exp()
    return (kappa_tau * (left - parts)).exp() * above / below
