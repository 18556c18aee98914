"""What goes in and comes out of the trading services: OrderParams, the responses, Account, RiskCheckResult.

Values are checked at construction: an InvalidValue names field, value and rule. Instants are aware UTC datetimes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from app.domain.money import ZERO
from app.domain.orders import (
    Liquidity,
    OrderSide,
    PositionSide,
    TradeMode,
)
from app.domain.parents import ParentOrder, ParentStatus
from app.domain.refusals import Refusal
from app.domain.routes import DEFAULT_CURRENCY
from app.services.trading.order_shapes import OrderParams as OrderParams
from app.services.trading.order_shapes import OrderResponse as OrderResponse
from app.services.trading.order_shapes import member_of as member_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeResponse:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionResponse:
    """One position of an instrument, side and mode; for a spot pair, what is held of its asset, through whichever pair
    it came. size is signed, in the instrument's unit; pnl in pnl_currency.

    realised_pnl excludes fees; fee_value is what fees cost in pnl_currency, those in a third currency at the price of
    their time for an asset, of now for a contract; fees_unvalued: those that had none and are in no sum. net_pnl =
    realised + unrealised - fee_value (unrealised None without a mark price: then net_pnl is None too). dust: not zero,
    but below one lot. books: of an asset, whose it is: "strategy:<id>", "own" (orders without a strategy),
    "unattributed" (there before us, sent in, bought by a hand at the exchange). marked_at: when a
    mark that is not of now was written down.
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
    fees_unvalued: tuple[str, ...] = ()
    books: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    marked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCheckResult:
    """The verdict over one order: passed, or every reason why not."""

    passed: bool
    reasons: tuple[Refusal, ...] = ()
    checked: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.passed


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyBalance:
    """total: by the ledger. available: total less what open orders may still spend.

    price: of one unit in the account's valuation currency, None without one; value: of the total at it. price_kind:
    fresh, par (taken for another currency by declaration), stale (an older price) or none; price_route: the markets
    that it came by; price_age_seconds: of the oldest of them.
    """

    currency: str
    total: Decimal
    available: Decimal
    price: Decimal | None = None
    value: Decimal | None = None
    price_kind: str = "none"
    price_route: tuple[str, ...] = ()
    price_age_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account at one moment; `await executor.account()` gives the present one.

    equity and day_start_equity in valuation_currency; day_start_equity is that of 00:00 UTC, or of the first moment of
    the day that was seen; moved_today: deposits less withdrawals since, so that the day's result is equity -
    day_start_equity - moved_today. unvalued: currencies and contracts without a price, which are not in equity; stale:
    those that are in it at an older price.
    """

    id: str
    balances: Mapping[str, CurrencyBalance]
    equity: Decimal
    day_start_equity: Decimal
    valuation_currency: str = DEFAULT_CURRENCY
    unvalued: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    moved_today: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceMetrics:
    """Performance over a period, fees included (definitions: app.domain.performance).

    Ratios are floats; one that is not defined (fewer than two whole days, no trades) is NaN, which JSON shows as null.
    Money is Decimal in valuation_currency. max_drawdown is a fraction, zero or negative. net_profit = realised_pnl
    + total_funding - total_fees: what was realised, of trips that are still open too, before fees; what was received
    less paid beside trades (funding, interest, liquidation), which is not shared among strategies; and every fee.
    unrealized_pnl: of what is open now, by book (contracts at each strategy's own entry, assets at what their lots
    cost), so that over the whole history net_profit + unrealized_pnl is the change of equity less what was moved in or
    out; None, with a note, for a window that ends in the past and where nothing that is open has a price.
    gross_profit, gross_loss, expectancy, average_*, largest_* and win_rate are of closed trips, their fees taken off.
    ending_equity is starting_equity and what was earned since, total_return what one unit became, less one: what was
    paid in or out meanwhile is in neither.
    exposure_time: the part of the period in which something was held. turnover: volume for average equity.
    probabilistic_sharpe_ratio: how likely the true Sharpe ratio is above zero. value_at_risk: the daily return that one
    day in twenty fell below; conditional_value_at_risk: the mean of those and of that one.
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
    win_rate: float
    gross_profit: Decimal
    gross_loss: Decimal
    net_profit: Decimal
    realised_pnl: Decimal
    unrealized_pnl: Decimal | None
    total_fees: Decimal
    total_funding: Decimal
    total_volume: Decimal
    profit_factor: float
    expectancy: Decimal
    average_win: Decimal
    average_loss: Decimal
    payoff_ratio: float
    r_multiple: float
    largest_win: Decimal
    largest_loss: Decimal
    average_trade_seconds: float
    starting_equity: Decimal
    ending_equity: Decimal
    total_return: float
    cagr: float
    sharpe_ratio: float
    sharpe_standard_error: float
    probabilistic_sharpe_ratio: float
    sortino_ratio: float
    volatility: float
    max_drawdown: float
    max_drawdown_amount: Decimal
    max_drawdown_duration_seconds: float
    max_drawdown_peak_at: datetime | None
    max_drawdown_trough_at: datetime | None
    calmar_ratio: float
    omega_ratio: float
    tail_ratio: float
    stability: float
    value_at_risk: float
    conditional_value_at_risk: float
    turnover: float
    exposure_time: float
    fill_count: int
    first_trade_at: datetime | None
    last_trade_at: datetime | None
    days: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeStatistics:
    """Aggregates over fills: how much was traded, by whom, at what cost."""

    fill_count: int
    buy_count: int
    sell_count: int
    volume_by_instrument: Mapping[str, Decimal]
    notional_by_instrument: Mapping[str, Decimal]
    fees_by_currency: Mapping[str, Decimal]
    maker_share: float
    taker_share: float
    average_fill_notional: Decimal
    largest_fill_notional: Decimal
    first_trade_at: datetime | None
    last_trade_at: datetime | None
    by_strategy: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentResponse:
    """A parent as it stands. Sizes in the instrument's unit; working_size: what its open children may still fill.

    waiting_for, next_at: why nothing happens now and until when; empty when it is over, or was read from its row.
    quote_left: of the amount that its size is, what nothing has spent or may spend yet; not told when it is over.
    """

    parent: ParentOrder
    filled_size: Decimal
    working_size: Decimal
    unsent_size: Decimal
    open_children: tuple[str, ...]
    waiting_for: str
    next_at: datetime | None
    quote_left: Decimal | None = None

    @property
    def parent_id(self) -> str:
        return self.parent.parent_id

    @property
    def status(self) -> ParentStatus:
        return self.parent.status

    @property
    def reason(self) -> str:
        return self.parent.reason
