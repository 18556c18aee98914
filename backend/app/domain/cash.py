"""What a fill does to the balances: its trade legs and its fee, per currency (INVARIANTS M2). Of other movements of
cash, which are earned.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import Fill
from app.domain.positions import Position


class CashKind(StrEnum):
    """Why a balance changed without a fill.

    OPENING: it was there before the first start, or an operator says so. UNEXPLAINED: an accepted difference. ROUNDING:
    what the venue shows to fewer places than it counts. The others are the venue's bills (port.BillKind).
    """

    OPENING = "opening"
    UNEXPLAINED = "unexplained"
    ROUNDING = "rounding"
    FUNDING = "funding"
    INTEREST = "interest"
    TRANSFER = "transfer"
    LIQUIDATION = "liquidation"
    MARGIN = "margin"
    LOAN = "loan"
    CONVERSION = "conversion"
    OTHER = "other"


EARNED_KINDS = frozenset({CashKind.FUNDING, CashKind.INTEREST, CashKind.LIQUIDATION, CashKind.ROUNDING})
"""Profit or loss; all others came from or went outside."""


def cash_legs(instrument: Instrument, fill: Fill, before: Position, after: Position) -> Mapping[str, Decimal]:
    """Changes of balance by currency; positive is received.

    Spot moves base and quote. Contracts settle the realised profit that the fill brought (after less before, which
    also holds when a late fill changes what later ones realised). The fee, if known, is paid in its own currency.
    """
    legs: dict[str, Decimal] = {}
    if instrument.kind is InstrumentKind.SPOT:
        change = fill.side.sign * fill.size
        legs[instrument.base] = change
        legs[instrument.quote] = -change * fill.price
    else:
        legs = dict(profit_leg(instrument, before, after))
    for currency, amount in fee_leg(fill).items():
        legs[currency] = legs.get(currency, ZERO) + amount
    return legs


def profit_leg(instrument: Instrument, before: Position, after: Position) -> Mapping[str, Decimal]:
    """The settled profit of a contract position between two of its states; nothing for spot."""
    gain = after.realised_pnl - before.realised_pnl
    return {instrument.settle: gain} if gain and instrument.kind is not InstrumentKind.SPOT else {}


def fee_leg(fill: Fill) -> Mapping[str, Decimal]:
    """The fee as a change of balance: a paid fee is negative."""
    return {fill.fee_currency: -fill.fee} if fill.fee else {}


def holding_change(instrument: Instrument, fill: Fill) -> Decimal:
    """How much the fill adds to what its strategy holds, its fee included."""
    return fill.side.sign * fill.size - fee_from_holding(instrument, fill)


def fee_from_holding(instrument: Instrument, fill: Fill) -> Decimal:
    """What the fee takes out of the holding itself: a spot fee in base."""
    in_base = instrument.kind is InstrumentKind.SPOT and fill.fee_currency == instrument.base
    return fill.fee if in_base and fill.fee is not None else ZERO
