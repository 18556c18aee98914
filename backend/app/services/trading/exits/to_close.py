"""What a flatten closes, and what it leaves: the one question asked before anything is sold.

Every contract position goes, whoever opened it. Of an asset goes what the books hold, the strategies' and that of
orders without a strategy; coins that are nobody's (there before us, sent in, bought by a hand) only when a person says
so. Never more than is there.
"""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.holdings import Holding
from app.domain.instruments import Instrument
from app.domain.money import ZERO, plain
from app.domain.orders import OrderSide, PositionSide, TradeMode
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.holdings.spot_positions import SpotPositions

UNATTRIBUTED_STAYS = "is unattributed (there before us, sent in or bought by a hand): --all sells it too"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One position to be closed: `size` of it, in whole lots. value: in the valuation currency, None when unknown."""

    instrument_id: str
    position_side: PositionSide
    trade_mode: TradeMode
    side: OrderSide
    size: Decimal
    value: Decimal | None
    value_currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What a flatten does not touch, and why. size: signed, as held. dust: it is too small for an order."""

    instrument_id: str
    position_side: PositionSide
    trade_mode: TradeMode
    size: Decimal
    value: Decimal | None
    value_currency: str
    dust: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlattenPlan:
    """What a flatten would close now, and what it would leave."""

    closing: tuple[Closing, ...]
    left_out: tuple[LeftOut, ...]


def to_flatten(ledger: Ledger, instrument_id: str | None, prices: Prices, *, everything: bool = False) -> FlattenPlan:
    """What a flatten closes: all, or what is held of one instrument. everything: unattributed coins too. What is too
    small for an order is dust and stays."""
    found = [
        *_assets(ledger, instrument_id, prices, everything),
        *_contracts(ledger, instrument_id, prices),
    ]
    found.sort(key=lambda item: (item.instrument_id, item.position_side.value, item.trade_mode.value))
    return FlattenPlan(
        closing=tuple(item for item in found if isinstance(item, Closing)),
        left_out=tuple(item for item in found if isinstance(item, LeftOut)),
    )


def _contracts(ledger: Ledger, instrument_id: str | None, prices: Prices) -> list[Closing | LeftOut]:
    found: list[Closing | LeftOut] = []
    for key, fold in ledger.folds.items():
        size, instrument = fold.position.size, ledger.instruments.get(key.instrument_id)
        if instrument_id not in (None, key.instrument_id) or not size or key.mode is TradeMode.CASH:
            continue
        whole, reason = ZERO, "is not listed by the exchange any more"
        if instrument is not None:
            whole, reason = instrument.floor_size(abs(size)), f"is below one lot {plain(instrument.lot)}"
        if whole:
            item: Closing | LeftOut = Closing(
                instrument_id=key.instrument_id,
                position_side=key.side,
                trade_mode=key.mode,
                side=OrderSide.SELL if size > 0 else OrderSide.BUY,
                size=whole,
                value=_value(prices, instrument, whole),
                value_currency=prices.currency,
            )
        else:
            item = LeftOut(
                instrument_id=key.instrument_id,
                position_side=key.side,
                trade_mode=key.mode,
                size=size,
                value=_value(prices, instrument, abs(size)),
                value_currency=prices.currency,
                dust=instrument is not None,
                reason=reason,
            )
        found.append(item)
    return found


def _assets(ledger: Ledger, instrument_id: str | None, prices: Prices, everything: bool) -> list[Closing | LeftOut]:
    spot = SpotPositions(ledger, prices)
    asked = None if instrument_id is None else spot.asset_of(instrument_id)
    if instrument_id is not None and asked is None:
        return []
    found: list[Closing | LeftOut] = []
    for holding in spot.holdings():
        if asked is not None and holding.asset != asked:
            continue
        pair = ledger.instruments.get(instrument_id) if instrument_id is not None else spot.sold_through(holding.asset)
        found += _asset(ledger, holding, pair, spot, prices, everything)
    return found


def _asset(
    ledger: Ledger, holding: Holding, pair: Instrument | None, spot: SpotPositions, prices: Prices, everything: bool
) -> list[Closing | LeftOut]:
    there = ledger.balances.get(holding.asset, ZERO)
    wanted = min(holding.quantity if everything else holding.ours, there)
    rest = ZERO if everything else min(holding.unattributed, there)
    name = pair.instrument_id if pair is not None else spot.shown_through(holding.asset)
    found: list[Closing | LeftOut] = []
    if wanted > 0:
        whole, reason = _sellable(pair, wanted)
        if whole:
            found.append(
                Closing(
                    instrument_id=name,
                    position_side=PositionSide.NET,
                    trade_mode=TradeMode.CASH,
                    side=OrderSide.SELL,
                    size=whole,
                    value=_worth(prices, holding.asset, pair, whole),
                    value_currency=prices.currency,
                )
            )
        else:
            found.append(_left(name, wanted, _worth(prices, holding.asset, pair, wanted), prices, pair, reason))
    if rest >= spot.lot(holding.asset):
        worth = _worth(prices, holding.asset, pair, rest)
        found.append(_left(name, rest, worth, prices, None, UNATTRIBUTED_STAYS))
    return found


def _left(
    name: str, size: Decimal, value: Decimal | None, prices: Prices, too_small_for: Instrument | None, reason: str
) -> LeftOut:
    return LeftOut(
        instrument_id=name,
        position_side=PositionSide.NET,
        trade_mode=TradeMode.CASH,
        size=size,
        value=value,
        value_currency=prices.currency,
        dust=too_small_for is not None,
        reason=reason,
    )


def _sellable(pair: Instrument | None, size: Decimal) -> tuple[Decimal, str]:
    """How much can be sold, in whole lots; why nothing can."""
    if pair is None:
        return ZERO, "is sold by no pair that the exchange lists now"
    whole = pair.floor_size(size)
    if whole < pair.min_size:
        return ZERO, f"is below the smallest order {plain(pair.min_size)} of {pair.instrument_id}"
    return whole, ""


def _worth(prices: Prices, asset: str, pair: Instrument | None, size: Decimal) -> Decimal | None:
    value = _value(prices, pair, size)
    if value is not None:
        return value
    price = prices.price(asset)
    return None if price is None else size * price


def _value(prices: Prices, instrument: Instrument | None, size: Decimal) -> Decimal | None:
    price = None if instrument is None else prices.mark(instrument.instrument_id)
    return None if instrument is None or price is None else prices.worth(instrument, size, price)
