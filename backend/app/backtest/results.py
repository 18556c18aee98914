"""What a backtest came to, read out of the system as everybody reads it: trades, performance, costs, equity."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.domain.money import ZERO
from app.services.strategies.hosted import StrategyView
from app.services.trading.reports import costs
from app.services.trading.reports.cost_views import ExecutionCost
from app.services.trading.schemas import PerformanceMetrics, TradeResponse
from app.store import queries
from app.system import System

PAGE = 500


@dataclass(frozen=True, slots=True)
class Equity:
    """What the account was worth, in its valuation currency; None while something had no price."""

    at: datetime
    equity: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyResult:
    """fees: by currency. shortfall: what its orders cost against the mid as they were asked for, fees among it, by
    currency; shortfall_unknown: orders that it is not known of."""

    strategy: StrategyView
    performance: PerformanceMetrics
    fees: Mapping[str, Decimal]
    shortfall: Mapping[str, Decimal]
    shortfall_unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestResult:
    """trades: oldest first. equity: of the account as it went. tape: the recordings; none of a synthetic market."""

    seed: int
    tape: tuple[str, ...]
    began_at: datetime
    ended_at: datetime
    strategies: tuple[StrategyResult, ...]
    trades: tuple[TradeResponse, ...]
    equity: tuple[Equity, ...]

    @property
    def failed(self) -> tuple[StrategyView, ...]:
        return tuple(each.strategy for each in self.strategies if each.strategy.standing == "failed")


async def read(system: System, curve: list[Equity], seed: int, tape: tuple[str, ...]) -> BacktestResult:
    """As it stands now."""
    await system.ledger.writer.drain()
    return BacktestResult(
        seed=seed,
        tape=tape,
        began_at=curve[0].at,
        ended_at=curve[-1].at,
        strategies=tuple(_of(system, view) for view in system.strategies.views()),
        trades=tuple(reversed(list(_trades(system)))),
        equity=tuple(curve),
    )


def _of(system: System, view: StrategyView) -> StrategyResult:
    recorder, name = system.recorder, view.strategy_id
    shortfall, unknown = _shortfall(system, name)
    return StrategyResult(
        strategy=view,
        performance=recorder.calculate_performance(strategy_id=name, present=recorder.present()),
        fees=recorder.get_trade_statistics(strategy_id=name, present=recorder.present()).fees_by_currency,
        shortfall=shortfall,
        shortfall_unknown=unknown,
    )


def _trades(system: System) -> Iterator[TradeResponse]:
    """Newest first."""
    cursor: str | None = None
    while True:
        page = system.recorder.list_trades(limit=PAGE, cursor=cursor)
        yield from page.trades
        cursor = page.next_cursor
        if cursor is None:
            return


def _shortfall(system: System, name: str) -> tuple[dict[str, Decimal], int]:
    found, unknown = dict[str, Decimal](), 0
    for cost in _costs(system, name):
        total = None if cost.shortfall is None else cost.shortfall.money.total
        if total is not None:
            found[cost.currency] = found.get(cost.currency, ZERO) + total
        else:
            unknown += bool(cost.filled_size)
    return found, unknown


def _costs(system: System, name: str) -> Iterator[ExecutionCost]:
    """Of its executions, and of its orders that no execution placed."""
    database, account, instrument_of = system.database, system.ledger.account, system.ledger.instruments.get
    wanted, cursor, seen = queries.OrderFilter(strategy_id=name), None, set[str]()
    while True:
        page = queries.order_history(database, account, wanted, limit=PAGE, cursor=cursor)
        for order in page.rows:
            parent_id = order.request.parent_id
            if parent_id is None:
                yield costs.order_cost(database, account, order.order_id, instrument_of)
            elif parent_id not in seen:
                seen.add(parent_id)
                yield costs.execution_cost(database, account, parent_id, instrument_of)
        cursor = page.next_cursor
        if cursor is None:
            return
