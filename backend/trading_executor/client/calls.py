"""Every request of the API as a Call: arguments in, method, path, body and the answer's type out. Nothing is sent here.

Sizes and prices are Decimal, int or decimal text; a float is not exact and is refused by the system. Instants are aware
datetimes or ISO 8601 text. Words are the library's enumerations or their text.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, ParamSpec, TypeAlias, TypeVar

from app.domain.instruments import Instrument
from app.domain.orders import OrderSide, OrderStatus, PositionSide, TradeMode
from app.domain.tca.grouping import Grouping
from trading_executor.client import models
from trading_executor.client.wire import Call, given, segment

Amount: TypeAlias = Decimal | int | str
Moment: TypeAlias = datetime | str
Side: TypeAlias = OrderSide | str
Mode: TypeAlias = TradeMode | str
Held: TypeAlias = PositionSide | str
Config: TypeAlias = Mapping[str, Any]

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

ROOT = "/api/v1"
API = f"{ROOT}/trading"
KEYS = f"{ROOT}/keys"
APPROVALS = f"{ROOT}/approvals"
PROPOSALS = f"{ROOT}/proposals"
ALERTS = f"{ROOT}/alerts"
FAULTS = f"{ROOT}/simulator/faults"
SIGNALS = f"{ROOT}/signals"
HOOKS = f"{ROOT}/hooks"
STRATEGIES = f"{ROOT}/strategies"


def _get(path: str, reads: Any, member: str | None = None, **query: Any) -> Call[Any]:
    return Call("GET", path, reads, query, safe=True, member=member)


def _post(path: str, reads: Any, body: Mapping[str, Any], key: str | None, member: str | None = None) -> Call[Any]:
    return Call("POST", path, reads, body=body, keyed=True, key=key, member=member)


def _unkeyed(path: str, reads: Any, body: Mapping[str, Any], member: str | None = None) -> Call[Any]:
    return Call("POST", path, reads, body=body, member=member)


def _previews(send: Callable[P, Call[S]], preview_of: Callable[[Call[S]], Call[T]]) -> Callable[P, Call[T]]:
    """The same arguments, and what would come of them."""

    def preview(*arguments: P.args, **named: P.kwargs) -> Call[T]:
        return preview_of(send(*arguments, **named))

    functools.update_wrapper(preview, send)
    preview.__doc__ = preview_of.__doc__
    return preview


def _proposes(path: str, words: str) -> Callable[[Call[Any]], Call[models.Proposal]]:
    def proposed(call: Call[Any]) -> Call[models.Proposal]:
        return replace(call, path=path, reads=models.Proposal)

    proposed.__doc__ = words
    return proposed


# --- orders ---


def place_order(
    instrument_id: str,
    side: Side,
    order_type: str,
    size: Amount,
    *,
    price: Amount | None = None,
    trade_mode: Mode | None = None,
    position_side: Held | None = None,
    reduce_only: bool | None = None,
    strategy_id: str | None = None,
    trigger_price: Amount | None = None,
    trigger_by: str | None = None,
    held: str | None = None,
    distance: Amount | None = None,
    distance_pct: Amount | None = None,
    take_profit: Amount | None = None,
    stop_loss: Amount | None = None,
    idempotency_key: str | None = None,
) -> Call[models.OrderResponse]:
    """Check, record and send an order. Its status is `unknown` where the exchange has not answered: it is being looked
    for. Raises Refused with every reason."""
    body = given(
        instrument_id=instrument_id,
        side=side,
        order_type=order_type,
        size=size,
        price=price,
        trade_mode=trade_mode,
        position_side=position_side,
        reduce_only=reduce_only,
        strategy_id=strategy_id,
        trigger_price=trigger_price,
        trigger_by=trigger_by,
        held=held,
        distance=distance,
        distance_pct=distance_pct,
        take_profit=take_profit,
        stop_loss=stop_loss,
    )
    return _post(f"{API}/orders", models.OrderResponse, body, idempotency_key)


def order_history(
    *,
    instrument_id: str | None = None,
    status: OrderStatus | str | Sequence[OrderStatus | str] | None = None,
    side: Side | None = None,
    strategy_id: str | None = None,
    parent_id: str | None = None,
    exchange_order_id: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Call[models.OrderPage]:
    """A page of orders, newest first; `next_cursor` asks for the next."""
    return _get(
        f"{API}/orders",
        models.OrderPage,
        instrument_id=instrument_id,
        status=status,
        side=side,
        strategy_id=strategy_id,
        parent_id=parent_id,
        exchange_order_id=exchange_order_id,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
        cursor=cursor,
    )


def active_orders(instrument_id: str | None = None) -> Call[tuple[models.OrderResponse, ...]]:
    """What is not over, oldest first."""
    reads = tuple[models.OrderResponse, ...]
    return _get(f"{API}/orders/active", reads, "orders", instrument_id=instrument_id)


def get_order(order_id: str) -> Call[models.OrderResponse]:
    """By our order id or the client order id."""
    return _get(f"{API}/orders/{segment(order_id)}", models.OrderResponse)


def modify_order(
    order_id: str, *, size: Amount | None = None, price: Amount | None = None, trigger_price: Amount | None = None
) -> Call[models.OrderResponse]:
    """Amend the size (in all, what has filled included) or a price. It has no key, so a lost answer raises NoAnswer."""
    body = given(size=size, price=price, trigger_price=trigger_price)
    return Call("PATCH", f"{API}/orders/{segment(order_id)}", models.OrderResponse, body=body)


def cancel_order(order_id: str) -> Call[models.OrderResponse]:
    """Cancel; the order as it stands up to a second later. Raises Conflict when it was over."""
    return Call("DELETE", f"{API}/orders/{segment(order_id)}", models.OrderResponse, safe=True, over=True)


def cancel_all(
    instrument_id: str | None = None, *, protection: bool = False, idempotency_key: str | None = None
) -> Call[tuple[models.OrderResponse, ...]]:
    """Cancel every open order, and end executions; conditional orders that only reduce stay, but for `protection`."""
    body = given(instrument_id=instrument_id, protection=protection)
    return _post(f"{API}/orders/cancel-all", tuple[models.OrderResponse, ...], body, idempotency_key, "orders")


def resolve_order(
    order_id: str,
    state: str,
    *,
    by: str,
    why: str,
    filled: Amount | None = None,
    fills: Sequence[Mapping[str, Any]] = (),
    venue_order_id: str | None = None,
    idempotency_key: str | None = None,
) -> Call[models.OrderResponse]:
    """End an order that the exchange no longer decides, on an operator's evidence."""
    body = given(state=state, filled=filled, fills=list(fills), venue_order_id=venue_order_id, by=by, why=why)
    return _post(f"{API}/orders/{segment(order_id)}/resolve", models.OrderResponse, body, idempotency_key)


# --- signals ---


def send_signal(
    type: str,
    instrument_id: str,
    *,
    size: Amount | None = None,
    size_in: str | None = None,
    price: Amount | None = None,
    confidence: Amount | None = None,
    metadata: Mapping[str, Any] | None = None,
    position_side: Held | None = None,
    trade_mode: Mode | None = None,
    take_profit: Amount | None = None,
    stop_loss: Amount | None = None,
    strategy_id: str | None = None,
    strategy: str | None = None,
    config: Config | None = None,
    expires_at: Moment | None = None,
    decision_at: Moment | None = None,
    decision_price: Amount | None = None,
    idempotency_key: str | None = None,
) -> Call[models.SignalTaken]:
    """A wish, done once for its key: one order, or with `strategy` one execution, and what became of it."""
    body = given(
        type=type,
        instrument_id=instrument_id,
        size=size,
        size_in=size_in,
        price=price,
        confidence=confidence,
        metadata=metadata,
        position_side=position_side,
        trade_mode=trade_mode,
        take_profit=take_profit,
        stop_loss=stop_loss,
        strategy_id=strategy_id,
        strategy=strategy,
        config=config,
        expires_at=expires_at,
        decision_at=decision_at,
        decision_price=decision_price,
    )
    return _post(SIGNALS, models.SignalTaken, body, idempotency_key)


def signal_preview_of(sent: Call[models.SignalTaken]) -> Call[models.SignalForeseen]:
    """The orders or the execution that such a signal would become now; nothing is done."""
    return Call("POST", f"{SIGNALS}/preview", models.SignalForeseen, body=sent.body, safe=True)


preview_signal = _previews(send_signal, signal_preview_of)


# --- executions ---


def _execution_body(strategy: str, config: Config | None, **order: Any) -> dict[str, Any]:
    tags = list(order.pop("tags", ()))
    return {"strategy": strategy, "config": dict(config or {}), **given(**order), **({"tags": tags} if tags else {})}


def start_execution(
    strategy: str,
    instrument_id: str,
    side: Side,
    size: Amount,
    *,
    config: Config | None = None,
    order_type: str | None = None,
    price: Amount | None = None,
    trade_mode: Mode | None = None,
    position_side: Held | None = None,
    reduce_only: bool | None = None,
    strategy_id: str | None = None,
    size_in: str | None = None,
    start_at: Moment | None = None,
    end_at: Moment | None = None,
    limit_offset_pct: Amount | None = None,
    decision_at: Moment | None = None,
    decision_price: Amount | None = None,
    tags: Sequence[str] = (),
    idempotency_key: str | None = None,
) -> Call[models.Execution]:
    """Work a large order over time; answered as soon as it is durable. Client.execute gives a handle of it."""
    body = _execution_body(
        strategy,
        config,
        instrument_id=instrument_id,
        side=side,
        order_type=order_type or ("market" if price is None else "limit"),
        size=size,
        price=price,
        trade_mode=trade_mode,
        position_side=position_side,
        reduce_only=reduce_only,
        strategy_id=strategy_id,
        size_in=size_in,
        start_at=start_at,
        end_at=end_at,
        limit_offset_pct=limit_offset_pct,
        decision_at=decision_at,
        decision_price=decision_price,
        tags=tags,
    )
    return _post(f"{API}/executions", models.Execution, body, idempotency_key)


def preview_of(started: Call[models.Execution]) -> Call[models.ParentPreview]:
    """What such a start would do and cost by the book as it stands; nothing is done."""
    return Call("POST", f"{API}/executions/preview", models.ParentPreview, body=started.body, safe=True)


preview_execution = _previews(start_execution, preview_of)


def executions(
    *, open_only: bool = False, tag: str | None = None, limit: int = 100
) -> Call[tuple[models.Execution, ...]]:
    """Parent orders, newest first."""
    reads = tuple[models.Execution, ...]
    return _get(f"{API}/executions", reads, "executions", open_only=open_only or None, tag=tag, limit=limit)


def _of_execution(parent_id: str, rest: str = "") -> str:
    return f"{API}/executions/{segment(parent_id)}{rest}"


def get_execution(parent_id: str) -> Call[models.Execution]:
    return _get(_of_execution(parent_id), models.Execution)


def execution_progress(parent_id: str) -> Call[models.ParentFigures]:
    """Schedule against done, prices against the market that it met, fees, what it does next and why."""
    return _get(_of_execution(parent_id, "/progress"), models.ParentFigures)


def execution_figures(parent_id: str) -> Call[models.ParentFigures]:
    """The same as execution_progress."""
    return _get(_of_execution(parent_id, "/figures"), models.ParentFigures)


def execution_orders(parent_id: str) -> Call[tuple[models.OrderResponse, ...]]:
    """The orders that it placed, oldest first."""
    return _get(_of_execution(parent_id, "/orders"), tuple[models.OrderResponse, ...], "orders")


def pause_execution(
    parent_id: str, *, clock: str = "kept", reason: str | None = None, idempotency_key: str | None = None
) -> Call[models.Execution]:
    """Take its open orders back and lay it aside. clock: kept, or frozen: its schedule and end move by the pause."""
    body = given(clock=clock, reason=reason)
    return _post(_of_execution(parent_id, "/pause"), models.Execution, body, idempotency_key)


def resume_execution(
    parent_id: str, *, reason: str | None = None, idempotency_key: str | None = None
) -> Call[models.Execution]:
    """Go on with one that was laid aside, or suspended by the kill switch or a refusal."""
    return _post(_of_execution(parent_id, "/resume"), models.Execution, given(reason=reason), idempotency_key)


def amend_execution(
    parent_id: str,
    *,
    size: Amount | None = None,
    price: Amount | None = None,
    limit_offset_pct: Amount | None = None,
    end_at: Moment | None = None,
    config: Config | None = None,
    reason: str | None = None,
    idempotency_key: str | None = None,
) -> Call[models.Execution]:
    """Change its size (in all), limit, end or keys of its config; what is left is planned anew."""
    terms = given(size=size, price=price, limit_offset_pct=limit_offset_pct, end_at=end_at, reason=reason)
    body = terms | ({"config": dict(config)} if config else {})
    path = _of_execution(parent_id)
    return Call("PATCH", path, models.Execution, body=body, keyed=True, key=idempotency_key)


def cancel_execution(
    parent_id: str, *, reason: str | None = None, idempotency_key: str | None = None
) -> Call[models.Execution]:
    """Cancel its open orders and end it; what has filled stays filled."""
    return _post(_of_execution(parent_id, "/cancel"), models.Execution, given(reason=reason), idempotency_key)


def settle_execution(
    parent_id: str, *, by: str, why: str, idempotency_key: str | None = None
) -> Call[models.Execution]:
    """Accept, on an operator's word, what one that is over has filled beyond its size."""
    return _post(_of_execution(parent_id, "/settle"), models.Execution, given(by=by, why=why), idempotency_key)


def strategies() -> Call[tuple[models.Strategy, ...]]:
    """The execution strategies, and what each may be told."""
    return _get(f"{API}/strategies", tuple[models.Strategy, ...], "strategies")


def execution_cost(parent_id: str) -> Call[models.ExecutionCost]:
    """What it cost against the market that it met, by component; positive is bad."""
    return _get(f"{API}/tca/executions/{segment(parent_id)}", models.ExecutionCost)


def order_cost(order_id: str) -> Call[models.ExecutionCost]:
    """The same of an order, which without a parent is a parent of one; takes an execution's id too."""
    return _get(f"{API}/tca/orders/{segment(order_id)}", models.ExecutionCost)


def cost_estimate(instrument_id: str, side: Side, size: Amount) -> Call[models.PreTradeEstimate]:
    """What an order would cost against the mid: by the book, all at once, and by the square-root law."""
    return _get(f"{API}/tca/estimate", models.PreTradeEstimate, instrument_id=instrument_id, side=side, size=size)


def cost_report(
    by: Grouping | str,
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    instrument_id: str | None = None,
) -> Call[models.CostReport]:
    """What the orders that ended in a period cost, by day, strategy, label, instrument, side, size, exchange or
    arm of a wheel."""
    return _get(
        f"{API}/tca/report",
        models.CostReport,
        by=by,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
    )


def volume_curve(instrument_id: str, *, days: int | None = None) -> Call[models.VolumeCurve]:
    """What it trades by hour of the week, as vwap takes it."""
    return _get(f"{API}/volume-curve/{segment(instrument_id)}", models.VolumeCurve, days=days)


# --- proposals ---


propose_order = _previews(
    place_order, _proposes(f"{PROPOSALS}/orders", "Nothing is placed: it waits for a person who confirms it.")
)
propose_execution = _previews(
    start_execution, _proposes(f"{PROPOSALS}/executions", "Nothing is started: it waits for a person who confirms it.")
)


def proposals() -> Call[tuple[models.Proposal, ...]]:
    """What was proposed, newest first."""
    return _get(PROPOSALS, tuple[models.Proposal, ...], "proposals")


def confirm_proposal(proposal_id: str) -> Call[models.ProposalDone]:
    """Let it happen, at once; another one's only. Under its id it is one order, however often it is confirmed."""
    return _unkeyed(f"{PROPOSALS}/{segment(proposal_id)}/confirm", models.ProposalDone, {})


def refuse_proposal(proposal_id: str, *, reason: str | None = None) -> Call[models.Proposal]:
    return _unkeyed(f"{PROPOSALS}/{segment(proposal_id)}/refuse", models.Proposal, given(reason=reason))


# --- positions, trades, money ---


def positions(
    instrument_id: str | None = None, *, include_flat: bool = False
) -> Call[tuple[models.PositionResponse, ...]]:
    """Every position, with cost, mark and profit."""
    reads = tuple[models.PositionResponse, ...]
    flat = include_flat or None
    return _get(f"{API}/positions", reads, "positions", instrument_id=instrument_id, include_flat=flat)


def get_position(
    instrument_id: str, position_side: Held | None = None, trade_mode: Mode | None = None
) -> Call[models.PositionResponse]:
    """One, the largest where side and mode are not named. Raises NotFound when nothing was ever held."""
    path = f"{API}/positions/{segment(instrument_id)}"
    return _get(path, models.PositionResponse, position_side=position_side, trade_mode=trade_mode)


def sync_positions(*, idempotency_key: str | None = None) -> Call[tuple[models.PositionDifference, ...]]:
    """Where the exchange's positions differ from ours; nothing is booked."""
    reads = tuple[models.PositionDifference, ...]
    return _post(f"{API}/positions/sync", reads, {}, idempotency_key, "differences")


def flatten_plan(instrument_id: str | None = None, *, everything: bool = False) -> Call[models.FlattenPlan]:
    """What flatten would close now and what it would leave."""
    return _get(f"{API}/positions/flatten", models.FlattenPlan, instrument_id=instrument_id, all=everything or None)


def flatten(
    instrument_id: str | None = None, *, everything: bool = False, idempotency_key: str | None = None
) -> Call[models.Flattened]:
    """Cancel all, then close every position at market. everything: coins too that are nobody's."""
    body = given(instrument_id=instrument_id, all=everything)
    return _post(f"{API}/positions/flatten", models.Flattened, body, idempotency_key)


def account() -> Call[models.Account]:
    """Balances and equity."""
    return _get(f"{API}/account", models.Account)


def instruments(contains: str | None = None) -> Call[tuple[Instrument, ...]]:
    """What can be traded: steps of price and size, smallest order, contract value."""
    return _get(f"{API}/instruments", tuple[Instrument, ...], "instruments", contains=contains)


def instrument(instrument_id: str) -> Call[models.InstrumentTerms]:
    """One, with the fees and the leverage in force."""
    return _get(f"{API}/instruments/{segment(instrument_id)}", models.InstrumentTerms)


def candles(
    instrument_id: str,
    *,
    bar: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int | None = None,
) -> Call[models.CandlePage]:
    """Oldest first, of 1m, 5m, 15m, 30m, 1h, 4h or 1d; without start_date the last ones. `next_start` asks for more."""
    return _get(
        f"{API}/candles/{segment(instrument_id)}",
        models.CandlePage,
        bar=bar,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
    )


def book(instrument_id: str, *, depth: int | None = None) -> Call[models.BookShown]:
    """The book that orders are judged by, up to `depth` levels a side; of what is not followed the exchange's now."""
    return _get(f"{API}/book/{segment(instrument_id)}", models.BookShown, depth=depth)


def market_trades(instrument_id: str, *, limit: int | None = None) -> Call[models.MarketTrades]:
    """What the public traded of a followed instrument, newest first."""
    return _get(f"{API}/market-trades/{segment(instrument_id)}", models.MarketTrades, limit=limit)


def leverage(instrument_id: str, trade_mode: Mode | None = None) -> Call[tuple[models.Leverage, ...]]:
    """The leverage of a contract, asked of the exchange now."""
    reads = tuple[models.Leverage, ...]
    return _get(f"{API}/leverage", reads, "leverages", instrument_id=instrument_id, trade_mode=trade_mode)


def set_leverage(
    instrument_id: str,
    leverage: Amount,
    *,
    trade_mode: Mode | None = None,
    position_side: Held | None = None,
    idempotency_key: str | None = None,
) -> Call[tuple[models.Leverage, ...]]:
    """Of both sides, unless one is named."""
    body = given(instrument_id=instrument_id, leverage=leverage, trade_mode=trade_mode, position_side=position_side)
    return _post(f"{API}/leverage", tuple[models.Leverage, ...], body, idempotency_key, "leverages")


def trades(
    *,
    instrument_id: str | None = None,
    side: Side | None = None,
    order_id: str | None = None,
    trade_id: str | None = None,
    strategy_id: str | None = None,
    parent_id: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Call[models.TradePage]:
    """A page of fills, newest first; `next_cursor` asks for the next."""
    return _get(
        f"{API}/trades",
        models.TradePage,
        instrument_id=instrument_id,
        side=side,
        order_id=order_id,
        trade_id=trade_id,
        strategy_id=strategy_id,
        parent_id=parent_id,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
        cursor=cursor,
    )


def tax_lots(
    *,
    asset: str | None = None,
    strategy_id: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int = 100,
    cursor: str | None = None,
    method: str | None = None,
) -> Call[models.TaxLotPage]:
    """A page of what went of each asset and of which lot, oldest first. method: fifo (unless said) or average."""
    return _get(
        f"{API}/tax-lots",
        models.TaxLotPage,
        asset=asset,
        strategy_id=strategy_id,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
        cursor=cursor,
        method=method,
    )


def performance(
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    instrument_id: str | None = None,
    strategy_id: str | None = None,
) -> Call[models.PerformanceMetrics]:
    """Win rate, profit, Sharpe, Sortino, drawdown; a figure that is not defined is None."""
    return _get(
        f"{API}/performance",
        models.PerformanceMetrics,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
    )


def tear_sheet(
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    instrument_id: str | None = None,
    strategy_id: str | None = None,
    period: str | None = None,
    rolling_days: int | None = None,
) -> Call[models.TearSheet]:
    """The performance, and where it comes from: days, drawdowns, periods (day, week, month, quarter or year), rolling
    figures, and each strategy's part."""
    return _get(
        f"{API}/performance/tear-sheet",
        models.TearSheet,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
        period=period,
        rolling_days=rolling_days,
    )


def statistics(
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    instrument_id: str | None = None,
    strategy_id: str | None = None,
) -> Call[models.TradeStatistics]:
    """How much was traded, on which side, as maker or taker, at what cost."""
    return _get(
        f"{API}/statistics",
        models.TradeStatistics,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
    )


# --- controls ---


def kill_switch() -> Call[models.KillSwitchState]:
    return _get(f"{API}/kill-switch", models.KillSwitchState)


def risk_limits() -> Call[models.RiskInForce]:
    """The limits in force, what is used of each, and those of the key that asks."""
    return _get(f"{API}/risk-limits", models.RiskInForce)


def engage_kill_switch(reason: str, *, idempotency_key: str | None = None) -> Call[models.KillSwitchState]:
    """No new order but exits, every open one cancelled; it survives restarts."""
    body = {"engaged": True, "reason": reason}
    return _post(f"{API}/kill-switch", models.KillSwitchState, body, idempotency_key)


def release_kill_switch(reason: str, *, idempotency_key: str | None = None) -> Call[models.KillSwitchState]:
    body = {"engaged": False, "reason": reason}
    return _post(f"{API}/kill-switch", models.KillSwitchState, body, idempotency_key)


def declare_balance(
    currency: str, amount: Amount, *, by: str, why: str, price: Amount | None = None, idempotency_key: str | None = None
) -> Call[models.CurrencyBalance]:
    """An opening balance on an operator's word."""
    body = given(currency=currency, amount=amount, price=price, by=by, why=why)
    return _post(f"{API}/balances/declare", models.CurrencyBalance, body, idempotency_key)


def accept_difference(
    kind: str, subject: str, *, by: str, why: str, idempotency_key: str | None = None
) -> Call[models.Difference]:
    """Accept a difference that stands: it is booked as unexplained, never as a trade."""
    body = given(kind=kind, subject=subject, by=by, why=why)
    return _post(f"{API}/differences/accept", models.Difference, body, idempotency_key)


# --- hooks ---


def hooks() -> Call[tuple[models.DeclaredHook, ...]]:
    """The hooks of the settings, and how their secrets stand."""
    return _get(HOOKS, tuple[models.DeclaredHook, ...], "hooks")


def try_hook(name: str, alert: str) -> Call[models.AlertForeseen]:
    """What an alert would do, as its tool would send it. Nothing is done."""
    return Call("POST", f"{HOOKS}/{segment(name)}/try", models.AlertForeseen, body={"alert": alert}, safe=True)


# --- strategies of one's own ---


def own_strategies() -> Call[tuple[models.StrategyView, ...]]:
    """Those of the settings, and how each stands."""
    return _get(STRATEGIES, tuple[models.StrategyView, ...], "strategies")


def own_strategy(name: str) -> Call[models.StrategyFigures]:
    """One, with its profit and loss."""
    return _get(f"{STRATEGIES}/{segment(name)}", models.StrategyFigures)


def start_strategy(name: str) -> Call[models.StrategyView]:
    """One that stopped or failed; one that runs goes on."""
    return _unkeyed(f"{STRATEGIES}/{segment(name)}/start", models.StrategyView, {})


def reload_strategy(name: str) -> Call[models.StrategyView]:
    """Ended and begun with its file as it is now."""
    return _unkeyed(f"{STRATEGIES}/{segment(name)}/reload", models.StrategyView, {})


def stop_strategy(name: str, *, reason: str | None = None) -> Call[models.StrategyView]:
    """Until it is started; its orders and what it holds stay."""
    return _unkeyed(f"{STRATEGIES}/{segment(name)}/stop", models.StrategyView, given(reason=reason))


# --- keys ---


def keys() -> Call[tuple[models.NamedKey, ...]]:
    """The named keys, oldest first."""
    return _get(KEYS, tuple[models.NamedKey, ...], "keys")


def create_key(
    name: str,
    *,
    role: str | None = None,
    scopes: Sequence[str] | None = None,
    instruments: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    max_order_notional: Amount | None = None,
    max_daily_notional: Amount | None = None,
    addresses: Sequence[str] | None = None,
    expires_at: Moment | None = None,
) -> Call[models.NewKey]:
    """Make a key; `secret` is shown this once, so a lost answer is not asked for again."""
    body = given(
        name=name,
        role=role,
        scopes=scopes,
        instruments=instruments,
        strategies=strategies,
        max_order_notional=max_order_notional,
        max_daily_notional=max_daily_notional,
        addresses=addresses,
        expires_at=expires_at,
    )
    return _unkeyed(KEYS, models.NewKey, body)


def rotate_key(name: str, *, overlap_seconds: int = 0) -> Call[models.NewKey]:
    """A new key of the same scopes and limits; the old one opens for `overlap_seconds` more."""
    return _unkeyed(f"{KEYS}/{segment(name)}/rotate", models.NewKey, {"overlap_seconds": overlap_seconds})


def revoke_key(name: str) -> Call[tuple[models.NamedKey, ...]]:
    """End every key of the name, at once and for ever."""
    return _unkeyed(f"{KEYS}/{segment(name)}/revoke", tuple[models.NamedKey, ...], {}, "keys")


def disable_key(name: str) -> Call[tuple[models.NamedKey, ...]]:
    return _unkeyed(f"{KEYS}/{segment(name)}/disable", tuple[models.NamedKey, ...], {}, "keys")


def enable_key(name: str) -> Call[tuple[models.NamedKey, ...]]:
    return _unkeyed(f"{KEYS}/{segment(name)}/enable", tuple[models.NamedKey, ...], {}, "keys")


def limit_key(
    name: str,
    *,
    instruments: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    max_order_notional: Amount | None = None,
    max_daily_notional: Amount | None = None,
) -> Call[tuple[models.NamedKey, ...]]:
    """Give a key other limits, all of them: what is not given is not limited."""
    body = given(
        instruments=instruments,
        strategies=strategies,
        max_order_notional=max_order_notional,
        max_daily_notional=max_daily_notional,
    )
    return _unkeyed(f"{KEYS}/{segment(name)}/limits", tuple[models.NamedKey, ...], body, "keys")


def page_token(*, scopes: Sequence[str] | None = None) -> Call[models.Token]:
    """A short-lived token of this client's key, to be shown as a key by a page."""
    return _unkeyed(f"{ROOT}/tokens", models.Token, given(scopes=scopes))


def approvals() -> Call[tuple[models.Approval, ...]]:
    """What was asked of a second person, newest first."""
    return _get(APPROVALS, tuple[models.Approval, ...], "approvals")


def confirm_approval(approval_id: str) -> Call[models.Approval]:
    """Let happen what another one asked for."""
    return _unkeyed(f"{APPROVALS}/{segment(approval_id)}/confirm", models.Approval, {})


def refuse_approval(approval_id: str, *, reason: str | None = None) -> Call[models.Approval]:
    """Let it not happen."""
    return _unkeyed(f"{APPROVALS}/{segment(approval_id)}/refuse", models.Approval, given(reason=reason))


# --- alerts ---


def alerts(*, open_only: bool = False) -> Call[tuple[models.RaisedAlert, ...]]:
    """What is or was out of bounds, newest first."""
    return _get(ALERTS, tuple[models.RaisedAlert, ...], "alerts", open_only=open_only or None)


def acknowledge_alert(alert_id: str, *, note: str | None = None) -> Call[models.RaisedAlert]:
    """Say that somebody has taken it up."""
    return _unkeyed(f"{ALERTS}/{segment(alert_id)}/acknowledge", models.RaisedAlert, given(note=note))


# --- the simulated exchange ---


def faults() -> Call[tuple[models.FaultKnob, ...]]:
    """What the simulated exchange can be made to do wrong, and how often it did."""
    return _get(FAULTS, tuple[models.FaultKnob, ...], "faults")


def arm_fault(
    name: str, *, probability: float | None = None, times: int | None = None, value: str | None = None
) -> Call[tuple[models.FaultKnob, ...]]:
    """Break it: at each chance, or with a probability of 0 to 1; without end, or at most so many times."""
    said = given(name=name, probability=probability, times=times, value=value)
    return _unkeyed(FAULTS, tuple[models.FaultKnob, ...], said, "faults")


def repair_faults(name: str | None = None) -> Call[tuple[models.FaultKnob, ...]]:
    """Of this fault, or of all."""
    return _unkeyed(f"{FAULTS}/repair", tuple[models.FaultKnob, ...], given(name=name), "faults")


# --- the system ---


def alive() -> Call[models.Liveness]:
    return _get("/health/live", models.Liveness)


def ready() -> Call[models.Readiness]:
    """Whether new orders are accepted, and every reason why not."""
    return Call("GET", "/health/ready", models.Readiness, safe=True, says_no=True)


def status() -> Call[Mapping[str, Any]]:
    """The system's state, as an operator asks for it."""
    return _get(f"{ROOT}/status", dict[str, Any])


def events(
    *, after_seq: int = 0, order_id: str | None = None, kind: str | None = None, limit: int = 100
) -> Call[tuple[models.JournalEvent, ...]]:
    """The journal, oldest first, gapless."""
    reads = tuple[models.JournalEvent, ...]
    return _get(f"{ROOT}/events", reads, "events", after_seq=after_seq, order_id=order_id, kind=kind, limit=limit)


def search_events(
    *,
    kind: str | None = None,
    order_id: str | None = None,
    parent_id: str | None = None,
    instrument_id: str | None = None,
    strategy_id: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Call[models.EventPage]:
    """A page of what the journal tells of something, newest first; short is not the end: `next_cursor` is."""
    return _get(
        f"{ROOT}/events/search",
        models.EventPage,
        kind=kind,
        order_id=order_id,
        parent_id=parent_id,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
        cursor=cursor,
    )


def stream_ticket() -> Call[models.Ticket]:
    """Opens one stream, once, within thirty seconds: for a browser."""
    return _unkeyed(f"{ROOT}/stream/tickets", models.Ticket, {})
