"""What the API answers, as types.

Written by `python -m tests.support.client_models`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from app.domain.alerts import AlertAction, AlertSeverity, AlertState
from app.domain.instruments import InstrumentKind
from app.domain.order_words import Liquidity, OrderSide, OrderStatus, OrderType, PositionSide, TradeMode
from app.domain.parents import ParentStatus
from app.domain.refusals import Refusal, RefusalClass
from app.domain.tca.grouping import Grouping


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The account at one moment; `await executor.account()` gives the present one.

    equity and day_start_equity in valuation_currency; day_start_equity is that of 00:00 UTC, or of the first moment
    of the day that was seen; moved_today: deposits less withdrawals since, so that the day's result is equity -
    day_start_equity - moved_today. unvalued: currencies and contracts without a price, which are not in equity;
    stale: those that are in it at an older price.
    """

    id: str
    balances: Mapping[str, CurrencyBalance]
    equity: Decimal
    day_start_equity: Decimal
    valuation_currency: str
    unvalued: tuple[str, ...]
    stale: tuple[str, ...]
    moved_today: Decimal


class AffectedOrders(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[OrderResponse, ...]


class AfterEnd(msgspec.Struct, frozen=True, kw_only=True):
    """So long after its end: reversion (the price came back) and permanent impact. source says why there is none."""

    horizon_ms: int
    mid: Decimal | None
    reversion_bps: Decimal | None
    permanent_bps: Decimal | None
    source: str


class AfterFills(msgspec.Struct, frozen=True, kw_only=True):
    """So long after its fills, the means by notional of the n that have such a mark: markout (a benefit), net of
    fees; realised spread and impact. liquidity: of which fills; None for all."""

    horizon_ms: int
    liquidity: Liquidity | None
    n: int
    markout_bps: Decimal
    net_bps: Decimal | None
    realised_spread_bps: Decimal | None
    impact_bps: Decimal | None


class AlertForeseen(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert would do. key: alerts of the same are one."""

    key: str
    signal: SignalForeseen


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, and what became of it. state: pending, confirmed, refused or expired. subject: the key, or
    kill_switch. wanted: what is to be done, in words; decided_by: who confirmed or refused it."""

    approval_id: str
    act: str
    state: str
    subject: str
    wanted: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str


class Approvals(msgspec.Struct, frozen=True, kw_only=True):
    approvals: tuple[Approval, ...]


class ArmComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two arms of a wheel: the mean whole cost of the first less that of the second, in basis points, of the days
    that have both. interval: 95 % for it, at this look and all others and for all pairs of the wheel together.
    cheaper: the arm that it names; None where it names none, and why says why."""

    wheel: str
    currency: str
    first: str
    second: str
    days: int
    difference_bps: Decimal | None
    interval: Interval | None
    cheaper: str | None
    why: str


class ArrivalShown(msgspec.Struct, frozen=True, kw_only=True):
    """The book when it was accepted. bid_depth, ask_depth: what each side showed within 0.1 % of the mid."""

    bid: Decimal
    bid_size: Decimal
    ask: Decimal
    ask_size: Decimal
    mid: Decimal
    microprice: Decimal
    bid_depth: Decimal | None
    ask_depth: Decimal | None
    at: datetime
    venue_at: datetime


class AtWorst(msgspec.Struct, frozen=True, kw_only=True):
    """What a position comes to if everything fills: worth, in currency; of_equity: a fraction. None without a price."""

    currency: str
    worth: Decimal | None
    of_equity: Decimal | None


class BookShown(msgspec.Struct, frozen=True, kw_only=True):
    """Best first, each level price and size in the instrument's unit. mid, spread: null where a side is empty.
    followed: it is the stream's book, which orders are judged by; else it was asked for just now. unusable: why no
    price may be taken from it for an order; null where one may. age_seconds: since it was last confirmed."""

    instrument_id: str
    bids: tuple[tuple[Decimal, ...], ...]
    asks: tuple[tuple[Decimal, ...], ...]
    mid: Decimal | None
    spread: Decimal | None
    followed: bool
    unusable: str | None
    age_seconds: float | None
    exchange_at: datetime | None


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Of n orders, each counted once, in basis points. slope: 1 and intercept: 0 is an estimate that is right on the
    whole; a slope above 1 tells too little of what is dear. None where there is none, and why says why."""

    estimate: str
    n: int
    slope: float | None
    intercept: float | None
    why: str


class CandlePage(msgspec.Struct, frozen=True, kw_only=True):
    """Oldest first. next_start: the start_date to ask for more with; null when these are all. unread: so many the
    exchange sent that could not be read."""

    instrument_id: str
    bar: Literal["1m", "5m", "15m", "30m", "1h", "4h", "1d"]
    candles: tuple[CandleShown, ...]
    next_start: datetime | None
    unread: int


class CandleShown(msgspec.Struct, frozen=True, kw_only=True):
    """What was traded in the bar that began at opened_at; volume in the instrument's unit. complete: it is over."""

    opened_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    complete: bool


class ChildCost(msgspec.Struct, frozen=True, kw_only=True):
    """One of its orders. bid, ask: as it was sent. touch_slippage_bps: of its average against the touch that it would
    have met then. acknowledged_ms, first_fill_ms: after it was sent."""

    order_id: str
    order_type: OrderType
    status: OrderStatus
    price: Decimal | None
    size: Decimal
    filled_size: Decimal
    average_price: Decimal | None
    sent_at: datetime | None
    bid: Decimal | None
    ask: Decimal | None
    touch_slippage_bps: Decimal | None
    acknowledged_ms: float | None
    first_fill_ms: float | None


class ChildFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One of its orders. step: its number among the parent's acts. reason: why it was placed. ended: what it ended
    for other than by filling or because the parent asked for it (a refusal, self-trade prevention, somebody's
    cancel)."""

    order_id: str
    step: int
    reason: str
    status: OrderStatus
    size: Decimal
    filled_size: Decimal
    price: Decimal | None
    ended: str


class ChildOrders(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[OrderResponse, ...]


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """One position to be closed: `size` of it, in whole lots. value: in the valuation currency, None when unknown."""

    instrument_id: str
    position_side: PositionSide
    trade_mode: TradeMode
    side: OrderSide
    size: Decimal
    value: Decimal | None
    value_currency: str


class CostGroup(msgspec.Struct, frozen=True, kw_only=True):
    """group: null for orders without a label. currency: what is paid in is not added to what is paid in another.
    orders: parents and orders without one, over in the period. unmeasured: of those, so many have no cost, for nobody
    saw the market at the arrival or something did not fill and nobody saw it at the end. notional: of what was
    ordered, at the decision's price. cost: the sum of the totals, in currency. calibration: of the estimates of
    before against the arrival slippage that came."""

    group: str | None
    currency: str
    orders: int
    unmeasured: int
    notional: Decimal
    cost: Decimal
    figures: tuple[GroupFigure, ...]
    calibration: tuple[Calibration, ...]


class CostReport(msgspec.Struct, frozen=True, kw_only=True):
    """What ended from start_date on and before end_date cost, by group. orders: so many were looked at, with those
    that unlisted names. comparisons: by arm, of every two of a wheel."""

    by: Grouping
    start_date: datetime | None
    end_date: datetime | None
    instrument_id: str | None
    orders: int
    groups: tuple[CostGroup, ...]
    comparisons: tuple[ArmComparison, ...]
    unlisted: tuple[UnlistedOrders, ...]


class CurrencyBalance(msgspec.Struct, frozen=True, kw_only=True):
    """total: by the ledger. available: total less what open orders may still spend.

    price: of one unit in the account's valuation currency, None without one; value: of the total at it. price_kind:
    fresh, par (taken for another currency by declaration), stale (an older price) or none; price_route: the markets
    that it came by; price_age_seconds: of the oldest of them.
    """

    currency: str
    total: Decimal
    available: Decimal
    price: Decimal | None
    value: Decimal | None
    price_kind: str
    price_route: tuple[str, ...]
    price_age_seconds: float | None


class DayReturn(msgspec.Struct, frozen=True, kw_only=True):
    """The close of a UTC day. equity: what the period began with and has earned since; growth: what one unit of the
    start has become; change: the day's return, None where there was nothing that could have one."""

    day: str
    equity: Decimal
    growth: Decimal
    change: float | None


class DeclaredHook(msgspec.Struct, frozen=True, kw_only=True):
    """A hook of the settings. form: json or text. one_by: what makes an alert one. states: of its secrets, newest
    last."""

    name: str
    path: str
    form: str
    one_by: str
    window_seconds: int
    alerts_per_minute: int
    max_bytes: int
    symbols: Mapping[str, str]
    states: tuple[str, ...]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """subject: a currency, a position (instrument/side/mode) or, of counts, an instrument."""

    kind: Literal["balance", "position", "orders", "fills"]
    subject: str
    ledger: Decimal
    venue: Decimal


class DrawdownFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One time below a former peak; recovered_at is None while it lasts. change: zero or negative, None where the
    peak was not above zero. amount: by the same curve, of one unit (total return) where money came or went."""

    change: float | None
    amount: Decimal
    peak_at: datetime
    trough_at: datetime
    recovered_at: datetime | None
    duration_seconds: float | None


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What it was expected to cost against the arrival's mid, as it began: by the book, all at once; by the square-
    root law. surprise_bps: arrival slippage less the second."""

    walk_bps: Decimal | None
    square_root_bps: Decimal | None
    surprise_bps: Decimal | None


class EventList(msgspec.Struct, frozen=True, kw_only=True):
    events: tuple[JournalEvent, ...]


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    events: tuple[JournalEvent, ...]
    next_cursor: str | None


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One parent order as it stands. Sizes in the instrument's unit; config: every key of its strategy, as JSON.

    working_size: what its open children may still fill. waiting_for, next_at: why nothing happens now, until when.
    overfilled_size: what filled beyond its size and no operator has accepted. position_side, trade_mode, reduce_only:
    of its orders. exit: a person asked for it to get out of what is held; the kill switch does not hold it. arrival:
    the market when it was accepted. limit_offset_pct: limit_price was made of it, so far beyond its mid.
    frozen_since: since when its clock stands; what stood so far is not yet in end_at. quote_size: the amount of quote
    currency that its size is, of which quote_left nothing has spent or may spend yet; size is then what it comes to.
    entry_id: the execution that it gets out of; its size is what that has filled. arm: what its label's wheel has
    assigned it to. signal_seq: the event of the journal that tells the signal that asked for it.
    """

    parent_id: str
    account: str
    strategy: str
    config: Mapping[str, str | int | bool | tuple[str, ...] | None]
    instrument_id: str
    side: OrderSide
    position_side: PositionSide
    trade_mode: TradeMode
    reduce_only: bool
    exit: bool
    size: Decimal
    quote_size: Decimal | None
    quote_left: Decimal | None
    limit_price: Decimal | None
    strategy_id: str | None
    entry_id: str | None
    arm: str | None
    signal_seq: int | None
    status: ParentStatus
    reason: str
    filled_size: Decimal
    working_size: Decimal
    unsent_size: Decimal
    overfilled_size: Decimal
    open_children: tuple[str, ...]
    waiting_for: str
    next_at: datetime | None
    tags: tuple[str, ...]
    arrival: ArrivalShown | None
    limit_offset_pct: Decimal | None
    decision_at: datetime | None
    decision_price: Decimal | None
    frozen_since: datetime | None
    created_at: datetime
    start_at: datetime
    end_at: datetime | None
    updated_at: datetime


class ExecutionCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one parent order cost, or one order without a parent, which is a parent of one.

    currency: of the shortfall's money, and of every fee. decision, arrival, end: the mids that it is measured by; a
    decision that nobody told is the arrival. shortfall: None where there is no arrival's price. quote_total: its
    total in quote currency at the arrival's price, of an inverse contract. schedule: at evenly spaced moments, of a
    strategy that has one; schedule_error: root mean square of what was filled less what should have been, as a share
    of the size. time_to_fill: how likely an order of it was still open. missing: what is not known, and why.
    """

    id: str
    kind: str
    instrument_id: str
    side: OrderSide
    strategy: str | None
    strategy_id: str | None
    status: str
    over: bool
    size: Decimal
    filled_size: Decimal
    currency: str
    decision: PriceAt
    arrival: PriceAt
    end: PriceAt
    average_price: Decimal | None
    arrival_slippage_bps: Decimal | None
    shortfall: Shortfall | None
    quote_total: Decimal | None
    duration_seconds: float | None
    maker_share: Decimal | None
    fill_rate: Decimal | None
    schedule: tuple[ScheduleLook, ...]
    schedule_error: Decimal | None
    market: MarketWindow | None
    estimate: Estimate
    effective_spread_bps: Decimal | None
    after_fills: tuple[AfterFills, ...]
    after_end: tuple[AfterEnd, ...]
    acknowledgement: Latency | None
    first_fill: Latency | None
    time_to_fill: tuple[StillOpen, ...]
    median_seconds_to_fill: float | None
    ratios: OrderRatios
    orders: tuple[ChildCost, ...]
    fills: tuple[FillCost, ...]
    missing: tuple[str, ...]


class ExecutionList(msgspec.Struct, frozen=True, kw_only=True):
    executions: tuple[Execution, ...]


class FaultKnob(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that a simulated exchange can have. armed: it is to have it, at each chance with `probability` (0 to
    1), at the chances `at` for sure (counted from 1), at most `times` in all (None: without end). chances, fired: how
    many there were since it was armed, and at how many it came."""

    name: str
    what: str
    armed: bool
    probability: float | None
    at: tuple[int, ...]
    times: int | None
    value: str | None
    chances: int
    fired: int


class FaultList(msgspec.Struct, frozen=True, kw_only=True):
    faults: tuple[FaultKnob, ...]


class Fees(msgspec.Struct, frozen=True, kw_only=True):
    """Fractions of notional: positive is paid, negative is a rebate. age_seconds: since the exchange said so."""

    maker: Decimal
    taker: Decimal
    age_seconds: float | None


class FillCost(msgspec.Struct, frozen=True, kw_only=True):
    """One fill. fee: in the currency of the costs. mid: just before."""

    trade_id: str
    order_id: str
    at: datetime
    price: Decimal
    size: Decimal
    liquidity: Liquidity | None
    fee: Decimal | None
    mid: Decimal | None
    effective_spread_bps: Decimal | None
    marks: tuple[FillMark, ...]


class FillMark(msgspec.Struct, frozen=True, kw_only=True):
    """The mid so long after a fill, and the markout by it; why: there is none."""

    horizon_ms: int
    mid: Decimal | None
    markout_bps: Decimal | None
    at: datetime | None
    source: str
    why: str


class FlattenPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a flatten would close now, and what it would leave."""

    closing: tuple[Closing, ...]
    left_out: tuple[LeftOut, ...]


class Flattened(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[OrderResponse, ...]
    executions: tuple[Execution, ...]
    left_out: tuple[LeftOut, ...]


class GroupFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a group. weight: what its mean is weighted by, "ordered" or "filled" notional."""

    figure: str
    weight: str
    of: Weighted


class HookList(msgspec.Struct, frozen=True, kw_only=True):
    hooks: tuple[DeclaredHook, ...]


class InstrumentList(msgspec.Struct, frozen=True, kw_only=True):
    instruments: tuple[InstrumentTerms, ...]


class InstrumentTerms(msgspec.Struct, frozen=True, kw_only=True):
    """An instrument as the exchange lists it, and this account's terms. tick, lot, min_size: steps of price and size,
    smallest order; size counts the base of spot and contracts of swaps. contract_value: base for a contract (linear),
    or value in the quote currency (inverse). live: whether the exchange takes new orders now. fees: null while they
    were not read. leverages: of a contract, by side and mode, as far as they were read."""

    instrument_id: str
    kind: InstrumentKind
    base: str
    quote: str
    settle: str
    tick: Decimal
    lot: Decimal
    min_size: Decimal
    contract_value: Decimal
    inverse: bool
    max_limit_size: Decimal | None
    max_market_size: Decimal | None
    live: bool
    fees: Fees | None
    leverages: tuple[Leverage, ...]


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """With 95 % confidence the mean lies within, if the clusters to come are drawn as these were."""

    low: float | None
    high: float | None


class JournalEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event. payload: what happened, in full; cause_seq: the event that led to it; hash: of the chain."""

    seq: int
    at: datetime
    kind: str
    principal: str
    order_id: str | None
    trade_id: str | None
    position: str | None
    parent_id: str | None
    cause_seq: int | None
    payload: Mapping[str, Any]
    hash: str


class KeyLimitsInForce(msgspec.Struct, frozen=True, kw_only=True):
    """What the key of who asks is held to; amounts in the valuation currency. None: no such limit. traded_today: None
    where it has no daily limit, or something that was asked for today has no price."""

    principal: str
    instruments: tuple[str, ...] | None
    strategies: tuple[str, ...] | None
    max_order_notional: Decimal | None
    max_daily_notional: Decimal | None
    traded_today: Decimal | None


class KillSwitchState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether new orders and amends are blocked, since when, why, and on whose word; None where it never was set.
    approval: its release waits for a second person."""

    engaged: bool
    reason: str
    principal: str
    since: datetime | None
    approval: Approval | None


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds: half, 95 and 99 of a hundred were not longer. n: of how many."""

    n: int
    p50: float | None
    p95: float | None
    p99: float | None


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a flatten does not touch, and why. size: signed, as held. dust: it is too small for an order."""

    instrument_id: str
    position_side: PositionSide
    trade_mode: TradeMode
    size: Decimal
    value: Decimal | None
    value_currency: str
    dust: bool
    reason: str


class Leverage(msgspec.Struct, frozen=True, kw_only=True):
    """The leverage of one position, held or not. leverage: None where the exchange has not said."""

    instrument_id: str
    position_side: PositionSide
    trade_mode: TradeMode
    leverage: Decimal | None
    age_seconds: float | None


class Leverages(msgspec.Struct, frozen=True, kw_only=True):
    leverages: tuple[Leverage, ...]


class LimitInForce(msgspec.Struct, frozen=True, kw_only=True):
    """One limit. of: what it holds for, an order, a position, the day or the account. limit: None where none is set.
    used, left: in its unit; None for limits of single orders, of which nothing is used, and where `why` says so."""

    name: str
    of: str
    unit: str
    limit: Decimal | None
    used: Decimal | None
    left: Decimal | None
    why: str | None


class Liveness(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    alive: bool


class MarketTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One public trade. side: of who took; size: in the instrument's unit; exchange_at: by the exchange's clock."""

    trade_id: str
    side: OrderSide
    price: Decimal
    size: Decimal
    exchange_at: datetime


class MarketTrades(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. followed: whether they are heard at all; what traded before that, or while the stream was away,
    is not among them."""

    instrument_id: str
    followed: bool
    trades: tuple[MarketTrade, ...]


class MarketWindow(msgspec.Struct, frozen=True, kw_only=True):
    """The market from its beginning to its end. seen_share: for which part of that there was a usable book. volume,
    vwap: with what it traded itself; without_own: of the others, None when the tape missed something of ours."""

    start_at: datetime
    end_at: datetime | None
    seen_share: float | None
    volume: Decimal
    volume_without_own: Decimal | None
    vwap: Decimal | None
    vwap_without_own: Decimal | None
    twap: Decimal | None
    vwap_slippage_bps: Decimal | None
    vwap_without_own_slippage_bps: Decimal | None
    twap_slippage_bps: Decimal | None
    participation: Decimal | None


class NamedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key, never its secret. state: active, disabled, expired or revoked. Limits are None where there is none of
    its own; amounts are in the valuation currency. used_at: a minute late."""

    key_id: str
    name: str
    principal: str
    state: str
    scopes: tuple[str, ...]
    instruments: tuple[str, ...] | None
    strategies: tuple[str, ...] | None
    max_order_notional: Decimal | None
    max_daily_notional: Decimal | None
    addresses: tuple[str, ...]
    environment: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    used_at: datetime | None


class NamedKeys(msgspec.Struct, frozen=True, kw_only=True):
    keys: tuple[NamedKey, ...]
    approval: Approval | None = None


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    replaced: tuple[NamedKey, ...]
    key: NamedKey
    secret: str
    approval: Approval | None = None


class OrderList(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[OrderResponse, ...]


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[OrderResponse, ...]
    next_cursor: str | None


class OrderParams(msgspec.Struct, frozen=True, kw_only=True):
    """One order to be placed.

    size: in the instrument's unit, base currency for spot and contracts for swaps; a Decimal, int or decimal text.
    price: limit price, or for execution strategies the limit that no child may cross. A market order needs none; with
    one it is sent as an IOC limit at it (sent_type). order_type may be a ConditionalType: trigger_price (of stop and
    take_profit), distance or distance_pct (of a trailing_stop), take_profit and stop_loss (of an oco); trigger_by:
    last, book, mark or index; held: here or exchange. A market or limit order with take_profit or stop_loss is the
    entry of a bracket. Raises InvalidValue naming field, value and rule; floats are refused because they are not
    exact.
    """

    instrument_id: str
    side: OrderSide
    order_type: Literal[
        "market",
        "limit",
        "post_only",
        "ioc",
        "fok",
        "stop",
        "stop_limit",
        "take_profit",
        "take_profit_limit",
        "trailing_stop",
        "oco",
    ]
    size: Decimal
    price: Decimal | None
    trade_mode: TradeMode
    position_side: PositionSide
    reduce_only: bool
    strategy_id: str | None
    trigger_price: Decimal | None
    trigger_by: str | None
    held: str | None
    distance: Decimal | None
    distance_pct: Decimal | None
    take_profit: Decimal | None
    stop_loss: Decimal | None


class OrderRatios(msgspec.Struct, frozen=True, kw_only=True):
    """sent: that left for the exchange. reject: of those, refused by it. cancel: of those that it took, taken back
    with something unfilled. None of none."""

    sent: int
    reject: float | None
    cancel: float | None


class OrderResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One order as it stands. size, filled_size, remaining_size in the instrument's unit.

    settled: over, and every fill that the venue reported is in hand. reasons: why it was denied, all of them.
    refusal: what would help one that was refused: waiting (passing), a person (standing) or another order (wrong).
    fees: paid per currency (negative is a rebate). exit: a person asked for it to get out of what is held; the kill
    switch neither holds nor cancels it.
    """

    order_id: str
    client_order_id: str
    exchange_order_id: str | None
    account: str
    instrument_id: str
    side: OrderSide
    order_type: Literal[
        "market",
        "limit",
        "post_only",
        "ioc",
        "fok",
        "stop",
        "stop_limit",
        "take_profit",
        "take_profit_limit",
        "trailing_stop",
        "oco",
    ]
    trade_mode: TradeMode
    position_side: PositionSide
    reduce_only: bool
    size: Decimal
    price: Decimal | None
    status: OrderStatus
    settled: bool
    filled_size: Decimal
    remaining_size: Decimal
    average_fill_price: Decimal | None
    fees: Mapping[str, Decimal]
    cancel_requested: bool
    error_code: str | None
    error_message: str | None
    refusal: RefusalClass | None
    reasons: tuple[Refusal, ...]
    strategy_id: str | None
    parent_id: str | None
    exit: bool
    created_at: datetime
    sent_at: datetime | None
    acknowledged_at: datetime | None
    updated_at: datetime
    completed_at: datetime | None


class OwnStrategies(msgspec.Struct, frozen=True, kw_only=True):
    strategies: tuple[StrategyView, ...]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a strategy's configuration. kind: of JSON. default: as JSON has it, numbers as text. allowed: range
    or values, in words. amendable: of a parent that has begun."""

    name: str
    kind: str
    unit: str
    default: Any
    allowed: str
    help: str
    amendable: bool


class ParentFigures(msgspec.Struct, frozen=True, kw_only=True):
    """arrival_price: the mid when it was accepted; None where the book could not be used. average_price: of its
    fills. slippage_bps: of the average against arrival, in hundredths of a percent, positive when it is worse.
    maker_share: of what filled, as a fraction. fees: by currency, positive when paid. scheduled_size: what should be
    done by now, for a strategy with a schedule; schedule: the same from its start to its expected end. ahead_size,
    ahead_seconds: before it when positive. participation: own part of what has traded since its start, for as far
    back as the tape goes (15 minutes); None when nothing has. expected_end: when it should be over; None when that is
    open. decision_price: the caller's own; decision_slippage_bps: of the average against it. next_act, next_at: what
    it does next or waits for and why, until when. children: its orders, the oldest first."""

    parent_id: str
    status: ParentStatus
    arrival_price: Decimal | None
    average_price: Decimal | None
    slippage_bps: Decimal | None
    maker_share: Decimal | None
    fees: Mapping[str, Decimal]
    scheduled_size: Decimal | None
    schedule: tuple[ScheduledSize, ...]
    ahead_size: Decimal | None
    ahead_seconds: Decimal | None
    participation: Decimal | None
    expected_end: datetime | None
    decision_price: Decimal | None
    decision_slippage_bps: Decimal | None
    next_act: str
    next_at: datetime | None
    children: tuple[ChildFigures, ...]


class ParentPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What a parent would be and do, if nothing changed meanwhile. size: in the instrument's unit; quote_size: the
    amount of quote currency that it comes of. children: as its strategy has them planned; the first, for one without
    a plan. next_act: what it would do at once, or wait for.

    By the book as it stands: mid_price; expected_price: the average of its children, each of which takes what the
    book shows now (one that rests, at its price); expected_slippage_bps: of that against the mid, positive when it is
    worse, and expected_cost: the same in cost_currency; at_once_price, at_once_slippage_bps: if all were taken now;
    at_once_size: how much of it the visible book holds. None where there is no usable book. square_root_bps: what its
    size tends to move the market by, by the square-root law on the last 15 minutes' trades; power_law_bps: by the
    power law of Almgren and others (2005), worked evenly over its duration; None of too few trades, and without one.

    maker_fee_rate, taker_fee_rate: of this account now, as fractions; negative is a rebate. maker_share: what of it
    is taken to fill at rest, by how its strategy works. expected_fees: by these, in cost_currency, whatever currency
    the exchange takes them in; None where the exchange did not say. expected_total: cost and fees.

    at_worst: what its position, or its asset over all pairs and contracts where that is more, comes to if it and all
    open orders of its side fill, as max_position_value_pct counts it; None for one that only reduces.
    """

    strategy: str
    instrument_id: str
    side: OrderSide
    size: Decimal
    quote_size: Decimal | None
    limit_price: Decimal | None
    start_at: datetime
    end_at: datetime | None
    next_act: str
    children: tuple[PlannedChild, ...]
    mid_price: Decimal | None
    expected_price: Decimal | None
    expected_slippage_bps: Decimal | None
    expected_cost: Decimal | None
    cost_currency: str
    maker_fee_rate: Decimal | None
    taker_fee_rate: Decimal | None
    maker_share: Decimal
    expected_fees: Decimal | None
    expected_total: Decimal | None
    at_once_size: Decimal | None
    at_once_price: Decimal | None
    at_once_slippage_bps: Decimal | None
    square_root_bps: Decimal | None
    power_law_bps: Decimal | None
    at_worst: AtWorst | None


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Positive is bad. delay: from decision to arrival, of what filled; None when the decision's price is not known.
    spread: beyond the mid that each fill met, of those whose mid is known; execution: what the mid, and fills whose
    mid is not known, went since arrival. opportunity: what did not fill; None when something did not and the
    decision's or the end's price is not known. fees: those known. total: the sum, exactly; None without one of them."""

    delay: Decimal | None
    spread: Decimal
    execution: Decimal
    opportunity: Decimal | None
    fees: Decimal
    total: Decimal | None


class PerformanceMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """Performance over a period, fees included (definitions: app.domain.performance).

    Ratios are floats; one that is not defined (fewer than two whole days, no trades) is NaN, which JSON shows as
    null. Money is Decimal in valuation_currency. max_drawdown is a fraction, zero or negative. net_profit =
    realised_pnl + total_funding - total_fees: what was realised, of trips that are still open too, before fees; what
    was received less paid beside trades (funding, interest, liquidation), which is not shared among strategies; and
    every fee. unrealized_pnl: of what is open now, by book (contracts at each strategy's own entry, assets at what
    their lots cost), so that over the whole history net_profit + unrealized_pnl is the change of equity less what was
    moved in or out; None, with a note, for a window that ends in the past and where nothing that is open has a price.
    gross_profit, gross_loss, expectancy, average_*, largest_* and win_rate are of closed trips, their fees taken off.
    ending_equity is starting_equity and what was earned since, total_return what one unit became, less one: what was
    paid in or out meanwhile is in neither. exposure_time: the part of the period in which something was held.
    turnover: volume for average equity. probabilistic_sharpe_ratio: how likely the true Sharpe ratio is above zero.
    value_at_risk: the daily return that one day in twenty fell below; conditional_value_at_risk: the mean of those
    and of that one.
    """

    start_date: datetime | None
    end_date: datetime | None
    instrument_id: str | None
    strategy_id: str | None
    valuation_currency: str
    total_trades: int
    winning_trades: int
    losing_trades: int
    scratch_trades: int
    open_trips: int
    win_rate: float | None
    gross_profit: Decimal
    gross_loss: Decimal
    net_profit: Decimal
    realised_pnl: Decimal
    unrealized_pnl: Decimal | None
    total_fees: Decimal
    total_funding: Decimal
    total_volume: Decimal
    profit_factor: float | None
    expectancy: Decimal
    average_win: Decimal
    average_loss: Decimal
    payoff_ratio: float | None
    r_multiple: float | None
    largest_win: Decimal
    largest_loss: Decimal
    average_trade_seconds: float | None
    starting_equity: Decimal
    ending_equity: Decimal
    total_return: float | None
    cagr: float | None
    sharpe_ratio: float | None
    sharpe_standard_error: float | None
    probabilistic_sharpe_ratio: float | None
    sortino_ratio: float | None
    volatility: float | None
    max_drawdown: float | None
    max_drawdown_amount: Decimal
    max_drawdown_duration_seconds: float | None
    max_drawdown_peak_at: datetime | None
    max_drawdown_trough_at: datetime | None
    calmar_ratio: float | None
    omega_ratio: float | None
    tail_ratio: float | None
    stability: float | None
    value_at_risk: float | None
    conditional_value_at_risk: float | None
    turnover: float | None
    exposure_time: float | None
    fill_count: int
    first_trade_at: datetime | None
    last_trade_at: datetime | None
    days: int
    notes: tuple[str, ...]


class PeriodFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Days together, as far as they are in what was asked for. change: their returns chained."""

    name: str
    first_day: str
    last_day: str
    profit: Decimal
    change: float | None


class PlannedChild(msgspec.Struct, frozen=True, kw_only=True):
    """One order that would be placed. at: when; at once, or when something happens, where that is not known. price:
    None where the market makes it."""

    at: datetime | None
    size: Decimal
    price: Decimal | None
    reason: str


class PositionAtWorst(msgspec.Struct, frozen=True, kw_only=True):
    """What an asset over all its pairs and contracts, or one contract position (INSTRUMENT/side/mode), comes to if
    all open orders of its worse side fill. of_equity: a fraction; None where something has no price, or there is no
    equity."""

    position: str
    worth: Decimal | None
    of_equity: Decimal | None


class PositionDifference(msgspec.Struct, frozen=True, kw_only=True):
    """Where ledger and venue disagree; sizes in the instrument's unit. Spot has no position at the venue."""

    instrument_id: str
    position_side: PositionSide
    trade_mode: TradeMode
    ledger_size: Decimal
    venue_size: Decimal


class PositionDifferences(msgspec.Struct, frozen=True, kw_only=True):
    differences: tuple[PositionDifference, ...]


class PositionList(msgspec.Struct, frozen=True, kw_only=True):
    positions: tuple[PositionResponse, ...]


class PositionResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One position of an instrument, side and mode; for a spot pair, what is held of its asset, through whichever
    pair it came. size is signed, in the instrument's unit; pnl in pnl_currency.

    realised_pnl excludes fees; fee_value is what fees cost in pnl_currency, those in a third currency at the price of
    their time for an asset, of now for a contract; fees_unvalued: those that had none and are in no sum. net_pnl =
    realised + unrealised - fee_value (unrealised None without a mark price: then net_pnl is None too). dust: not
    zero, but below one lot. books: of an asset, whose it is: "strategy:<id>", "own" (orders without a strategy),
    "unattributed" (there before us, sent in, bought by a hand at the exchange). marked_at: when a mark that is not of
    now was written down.
    """

    account: str
    instrument_id: str
    position_side: PositionSide
    trade_mode: TradeMode
    size: Decimal
    entry_price: Decimal | None
    mark_price: Decimal | None
    notional: Decimal | None
    realised_pnl: Decimal
    unrealised_pnl: Decimal | None
    fee_value: Decimal
    net_pnl: Decimal | None
    pnl_currency: str
    fees: Mapping[str, Decimal]
    margin: Decimal | None
    leverage: Decimal | None
    dust: bool
    fill_count: int
    updated_at: datetime | None
    fees_unvalued: tuple[str, ...]
    books: Mapping[str, Decimal]
    marked_at: datetime | None


class PreTradeEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What taking `size` (instrument's unit) would cost against mid, as things stand. Positive is bad.

    visible_size: how much of it the book holds; walk_price, walk_bps: the average of taking that at once. volume,
    volatility: what traded within the last 15 minutes, and how far its price went, as a share of it; square_root_bps:
    volatility * sqrt(size / volume), what working it patiently tends to cost. missing: what is not known, and why.
    """

    instrument_id: str
    side: OrderSide
    size: Decimal
    mid: Decimal | None
    visible_size: Decimal
    walk_price: Decimal | None
    walk_bps: Decimal | None
    volume: Decimal
    volatility: float | None
    square_root_bps: Decimal | None
    missing: tuple[str, ...]


class PriceAt(msgspec.Struct, frozen=True, kw_only=True):
    """A price, of when it is, and where it is from; source says why there is none where there is none."""

    price: Decimal | None
    at: datetime | None
    source: str


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What was proposed, and what became of it. act: order.place or execution.start. request: the body, as given.
    state: pending, confirmed, refused or expired. became: the id of the order or execution that it is, once
    confirmed. reason: why it was refused; of one that waits or has expired, what kept it back when it was confirmed
    last."""

    proposal_id: str
    act: str
    instrument_id: str
    request: Mapping[str, Any]
    state: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    became: str | None


class ProposalDone(msgspec.Struct, frozen=True, kw_only=True):
    """order: as it stands, of a proposed order; execution: of a proposed execution."""

    proposal: Proposal
    order: OrderResponse | None
    execution: Execution | None


class Proposals(msgspec.Struct, frozen=True, kw_only=True):
    proposals: tuple[Proposal, ...]


class RaisedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found out of bounds. subject: a stream, an instrument, strategy:ID; account for all of it. what: as
    it was when it fired; advice: what to do, and why its action failed. action: what was done; failed: it is tried
    again. note: of who acknowledged it."""

    alert_id: str
    rule: str
    subject: str
    severity: AlertSeverity
    state: AlertState
    action: AlertAction
    what: str
    advice: str
    fired_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    note: str
    resolved_at: datetime | None


class RaisedAlerts(msgspec.Struct, frozen=True, kw_only=True):
    alerts: tuple[RaisedAlert, ...]


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether new orders are accepted, and every reason why not."""

    ready: bool
    reasons: tuple[str, ...]


class RiskInForce(msgspec.Struct, frozen=True, kw_only=True):
    """currency: the valuation currency. allowed_instruments: None allows all."""

    currency: str
    equity: Decimal
    kill_switch: bool
    require_positive_balance: bool
    allowed_instruments: tuple[str, ...] | None
    limits: tuple[LimitInForce, ...]
    positions: tuple[PositionAtWorst, ...]
    key: KeyLimitsInForce


class RollingFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Of the `rolling_days` days that end with this one."""

    day: str
    total_return: float | None
    volatility: float | None
    sharpe_ratio: float | None
    max_drawdown: float | None


class ScheduleLook(msgspec.Struct, frozen=True, kw_only=True):
    """What was to be filled by then, and what was."""

    at: datetime
    target: Decimal
    filled: Decimal


class ScheduledSize(msgspec.Struct, frozen=True, kw_only=True):
    """What should be done by then."""

    at: datetime
    size: Decimal


class Shortfall(msgspec.Struct, frozen=True, kw_only=True):
    """money: in the currency of the costs. bps: of `notional`, what was ordered at the price of the decision, of the
    arrival where that is not known. spread_known: how much of what filled has a known mid. fees_unknown: fills whose
    fee is in no figure."""

    money: Parts
    bps: Parts
    notional: Decimal
    spread_known: Decimal
    fees_unknown: int


class SignalForeseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of a signal now. orders: without an execution strategy; execution: with one; refused: why it
    would be refused."""

    type: str
    instrument_id: str
    size: Decimal | None
    orders: tuple[OrderParams, ...]
    execution: ParentPreview | None
    refused: tuple[Refusal, ...]


class SignalTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a signal. size: in the instrument's unit. order: what it became, of an execution the first
    order, null while there is none; execution: what works it. Both null for hold."""

    key: str
    type: str
    instrument_id: str
    size: Decimal | None
    order: OrderResponse | None
    execution: Execution | None


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about the system's state that an operator asks first."""

    ready: bool
    reasons: tuple[str, ...]
    # the status has more members; Client.status() gives them all


class StillOpen(msgspec.Struct, frozen=True, kw_only=True):
    """So many seconds after it was sent an order is not filled yet with this probability."""

    seconds: float | None
    probability: float | None


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """An execution strategy. parameters: for people; config: the same as the JSON schema of its configuration."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    config: Mapping[str, Any]


class StrategyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy of one's own, what it keeps (JSON), and the performance of all its orders so far."""

    strategy: StrategyView
    state: str
    performance: PerformanceMetrics


class StrategyList(msgspec.Struct, frozen=True, kw_only=True):
    strategies: tuple[Strategy, ...]


class StrategyPart(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy's part. strategy_id None: what is left of the whole, by hand, of before us, and what bills brought
    in, which are shared among no strategies; then it has no trips of its own to count."""

    strategy_id: str | None
    total_trades: int | None
    win_rate: float | None
    profit_factor: float | None
    net_profit: Decimal
    unrealized_pnl: Decimal | None
    total_fees: Decimal
    total_volume: Decimal


class StrategyView(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy of one's own as it stands. reason: why it stopped or failed; last_failure: also of one that was
    begun again. held: by instrument, signed. at_risk: in quote currency. open_orders: its own; open_executions: that
    work its signals. signals_*: since the system started. trades_lost: while its host was busy. config: its
    parameters, JSON."""

    strategy_id: str
    standing: Literal["starting", "running", "stopped", "failed"]
    reason: str
    file: str
    sha256: str
    instruments: tuple[str, ...]
    config: str
    execution: str | None
    budget: Decimal | None
    max_order: Decimal | None
    signals_per_minute: int
    schedule: str | None
    at_risk: Decimal
    held: Mapping[str, Decimal]
    open_orders: int
    open_executions: int
    pid: int | None
    restarts: int
    batches: int
    trades_lost: int
    signals_taken: int
    signals_refused: int
    signals_lost: int
    last_refusal: str
    last_failure: str


class TaxLot(msgspec.Struct, frozen=True, kw_only=True):
    """A part of one lot that went, matched first in, first out; or, at average cost, what went of all lots together.
    Positive quantity; cost and proceeds: what it was worth when it came and when it went, in `currency`; None where
    nobody knows, and then the gain is None too. fee: its part of the fee of the fill that sold it, not taken off the
    gain; zero for any other way of going.

    origin: how the lot came (ours, opening, transferred, hand, earned, unexplained). disposal: how it went (trade,
    spent as the quote of a pair, fee, transfer, profit of a contract, ...); instrument_id, trade_id: of its fill.
    price_source: how the worth at coming was found. At average cost acquired_at and origin are None.
    """

    number: int
    asset: str
    quantity: Decimal
    acquired_at: datetime | None
    disposed_at: datetime
    cost: Decimal | None
    proceeds: Decimal | None
    fee: Decimal | None
    gain: Decimal | None
    currency: str
    origin: str | None
    disposal: str
    instrument_id: str
    trade_id: str
    price_source: str


class TaxLotPage(msgspec.Struct, frozen=True, kw_only=True):
    """Oldest first. gains: by asset, of all pages together, of what has a known cost and worth; unknown: how much of
    each asset went without. currency: that costs are counted in, of which no lots are kept. next_cursor: None at the
    end."""

    tax_lots: tuple[TaxLot, ...]
    next_cursor: str | None
    currency: str
    method: Literal["fifo", "average"]
    gains: Mapping[str, Decimal]
    unknown: Mapping[str, Decimal]


class TearSheet(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a period, and where they come from. missing: which figures there are none of, and why."""

    metrics: PerformanceMetrics
    period: str
    rolling_days: int
    starting_equity: Decimal
    days: tuple[DayReturn, ...]
    periods: tuple[PeriodFigures, ...]
    drawdowns: tuple[DrawdownFigures, ...]
    rolling: tuple[RollingFigures, ...]
    strategies: tuple[StrategyPart, ...]
    missing: tuple[str, ...]


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """One that was just made; nobody is told it again."""

    ticket: str
    expires_at: datetime


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token, shown this once. scopes: what it may do. expires_at: renew it before that, until ends_at. made_at:
    when, by the clock that those two are of, so that how long it counts is known without one that agrees."""

    token: str
    principal: str
    scopes: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    ends_at: datetime


class TradePage(msgspec.Struct, frozen=True, kw_only=True):
    trades: tuple[TradeResponse, ...]
    next_cursor: str | None


class TradeResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One fill. fee: positive is paid, negative a rebate, in fee_currency; None while the venue has not said.

    trade_mode: with instrument and position_side, of the position that it moved; None where nobody said it to an
    earlier version.
    """

    trade_id: str
    account: str
    instrument_id: str
    order_id: str
    client_order_id: str
    exchange_order_id: str
    side: OrderSide
    position_side: PositionSide
    trade_mode: TradeMode | None
    price: Decimal
    size: Decimal
    fee: Decimal | None
    fee_currency: str | None
    liquidity: Liquidity | None
    category: str
    strategy_id: str | None
    parent_id: str | None
    traded_at: datetime
    recorded_at: datetime


class TradeStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Aggregates over fills: how much was traded, by whom, at what cost."""

    fill_count: int
    buy_count: int
    sell_count: int
    volume_by_instrument: Mapping[str, Decimal]
    notional_by_instrument: Mapping[str, Decimal]
    fees_by_currency: Mapping[str, Decimal]
    maker_share: float | None
    taker_share: float | None
    average_fill_notional: Decimal
    largest_fill_notional: Decimal
    first_trade_at: datetime | None
    last_trade_at: datetime | None
    by_strategy: Mapping[str, int]


class UnlistedOrders(msgspec.Struct, frozen=True, kw_only=True):
    """Orders of an instrument that the exchange does not list any more: what one of its sizes is worth is not known,
    so they are in no group."""

    instrument_id: str
    orders: int


class VolumeCurve(msgspec.Struct, frozen=True, kw_only=True):
    """volume_curve: what each hour of the week trades, from Monday 00:00 UTC, over what the average hour does; VWAP
    takes it as it is. days: so many whole UTC days it was learned from, the first at first_day; samples: of them the
    Mondays, Tuesdays and so on. average_hour: what an hour trades in the mean of them, in the instrument's unit:
    VWAP's curve_unit."""

    instrument_id: str
    days: int
    first_day: datetime
    last_day: datetime
    samples: tuple[int, ...]
    average_hour: Decimal
    volume_curve: tuple[Decimal, ...]


class Weighted(msgspec.Struct, frozen=True, kw_only=True):
    """mean: by notional. p5 to p95: of the orders, each counted once. n: so many orders, of so many days. interval:
    of the mean; None where there is none, and why says why."""

    n: int
    days: int
    mean: Decimal
    p5: Decimal
    p25: Decimal
    median: Decimal
    p75: Decimal
    p95: Decimal
    interval: Interval | None
    why: str
