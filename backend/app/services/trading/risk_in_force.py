"""The risk limits in force, with what is used of each, as the checks measure it before another order."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.domain.access_keys import KeyLimits
from app.domain.instruments import InstrumentKind
from app.domain.money import ZERO, rounded
from app.domain.orders import OrderSide
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings import amounts
from app.services.trading.holdings.prices import Prices
from app.services.trading.holdings.valuation import Valuation, day_base, equity
from app.services.trading.risk_checks.limits import RiskLimits

PLACES = 8
ORDER, POSITION, DAY, ACCOUNT = "order", "position", "day", "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitInForce:
    """One limit. of: what it holds for, an order, a position, the day or the account. limit: None where none is set.
    used, left: in its unit; None for limits of single orders, of which nothing is used, and where `why` says so."""

    name: str
    of: str
    unit: str
    limit: Decimal | None
    used: Decimal | None = None
    left: Decimal | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionAtWorst:
    """What an asset over all its pairs and contracts, or one contract position (INSTRUMENT/side/mode), comes to if all
    open orders of its worse side fill. of_equity: a fraction; None where something has no price, or there is no equity.
    """

    position: str
    worth: Decimal | None
    of_equity: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLimitsInForce:
    """What the key of who asks is held to; amounts in the valuation currency. None: no such limit. traded_today: None
    where it has no daily limit, or something that was asked for today has no price."""

    principal: str
    instruments: tuple[str, ...] | None
    strategies: tuple[str, ...] | None
    max_order_notional: Decimal | None
    max_daily_notional: Decimal | None
    traded_today: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskInForce:
    """currency: the valuation currency. allowed_instruments: None allows all."""

    currency: str
    equity: Decimal
    kill_switch: bool
    require_positive_balance: bool
    allowed_instruments: tuple[str, ...] | None
    limits: tuple[LimitInForce, ...]
    positions: tuple[PositionAtWorst, ...]
    key: KeyLimitsInForce


def in_force(limits: RiskLimits, ledger: Ledger, prices: Prices, principal: str) -> RiskInForce:
    """At this moment. Never awaits, and changes nothing."""
    worth = equity(ledger, prices)
    positions = tuple(_positions(ledger, prices, worth.equity))
    allowed = limits.allowed_instruments
    return RiskInForce(
        currency=prices.currency,
        equity=rounded(worth.equity, PLACES),
        kill_switch=ledger.kill_switch.engaged,
        require_positive_balance=limits.require_positive_balance,
        allowed_instruments=None if allowed is None else tuple(sorted(allowed)),
        limits=(
            *_of_orders(limits, prices.currency),
            _of_positions(limits, positions),
            daily_loss(limits, ledger, prices, worth),
            _of_notional(limits, ledger, prices),
            _used("max_open_orders", ACCOUNT, "orders", Decimal(limits.max_open_orders), Decimal(ledger.open_count)),
        ),
        positions=positions,
        key=_of_key(ledger.keys.limits_of(principal), ledger, principal),
    )


def _of_orders(limits: RiskLimits, currency: str) -> Iterator[LimitInForce]:
    for name, unit in (
        ("max_order_size", "base"),
        ("min_order_size", "base"),
        ("max_order_value", currency),
        ("max_price_deviation", "fraction"),
        ("max_book_age_seconds", "seconds"),
    ):
        yield LimitInForce(name=name, of=ORDER, unit=unit, limit=getattr(limits, name))


def _of_positions(limits: RiskLimits, positions: tuple[PositionAtWorst, ...]) -> LimitInForce:
    """Used by the largest; what has no price is named."""
    unknown = [each.position for each in positions if each.of_equity is None]
    known = [each.of_equity for each in positions if each.of_equity is not None]
    why = f"{', '.join(unknown)}: no price, or no equity" if unknown else None
    used = max(known, default=None if unknown else ZERO)
    return _used("max_position_value_pct", POSITION, "fraction", limits.max_position_value_pct, used, why)


def daily_loss(limits: RiskLimits, ledger: Ledger, prices: Prices, worth: Valuation) -> LimitInForce:
    """The day's loss, a fraction of what the day is measured against."""
    base, why = day_base(ledger, prices, worth), None
    if base is None:
        why = "the equity at 00:00 UTC is not known"
    elif base <= 0:
        why = "of nothing, nothing is lost"
    used = None if base is None or base <= 0 else max(ZERO, rounded((base - worth.compared) / base, PLACES))
    return _used("max_daily_loss", DAY, "fraction", limits.max_daily_loss, used, why)


def _of_notional(limits: RiskLimits, ledger: Ledger, prices: Prices) -> LimitInForce:
    """Traded since 00:00 UTC and still open."""
    known = ledger.day.complete
    why = None if known else "what was traded today is not known since the restart"
    used = amounts.traded_today(ledger, prices) + amounts.open_notional(ledger, prices) if known else None
    shown = None if used is None else rounded(used, PLACES)
    return _used("max_daily_notional", DAY, prices.currency, limits.max_daily_notional, shown, why)


def _used(
    name: str, of: str, unit: str, limit: Decimal | None, used: Decimal | None, why: str | None = None
) -> LimitInForce:
    left = None if limit is None or used is None else max(ZERO, limit - used)
    return LimitInForce(name=name, of=of, unit=unit, limit=limit, used=used, left=left, why=why)


def _of_key(limits: KeyLimits, ledger: Ledger, principal: str) -> KeyLimitsInForce:
    counted = limits.max_daily_notional is not None
    spent = ledger.keys.use.total(principal, ledger.clock.now_ns()) if counted else None
    return KeyLimitsInForce(
        principal=principal,
        instruments=None if limits.instruments is None else tuple(sorted(limits.instruments)),
        strategies=None if limits.strategies is None else tuple(sorted(limits.strategies)),
        max_order_notional=limits.max_order_notional,
        max_daily_notional=limits.max_daily_notional,
        traded_today=None if spent is None else rounded(spent, PLACES),
    )


def _positions(ledger: Ledger, prices: Prices, whole: Decimal) -> Iterator[PositionAtWorst]:
    """Every asset that is no cash, then every contract position."""
    for asset in sorted(_assets(ledger, prices)):
        size = _asset_at_worst(ledger, prices, asset)
        price = prices.last(asset).price
        yield _at_worst(asset, None if size is None or price is None else size * price, whole)
    folds, sizes = ledger.folds, ledger.exposure.sizes
    keys = {key for key, fold in folds.items() if fold.position.size} | {
        key for (key, _), size in sizes.items() if size
    }
    for key in sorted(keys):
        instrument = ledger.instruments.get(key.instrument_id)
        if instrument is None or instrument.kind is InstrumentKind.SPOT:
            continue
        held = folds[key].position.size if key in folds else ZERO
        size = max(abs(held + side.sign * ledger.exposure.size(key, side)) for side in OrderSide)
        mark = prices.mark(key.instrument_id)
        yield _at_worst(key.label, None if mark is None else prices.worth(instrument, size, mark), whole)


def _at_worst(position: str, worth: Decimal | None, whole: Decimal) -> PositionAtWorst:
    return PositionAtWorst(
        position=position,
        worth=None if worth is None else rounded(worth, PLACES),
        of_equity=None if worth is None or whole <= 0 else rounded(worth / whole, PLACES),
    )


def _assets(ledger: Ledger, prices: Prices) -> set[str]:
    held = {currency for currency in ledger.balances if ledger.holding(currency) > 0}
    keys = {key for key, fold in ledger.folds.items() if fold.position.size}
    keys |= {key for (key, _), size in ledger.exposure.sizes.items() if size}
    traded = {found.base for key in keys if (found := ledger.instruments.get(key.instrument_id)) is not None}
    return {asset for asset in held | traded if not prices.is_cash(asset)}


def _asset_at_worst(ledger: Ledger, prices: Prices, asset: str) -> Decimal | None:
    """In units of it; None where a contract of fixed value has no price."""
    holding = max(ledger.holding(asset), ZERO)
    net, of_spot = ledger.holding(asset), ZERO
    coming = dict.fromkeys(OrderSide, ZERO)
    sizes = [(key, None, fold.position.size) for key, fold in ledger.folds.items()]
    for key, side, size in (*sizes, *((key, side, size) for (key, side), size in ledger.exposure.sizes.items())):
        instrument = ledger.instruments.get(key.instrument_id)
        if instrument is None or instrument.base != asset or not size:
            continue
        spot = instrument.kind is InstrumentKind.SPOT
        change = amounts.delta(instrument, size, prices.mark(key.instrument_id))
        if change is None:
            return None
        if side is not None:
            coming[side] += change
            of_spot += change if spot and side is OrderSide.BUY else ZERO
        elif not spot:
            net += change
    return max(holding + of_spot, *(abs(net + side.sign * coming[side]) for side in OrderSide))
