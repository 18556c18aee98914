"""The size that a parent order is asked for with, in the instrument's own unit; nothing is rounded unsaid.

Contracts and base are turned into each other once; an amount of quote currency stays an amount (domain/quote_sizes.py).
Pure.
"""

from dataclasses import replace
from decimal import Decimal

from app.domain.instruments import Instrument, SizeUnit
from app.domain.money import ONE, ceil_to, is_multiple, plain
from app.domain.refusals import InvalidValue
from app.domain.slicing import minimum_lots
from app.services.trading.execution_strategies.terms import SizeIn

SHOWN = Decimal("0.01")


def amounts(size_in: SizeIn, instrument: Instrument) -> bool:
    """Whether such a size is an amount that the market turns into a size; of an inverse contract it is a number of
    them, whatever its price."""
    return size_in is SizeIn.QUOTE and not instrument.inverse


def own_size(size: Decimal, size_in: SizeIn, instrument: Instrument) -> Decimal:
    """In the instrument's unit. Raises InvalidValue for what is no whole number of lots, or has no meaning here."""
    contracts = instrument.size_unit is SizeUnit.CONTRACTS
    if size_in is SizeIn.INSTRUMENT or (size_in is SizeIn.CONTRACTS if contracts else size_in is SizeIn.BASE):
        return size
    if size_in is SizeIn.CONTRACTS:
        raise InvalidValue("size_in", size_in, f"has no meaning for {instrument.instrument_id}: it is no contract")
    if size_in is SizeIn.BASE and instrument.inverse:
        worth = f"{plain(instrument.contract_value)} {instrument.value_currency}"
        rule = f"has no meaning: a contract of {instrument.instrument_id} is {worth}, whatever {instrument.base} costs"
        raise InvalidValue("size_in", size_in, rule)
    unit = instrument.quote if size_in is SizeIn.QUOTE else instrument.base
    value = instrument.contract_value
    if not is_multiple(size, value * instrument.lot):
        lower = instrument.floor_size(size / value) * value
        near = [plain(each) for each in (lower, lower + instrument.lot * value) if each > 0]
        rule = (
            f"is {plain(size / value)} contracts of {plain(value)} {unit}: must be a multiple of lot size "
            f"{plain(instrument.lot)}, such as {' or '.join(near)} {unit}"
        )
        raise InvalidValue("size", f"{plain(size)} {unit}", rule)
    return size / value


def bought(amount: Decimal, instrument: Instrument, price: Decimal) -> Decimal:
    """What an amount comes to at this price. Raises InvalidValue for one of less than the smallest order."""
    worth = instrument.notional(ONE, price)
    size, smallest = instrument.floor_size(amount / worth), minimum_lots(instrument) * instrument.lot
    if size < smallest:
        least = ceil_to(smallest * worth, SHOWN) if worth * smallest > SHOWN else smallest * worth
        rule = f"must be at least {plain(least)}: the smallest order {plain(smallest)} costs that at {plain(price)}"
        raise InvalidValue("size", f"{plain(amount)} {instrument.quote}", rule)
    return size


def of_at_least(instrument: Instrument, smallest: Decimal) -> Instrument:
    """The instrument with no smaller order than that, in base units."""
    if instrument.inverse or not smallest:
        return instrument
    size = ceil_to(smallest / instrument.contract_value, instrument.lot)
    return instrument if size <= instrument.min_size else replace(instrument, min_size=size)
