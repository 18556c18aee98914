"""ExecutionRiskControl: may this order go out? Every check is asked, every reason is returned.

It only reads: the ledger, the market and its limits, all in memory, within one turn. A refusal is a value.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.domain.alike import common
from app.domain.conditions import Condition
from app.domain.money import ONE, ZERO, exact
from app.domain.orders import Order, OrderRequest, OrderSide, OrderType, PositionSide, TradeMode
from app.domain.parents import Bounds
from app.domain.refusals import InvalidValue, Refusal
from app.domain.slicing import part_size
from app.market_data.feeds import MarketData
from app.services.trading.account.ledger import Ledger
from app.services.trading.execution_strategies.views import AtWorst
from app.services.trading.holdings import valuation
from app.services.trading.holdings.prices import Prices
from app.services.trading.holdings.signal_orders import signal_orders
from app.services.trading.risk_checks import (
    CHECKS,
    PARAMETER_CHECKS,
    Candidate,
    Check,
    ExposureView,
    RiskLimits,
    VenueTerms,
    balance,
    max_order_size,
    max_order_value,
    max_position_value,
    max_price_deviation,
    maximum_size,
    tick_size,
)
from app.services.trading.schemas import Account, OrderParams, RiskCheckResult, member_of
from app.strategies.signals import Signal, SignalType

_PRICE_CHECKS: tuple[Check, ...] = (tick_size, max_price_deviation)
_SIZE_CHECKS: tuple[Check, ...] = (maximum_size, max_order_size, max_order_value, balance, max_position_value)
_WHOLE_CHECKS: tuple[Check, ...] = (max_position_value,)
_AT_ONCE_CHECKS: tuple[Check, ...] = (balance, max_position_value)


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict over one order or amendment.

    candidate: None when the instrument is not known. reference_price: what the reservation values the order at, for
    OrderRequest.reference_price (see ExposureView.worst_price); None when it was refused for want of a price. exit: a
    person asked for it to get out, and it is that (ExposureView.is_exit). protects: as ExposureView.is_protection.
    """

    result: RiskCheckResult
    candidate: Candidate | None
    reference_price: Decimal | None
    exit: bool = False
    protects: bool = False


class ExecutionRiskControl:
    """The pre-trade checks of one account.

    config: risk_config, see RiskLimits; None for the defaults. terms: fees and leverage, kept by whoever hears them
    from the venue. prices: what values the account, shared with whoever else does. prepare: sees to it, before an
    order's turn, that what its value needs has a price, and its margin a leverage.
    """

    def __init__(
        self,
        ledger: Ledger,
        market: MarketData,
        config: Mapping[str, object] | None = None,
        *,
        terms: VenueTerms | None = None,
        prices: Prices | None = None,
        prepare: Callable[[OrderParams], Awaitable[None]] | None = None,
    ) -> None:
        self.ledger = ledger
        self.market = market
        self.terms = terms if terms is not None else VenueTerms()
        self.prices = prices if prices is not None else Prices(ledger, market)
        self.limits = RiskLimits.from_config(config)
        self.prepare = prepare or _nothing

    def configure(self, config: Mapping[str, object] | None) -> None:
        """New limits for all later orders. Raises InvalidValue, and keeps the old ones, when a key is at fault."""
        self.limits = RiskLimits.from_config(config)

    def account(self) -> Account:
        """The present account."""
        return valuation.account_of(self.ledger, self.prices)

    def approve(
        self,
        params: OrderParams,
        *,
        exit: bool = False,
        protects: bool = False,
        principal: str = "",
        condition: Condition | None = None,
        now_ns: int | None = None,
    ) -> Decision:
        """The decision that a new order's intent rests on; call it inside the order's turn, for nothing may change in
        between. exit: a person asks for it to get out; protects, condition: see Candidate. now_ns: the turn's moment.
        Never awaits, and changes nothing."""
        try:
            candidate = self._candidate(params, exit=exit, principal=principal, protects=protects, condition=condition)
        except InvalidValue as error:
            return _not_listed(error)
        return self._decided(candidate, now_ns)

    def approve_amendment(
        self,
        order: Order,
        new_size: Decimal | None = None,
        new_price: Decimal | None = None,
        *,
        principal: str = "",
        condition: Condition | None = None,
    ) -> Decision:
        """The same of a change of a live order: to this size, its filled part included, and this price; None leaves
        either as it is."""
        try:
            waits_for = (condition or order.condition) if order.waits else None
            candidate = self._amended(order, new_size, new_price, principal, waits_for)
        except InvalidValue as error:
            return _not_listed(error)
        return self._decided(candidate)

    def pre_trade_check(self, signal: Signal, account: Account) -> RiskCheckResult:
        """Whether the order that the signal would become may go out, for this account and the present ledger.

        HOLD passes unchecked. The account's balances, equity and day's start are the ones that count; open orders and
        positions are always the ledger's.
        """
        if account.id != self.ledger.account:
            rule = f"is not the account of this executor, {self.ledger.account}"
            return RiskCheckResult(passed=False, reasons=(Refusal("account", "account", account.id, rule),))
        try:
            orders = signal_orders(self.ledger, signal)
        except InvalidValue as error:
            return RiskCheckResult(passed=False, reasons=(error.refusal,))
        for order in orders:
            asked = self.first_piece(order) if signal.type is SignalType.CLOSE else order
            result = _ask(CHECKS, self._exposure(self._candidate(asked), account))
            if not result.passed:
                return result
        return RiskCheckResult(passed=True, checked=_NAMES[CHECKS] if orders else ())

    def validate_order_params(self, params: OrderParams) -> RiskCheckResult:
        """Whether the parameters fit the instrument and the limits of a single order, whatever account and book say."""
        try:
            candidate = self._candidate(params)
        except InvalidValue as error:
            return RiskCheckResult(passed=False, reasons=(error.refusal,))
        return _ask(PARAMETER_CHECKS, self._exposure(candidate))

    def validate_price_reasonability(
        self, instrument_id: str, side: OrderSide | str, price: Decimal | str | None = None
    ) -> RiskCheckResult:
        """Whether the price lies on a tick and near the mid of a usable book; without one, whether the touch does.

        Raises InvalidValue for a side or price that is none.
        """
        try:
            instrument = self.ledger.instrument(instrument_id)
        except InvalidValue as error:
            return RiskCheckResult(passed=False, reasons=(error.refusal,))
        params = OrderParams(
            instrument_id=instrument_id,
            side=side,
            order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
            size=instrument.lot,
            price=None if price is None else exact("price", price),
        )
        return _ask(_PRICE_CHECKS, self._exposure(self._candidate(params)))

    def size_refusals(self, first: OrderParams, whole: Decimal, *, at_once: bool = False) -> tuple[Refusal, ...]:
        """Why a parent order is too large, whatever the moment: its first child for the limits of one order, the
        account's money and the exchange; the whole of it for what a position may be, and, where it is to go at_once,
        for the account's money."""
        child = self._candidate(first)
        refused = _ask(_SIZE_CHECKS, self._exposure(child)).reasons
        checks = _AT_ONCE_CHECKS if at_once else _WHOLE_CHECKS
        return refused or _ask(checks, self._exposure(replace(child, size=whole))).reasons

    def at_worst(self, first: OrderParams, whole: Decimal) -> AtWorst | None:
        """What max_position_value_pct would count if all of a parent order with this first child filled; None for one
        that adds nothing to it."""
        child = replace(self._candidate(first), size=whole)
        exposure = self._exposure(child)
        if not max_position_value.adds(exposure):
            return None
        value, equity = exposure.value(max_position_value.reached(child, exposure)), exposure.equity
        return AtWorst(exposure.currency, value, value / equity if value is not None and equity > 0 else None)

    def largest_order(self, instrument_id: str, side: OrderSide | str, price: Decimal | None = None) -> Decimal:
        """The largest size that a single order may have by the limits of one order and the venue's own, for cutting a
        larger one into pieces; at market without a price. Zero without a usable book, or when not a lot is allowed.

        Raises InvalidValue for an instrument that the venue does not list.
        """
        instrument, limits = self.ledger.instrument(instrument_id), self.limits
        side, order_type = member_of(OrderSide, "side", side), OrderType.MARKET if price is None else OrderType.LIMIT
        a_lot = Candidate(instrument, side, order_type, instrument.lot, price, TradeMode.CASH, PositionSide.NET, False)
        exposure = self._exposure(a_lot)
        lot_base, worst = exposure.base_size, exposure.worst_price
        lot_value = exposure.value(instrument.lot, worst) if worst is not None else None
        if not lot_base or worst is None:
            return ZERO
        lots = limits.max_order_size / lot_base
        if lot_value:  # what has no value in the valuation currency may still be closed
            lots = min(lots, limits.max_order_value / lot_value)
        size = instrument.floor_size(lots * instrument.lot)
        venue = instrument.max_market_size if price is None else instrument.max_limit_size
        return size if venue is None else min(size, instrument.floor_size(venue))

    def order_bounds(self, instrument_id: str, side: OrderSide | str) -> Bounds | None:
        """How far a priced order of this side may go now: max_price_deviation from the mid, and the largest size at
        that price. None without a usable book. Raises InvalidValue for an instrument that the venue does not list."""
        instrument = self.ledger.instrument(instrument_id)
        side = member_of(OrderSide, "side", side)
        book, now_ns = self.market.book(instrument_id), self.ledger.clock.now_ns()
        if book is None or book.mid is None or book.usable(now_ns, self.limits.max_book_age_seconds) is not None:
            return None
        collar = book.mid * (ONE + side.sign * self.limits.max_price_deviation)
        price = max(instrument.passive_price(collar, buying=side is OrderSide.BUY), instrument.tick)
        return Bounds(self.largest_order(instrument_id, side, price), price)

    def first_piece(self, params: OrderParams) -> OrderParams:
        """The first order of getting out: `params` themselves where one order may take it all, else as much as the
        visible book within the collar and the limits of one order allow, as an IOC limit at the collar.

        Where not a piece is allowed now, params themselves too: asked for them, risk says why.
        """
        instrument = self.ledger.instrument(params.instrument_id)
        bounds = self.order_bounds(params.instrument_id, params.side)
        largest = self.largest_order(params.instrument_id, params.side, params.price)
        if bounds is None or (params.size <= largest and (params.price is not None or self._book_takes(params))):
            return params
        price = bounds.price if params.price is None else params.price
        view = self.market.view(params.instrument_id, self.ledger.clock.now_ns())
        there = min(view.within(params.side, price), self.largest_order(params.instrument_id, params.side, price))
        size = part_size(there, params.size, there, instrument)
        return replace(params, order_type=OrderType.IOC, size=size, price=price) if size else params

    def _book_takes(self, params: OrderParams) -> bool:
        return (
            max_price_deviation.check(self._candidate(params), self._exposure(self._candidate(params)), self.limits)
            is None
        )

    def _decided(self, candidate: Candidate, now_ns: int | None = None) -> Decision:
        exposure = self._exposure(candidate, now_ns=now_ns)
        result, protects = _ask(CHECKS, exposure), exposure.is_protection
        return Decision(result, candidate, exposure.worst_price, exposure.is_exit, protects)

    def _candidate(self, params: OrderParams, **more: Any) -> Candidate:
        return Candidate(
            **_asked(params),
            instrument=self.ledger.instrument(params.instrument_id),
            order_type=params.sent_type,
            size=params.size,
            price=params.price,
            **more,
        )

    def _amended(
        self, order: Order, size: Decimal | None, price: Decimal | None, principal: str, condition: Condition | None
    ) -> Candidate:
        request = order.request
        return Candidate(
            **_requested(request),
            instrument=self.ledger.instrument(request.instrument_id),
            order_type=request.order_type,
            size=order.size if size is None else size,
            price=order.price if price is None else price,
            amending=order,
            principal=principal,
            condition=condition,
        )

    def _exposure(
        self, candidate: Candidate, account: Account | None = None, now_ns: int | None = None
    ) -> ExposureView:
        return ExposureView(candidate, self.limits, self.ledger, self.market, self.prices, self.terms, account, now_ns)


_OWN = ("order_type", "size", "price", "condition")
_asked, _requested = common(OrderParams, Candidate, *_OWN), common(OrderRequest, Candidate, *_OWN)


async def _nothing(params: OrderParams) -> None:
    """What is known, is known."""


def _not_listed(error: InvalidValue) -> Decision:
    """The decision over an instrument that the venue does not list."""
    return Decision(RiskCheckResult(passed=False, reasons=(error.refusal,)), None, None)


def _ask(checks: tuple[Check, ...], exposure: ExposureView) -> RiskCheckResult:
    reasons: list[Refusal] = []
    order, limits = exposure.order, exposure.limits
    for module in checks:
        refusal = module.check(order, exposure, limits)
        if refusal is not None:
            reasons.append(refusal)
    return RiskCheckResult(passed=not reasons, reasons=tuple(reasons), checked=_NAMES[checks])


_NAMES = {
    checks: tuple(module.NAME for module in checks)
    for checks in (CHECKS, PARAMETER_CHECKS, _PRICE_CHECKS, _SIZE_CHECKS, _WHOLE_CHECKS, _AT_ONCE_CHECKS)
}
