"""The trading executor as its specification describes it: every component, every promise, through the front door.

A whole system over an exchange in memory; waits are in simulated time. Rooms' own tests go deeper (tests/unit).
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.clock import utc
from app.domain.orders import OrderReport, OrderStatus, PositionSide, Source, TradeMode, VenueState
from app.domain.refusals import InvalidValue
from app.exchanges.port import OutcomeKind
from app.journal.audit import audit
from app.models.trading import ExecutionEvent, Order, OrderSide, OrderType, Position, Trade
from app.services.trading import (
    AmendRefused,
    OrderManager,
    OrderNotFound,
    OrderOver,
    OrderParams,
    OrderResponse,
    OrderTracker,
    PerformanceMetrics,
    PositionManager,
    PositionResponse,
    RiskCheckResult,
    TradeExecutor,
    TradeRecorder,
    TradeResponse,
)
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.execution_strategies import (
    STRATEGIES,
    IcebergExecution,
    LimitExecution,
    MarketExecution,
    TWAPExecution,
)
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.risk_checks import RiskLimits
from app.services.trading.venue.operator_evidence import DeclaredFill
from app.strategies.signals import Signal, SignalType
from tests.support.api_world import api_world
from tests.support.trading_world import BTC, SWAP, D, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

RISK_CONFIG = {
    "max_order_size": 10.0,
    "min_order_size": 0.001,
    "max_order_value": 10000.0,
    "max_price_deviation": 0.05,
    "max_daily_loss": 0.1,
    "max_position_value_pct": 0.5,
    "require_positive_balance": True,
}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path) as made:
        yield made


def signal(kind: SignalType = SignalType.BUY, price: str | None = None, size: str | None = "0.1") -> Signal:
    return Signal(
        type=kind,
        instrument_id=BTC,
        price=None if price is None else D(price),
        size=None if size is None or kind in (SignalType.CLOSE, SignalType.HOLD) else D(size),
        confidence=0.85,
    )


def reasons(order: OrderResponse | RiskCheckResult) -> list[str]:
    return [reason.check for reason in order.reasons]


class TestModels:
    """The tables say what the specification lists."""

    def test_order(self) -> None:
        columns = set(Order.__table__.columns.keys())
        assert {"order_id", "client_order_id", "exchange_order_id", "status", "filled_size", "average_fill_price",
                "error_code", "error_message", "strategy_id"} <= columns  # fmt: skip

    def test_trade(self) -> None:
        columns = set(Trade.__table__.columns.keys())
        assert {"trade_id", "order_id", "price", "size", "liquidity", "strategy_id"} <= columns

    def test_position(self) -> None:
        columns = set(Position.__table__.columns.keys())
        assert {"size", "entry_price", "mark_price", "unrealised_pnl", "realised_pnl", "margin", "leverage"} <= columns

    def test_execution_event(self) -> None:
        columns = set(ExecutionEvent.__table__.columns.keys())
        assert {"seq", "kind", "payload", "order_id", "trade_id", "position", "hash", "principal"} <= columns


class TestExecuteSignal:
    async def test_buy_signal_becomes_a_filled_order(self, world: TradingWorld) -> None:
        account = await world.executor.account()
        order = await world.executor.execute_signal(signal(), account, strategy_id="my_strategy")
        assert order is not None
        done = await world.executor.wait_for(order.order_id, 5)
        assert (done.status, done.filled_size, done.average_fill_price) == (OrderStatus.FILLED, D("0.1"), D("50000.1"))
        assert (done.side, done.order_type, done.strategy_id) == (OrderSide.BUY, OrderType.MARKET, "my_strategy")

    async def test_a_price_makes_it_a_limit_order(self, world: TradingWorld) -> None:
        order = await world.executor.execute_signal(signal(price="49000"))
        assert order is not None
        assert (order.order_type, order.price, order.status) == (OrderType.LIMIT, D(49000), OrderStatus.LIVE)

    async def test_sell(self, world: TradingWorld) -> None:
        order = await world.executor.execute_signal(signal(SignalType.SELL))
        assert order is not None
        assert (await world.executor.wait_for(order.order_id, 5)).average_fill_price == D("49999.9")

    async def test_close_ends_what_the_strategy_holds(self, world: TradingWorld) -> None:
        await world.executor.execute_signal(signal(), strategy_id="mine")
        await world.clock.sleep(1)
        order = await world.executor.execute_signal(signal(SignalType.CLOSE), strategy_id="mine")
        assert order is not None
        done = await world.executor.wait_for(order.order_id, 5)
        assert (done.side, done.size) == (OrderSide.SELL, D("0.0999"))  # the fee of the buy was paid in bitcoin

    async def test_hold_does_nothing(self, world: TradingWorld) -> None:
        before = world.system.ledger.seq
        assert await world.executor.execute_signal(signal(SignalType.HOLD)) is None
        assert world.system.ledger.seq == before

    async def test_nothing_to_close_says_so_and_stands_in_the_journal(self, world: TradingWorld) -> None:
        with pytest.raises(InvalidValue):
            await world.executor.execute_signal(signal(SignalType.CLOSE), strategy_id="holds_nothing")
        assert len(world.events("request.refused")) == 1

    async def test_risk_is_asked_and_a_refusal_is_a_value_with_all_reasons(self, world: TradingWorld) -> None:
        order = await world.executor.execute_signal(signal(size="11"))
        assert order is not None
        assert order.status is OrderStatus.DENIED
        assert {"max_order_size", "max_order_value"} <= set(reasons(order))
        assert world.exchange.venue.open == {}

    async def test_another_accounts_state_is_refused(self, world: TradingWorld) -> None:
        account = replace(await world.executor.account(), id="somebody_else")
        with pytest.raises(InvalidValue, match="account=somebody_else"):
            await world.executor.execute_signal(signal(), account)

    @pytest.mark.parametrize("kind", [SignalType.BUY, SignalType.SELL])
    def test_a_signal_to_trade_needs_a_size(self, kind: SignalType) -> None:
        with pytest.raises(InvalidValue, match="size"):
            Signal(type=kind, instrument_id=BTC)


class TestPlaceOrder:
    async def test_market_order(self, world: TradingWorld) -> None:
        order = await world.executor.place_order(market(trade_mode="cash"))
        done = await world.executor.wait_for(order.order_id, 5)
        assert (done.status, done.settled, done.fees) == (OrderStatus.FILLED, True, {"BTC": D("0.0001")})
        assert done.exchange_order_id
        assert done.client_order_id != done.order_id

    async def test_the_intent_is_durable_before_the_exchange_hears_of_it(self, world: TradingWorld) -> None:
        seen: list[str] = []
        submit = world.exchange.submit

        async def watching(intent: Any) -> Any:
            stored = world.events("order.intent")
            seen.extend(event["order_id"] for event in stored)
            assert intent.request.order_id in seen
            return await submit(intent)

        world.exchange.submit = watching  # type: ignore[method-assign]
        order = await world.executor.place_order(market())
        assert seen == [order.order_id]

    async def test_the_exchanges_refusal(self, world: TradingWorld) -> None:
        world.exchange.answer_next("place", OutcomeKind.REJECTED, code="51008", message="insufficient balance")
        order = await world.executor.place_order(market())
        assert (order.status, order.error_code, order.error_message) == (
            OrderStatus.REJECTED, "51008", "insufficient balance",
        )  # fmt: skip

    async def test_an_unanswered_order_is_unknown_then_found_and_never_sent_again(self, world: TradingWorld) -> None:
        world.exchange.record_sends = True
        world.exchange.drop_pushes = 2
        world.exchange.answer_next("place", OutcomeKind.UNKNOWN, taken=True, code="timeout")
        order = await world.executor.place_order(market())
        assert order.status is OrderStatus.UNKNOWN
        found = await world.executor.wait_for(order.order_id, 30)
        assert (found.status, found.filled_size) == (OrderStatus.FILLED, D("0.1"))
        assert [kind for kind, _ in world.exchange.sends] == ["place"]

    async def test_an_unanswered_order_that_never_arrived_ends_by_proof(self, world: TradingWorld) -> None:
        world.exchange.answer_next("place", OutcomeKind.UNKNOWN, code="timeout")
        order = await world.executor.place_order(market())
        gone = await world.executor.wait_for(order.order_id, 60)
        assert (gone.status, gone.filled_size) == (OrderStatus.NEVER_ACCEPTED, D(0))
        assert (world.clock.now_ns() - world.clock._start_ns) / 1e9 > 10, "not before its expiry and margins"

    async def test_the_same_idempotency_key_is_one_order(self, world: TradingWorld) -> None:
        first = await world.executor.place_order(market(), idempotency_key="k1")
        second = await world.executor.place_order(market(), idempotency_key="k1")
        assert first.order_id == second.order_id
        assert len(world.orders.get_order_history().orders) == 1

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"size": "0"}, "size=0: must be above zero"),
            ({"size": "-1"}, "size=-1: must be above zero"),
            ({"size": "NaN"}, "size=NaN: must be finite"),
            ({"size": "1e400"}, "size=1e400: must have at most 24 digits"),
            ({"size": 0.1}, "size=0.1: "),
            ({"side": "hold"}, "side=hold: must be one of buy, sell"),
            ({"order_type": "hope"}, "order_type=hope: must be one of"),
            ({"order_type": "limit"}, "price=none: is required"),
            ({"trade_mode": "margin"}, "trade_mode=margin: must be one of"),
        ],
    )
    def test_bad_parameters_name_field_value_and_rule(self, changes: dict[str, Any], message: str) -> None:
        good = {"instrument_id": BTC, "side": "buy", "order_type": "market", "size": "0.1"}
        with pytest.raises(InvalidValue) as refused:
            OrderParams(**(good | changes))
        assert str(refused.value).startswith(message)

    async def test_an_unknown_instrument(self, world: TradingWorld) -> None:
        with pytest.raises(InvalidValue, match="instrument_id=NO-USDT"):
            await world.executor.place_order(market(instrument_id="NO-USDT"))

    @pytest.mark.parametrize(
        ("params", "check"),
        [
            (market(size="0.000001"), "minimum_size"),
            (market(size="0.123456789"), "lot_size"),
            (limit(price="49000.03"), "tick_size"),
        ],
    )
    async def test_off_the_lattice(self, tmp_path: Path, params: OrderParams, check: str) -> None:
        async with trading_world(tmp_path) as world:
            order = await world.executor.place_order(params)
        assert order.status is OrderStatus.DENIED
        assert check in reasons(order)


class TestCancelAndModify:
    async def test_cancel(self, world: TradingWorld) -> None:
        order = await world.rest()
        done = await world.executor.cancel_order(order.order_id)
        assert (done.status, done.filled_size) == (OrderStatus.CANCELED, D(0))

    async def test_by_client_order_id(self, world: TradingWorld) -> None:
        order = await world.rest()
        assert (await world.executor.cancel_order(order.client_order_id)).status is OrderStatus.CANCELED

    async def test_twice(self, world: TradingWorld) -> None:
        order = await world.rest()
        await world.executor.cancel_order(order.order_id)
        with pytest.raises(OrderOver):
            await world.executor.cancel_order(order.order_id)

    async def test_unknown(self, world: TradingWorld) -> None:
        with pytest.raises(OrderNotFound):
            await world.executor.cancel_order("nosuch")

    async def test_modify_price_and_size(self, world: TradingWorld) -> None:
        order = await world.rest()
        await world.executor.modify_order(order.order_id, new_price=D(49500), new_size=D("0.15"))
        await world.clock.sleep(1)
        now = world.orders.get_order(order.order_id)
        assert (now.price, now.size, now.status) == (D(49500), D("0.15"), OrderStatus.LIVE)

    async def test_modify_is_risk_checked(self, world: TradingWorld) -> None:
        order = await world.rest()
        with pytest.raises(AmendRefused, match="max_order_value"):
            await world.executor.modify_order(order.order_id, new_size=D(1))
        assert world.orders.get_order(order.order_id).size == D("0.1")

    async def test_modify_needs_a_change(self, world: TradingWorld) -> None:
        order = await world.rest()
        with pytest.raises(InvalidValue, match="new_size=none"):
            await world.executor.modify_order(order.order_id)

    async def test_cancel_all_and_flatten(self, world: TradingWorld) -> None:
        await world.buy()
        first, second = await world.rest(), await world.rest("48000")
        gone = await world.executor.cancel_all()
        assert {order.order_id for order in gone} == {first.order_id, second.order_id}
        world.risk.configure(RISK_CONFIG | {"max_order_value": 100_000.0})
        (closing,) = await world.executor.flatten(BTC)
        done = await world.executor.wait_for(closing.order_id, 5)
        assert (done.side, done.status) == (OrderSide.SELL, OrderStatus.FILLED)
        (left,) = world.positions.get_all_positions()
        assert (left.size, left.books) == (D(1), {"unattributed": D(1)})
        (rest,) = await world.executor.flatten(BTC, all=True)
        assert (await world.executor.wait_for(rest.order_id, 5)).status is OrderStatus.FILLED
        assert world.positions.get_all_positions() == []

    async def test_kill_switch_blocks_orders_not_cancels_and_survives_a_restart(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path) as world:
            resting = await world.rest()
            (gone,) = await world.executor.engage_kill_switch("spreads look wrong")
            assert (gone.order_id, gone.status) == (resting.order_id, OrderStatus.CANCELED)
            exchange = world.exchange
        async with trading_world(tmp_path, exchange=exchange, seed=1) as world:
            assert reasons(await world.executor.place_order(market())) == ["kill_switch"]
            await world.executor.release_kill_switch("checked")
            assert (await world.buy()).status is OrderStatus.FILLED


class TestOrderManager:
    async def test_active_orders_and_history_with_filters_and_pages(self, world: TradingWorld) -> None:
        bought = await world.buy(strategy_id="one")
        resting = await world.rest()
        assert [order.order_id for order in world.orders.get_active_orders()] == [resting.order_id]
        assert world.orders.get_active_orders(SWAP) == []
        history = world.orders.get_order_history
        assert [order.order_id for order in history().orders] == [resting.order_id, bought.order_id]
        assert [order.order_id for order in history(status=OrderStatus.FILLED).orders] == [bought.order_id]
        assert [order.order_id for order in history(strategy_id="one").orders] == [bought.order_id]
        assert [order.order_id for order in history(side=OrderSide.SELL).orders] == []
        page = history(limit=1)
        assert [order.order_id for order in page.orders] == [resting.order_id]
        assert [order.order_id for order in history(limit=1, cursor=page.next_cursor).orders] == [bought.order_id]

    async def test_create_order_writes_the_record(self, world: TradingWorld) -> None:
        order = await world.rest()
        (intent,) = world.events("order.intent")
        assert intent["order_id"] == order.order_id
        assert json.loads(intent["payload"])["risk"]["verdict"] == "pass"

    async def test_update_order_status_is_idempotent(self, world: TradingWorld) -> None:
        order = await world.rest()
        report = OrderReport(
            BTC, Source.POLL, order.client_order_id, order.exchange_order_id or "", VenueState.CANCELED
        )
        first = await world.orders.update_order_status(report)
        seq = world.system.ledger.seq
        second = await world.orders.update_order_status(report)
        assert (first.status, second.status) == (OrderStatus.CANCELED, OrderStatus.CANCELED)
        assert world.system.ledger.seq == seq

    async def test_sync_with_the_exchange_books_what_was_missed(self, world: TradingWorld) -> None:
        order = await world.rest()
        world.exchange.drop_pushes = 10
        world.quote("48999", "48999.5")
        assert world.orders.get_order(order.order_id).status is OrderStatus.LIVE
        result = await world.orders.sync_orders_with_exchange()
        assert (result.changed >= 1, result.unknown) == (True, 0)
        assert world.orders.get_order(order.order_id).status is OrderStatus.FILLED

    async def test_a_response_has_the_whole_order(self, world: TradingWorld) -> None:
        order = world.orders.get_order((await world.buy()).order_id)
        assert isinstance(order, OrderResponse)
        assert (order.remaining_size, order.reasons, order.account) == (D(0), (), "main")
        assert order.created_at <= order.updated_at


class TestPositionManager:
    async def test_spot_position_from_trades(self, world: TradingWorld) -> None:
        await world.buy()
        position = world.positions.get_position(BTC)
        assert isinstance(position, PositionResponse)
        assert (position.size, position.fees, position.fill_count) == (D("1.0999"), {"BTC": D("0.0001")}, 1)

    async def test_contracts_long_short_and_realised_profit(self, world: TradingWorld) -> None:
        terms = {"instrument_id": SWAP, "trade_mode": TradeMode.CROSS}
        await world.buy("2", **terms)
        world.quote("50999.9", "51000.1", SWAP)
        await world.clock.sleep(1)
        held = world.positions.get_position(SWAP)
        assert held is not None
        assert (held.size, held.entry_price, held.unrealised_pnl) == (D(2), D("50000.1"), D("19.998"))
        await world.sell("3", **terms)
        short = world.positions.get_position(SWAP, PositionSide.NET)
        assert short is not None
        assert (short.size, short.entry_price, short.realised_pnl) == (D(-1), D("50999.9"), D("19.996"))

    async def test_calculate_pnl_at_any_price(self, world: TradingWorld) -> None:
        await world.buy("1", instrument_id=SWAP, trade_mode=TradeMode.CROSS)
        assert world.positions.calculate_pnl(SWAP, D("50100.1")) == D(1)

    async def test_update_position_needs_the_venues_report_and_counts_it_once(self, world: TradingWorld) -> None:
        order = await world.buy()
        (report,) = await world.exchange.fills(0)
        again = await world.positions.update_position(report)
        assert again is not None
        assert (again.fill_count, again.size) == (1, D("1.0999"))
        with pytest.raises(InvalidValue, match=r"report\.fill"):
            await world.positions.update_position(OrderReport(BTC, Source.POLL, order.client_order_id))

    async def test_all_positions_and_sync(self, world: TradingWorld) -> None:
        await world.buy("1", instrument_id=SWAP, trade_mode=TradeMode.CROSS)
        listed = [position.instrument_id for position in world.positions.get_all_positions()]
        assert listed == [BTC, SWAP]
        assert await world.positions.sync_positions_with_exchange() == []


class TestOrderTracker:
    async def test_callbacks_until_the_end(self, world: TradingWorld) -> None:
        order = await world.rest()
        seen: list[OrderStatus] = []
        waited: list[OrderStatus] = []

        async def slower(changed: OrderResponse) -> None:
            waited.append(changed.status)

        world.tracker.start_tracking(order.order_id, slower)
        world.tracker.start_tracking(order.order_id, lambda changed: seen.append(changed.status))
        await world.executor.cancel_order(order.order_id)
        await world.clock.sleep(1)
        assert seen == waited
        assert seen[-1] is OrderStatus.CANCELED
        assert world.tracker.tracked == 0, "cleaned up"

    async def test_stop_tracking(self, world: TradingWorld) -> None:
        order = await world.rest()
        seen: list[OrderStatus] = []
        world.tracker.start_tracking(order.order_id, lambda changed: seen.append(changed.status))
        world.tracker.stop_tracking(order.order_id)
        await world.executor.cancel_order(order.order_id)
        await world.clock.sleep(1)
        assert seen == []

    async def test_a_failing_callback_harms_nobody(self, world: TradingWorld) -> None:
        order = await world.rest()
        seen: list[OrderStatus] = []

        def broken(_: OrderResponse) -> None:
            raise RuntimeError("a user's mistake")

        world.tracker.start_tracking(order.order_id, broken)
        world.tracker.start_tracking(order.order_id, lambda changed: seen.append(changed.status))
        await world.executor.cancel_order(order.order_id)
        await world.clock.sleep(1)
        assert seen[-1] is OrderStatus.CANCELED

    async def test_on_order_update_takes_a_report(self, world: TradingWorld) -> None:
        order = await world.rest()
        report = OrderReport(
            BTC, Source.POLL, order.client_order_id, order.exchange_order_id or "", VenueState.CANCELED
        )
        after = await world.tracker.on_order_update(report)
        assert after is not None
        assert after.status is OrderStatus.CANCELED

    async def test_polling_stands_behind_the_stream(self, world: TradingWorld) -> None:
        order = await world.rest()
        world.exchange.drop_pushes = 10
        world.quote("48999", "48999.5")
        done = await world.executor.wait_for(order.order_id, 60)
        assert done.status is OrderStatus.FILLED


class TestExecutionRiskControl:
    async def test_the_specifications_configuration(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path, risk=RISK_CONFIG) as world:
            limits = world.risk.limits
            assert (limits.max_order_size, limits.min_order_size, limits.max_order_value) == (
                D(10), D("0.001"), D(10000),
            )  # fmt: skip
            assert (limits.max_price_deviation, limits.max_daily_loss, limits.max_position_value_pct) == (
                D("0.05"), D("0.1"), D("0.5"),
            )  # fmt: skip
            assert limits.require_positive_balance is True

    def test_an_unknown_key_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidValue, match="max_order_sise"):
            RiskLimits.from_config({"max_order_sise": 1})

    async def test_pre_trade_check(self, world: TradingWorld) -> None:
        account = await world.executor.account()
        assert world.risk.pre_trade_check(signal(), account).passed
        refused = world.risk.pre_trade_check(signal(size="11"), account)
        assert isinstance(refused, RiskCheckResult)
        assert not refused
        assert {"max_order_size", "max_order_value"} <= set(reasons(refused))

    @pytest.mark.parametrize(
        ("config", "params", "check"),
        [
            ({"max_order_size": 0.05}, market(), "max_order_size"),
            ({"min_order_size": 0.2}, market(), "min_order_size"),
            ({"max_order_value": 4999}, market(), "max_order_value"),
            ({"max_price_deviation": 0.01}, limit("49000"), "max_price_deviation"),
            ({"max_position_value_pct": 0.34}, market(), "max_position_value"),
            ({"max_order_value": 1e6}, market(size="3"), "balance"),
        ],
    )
    async def test_each_limit_is_enforced(
        self, tmp_path: Path, config: dict[str, Any], params: OrderParams, check: str
    ) -> None:
        async with trading_world(tmp_path, risk=RISK_CONFIG | config) as world:
            order = await world.executor.place_order(params)
        assert order.status is OrderStatus.DENIED
        assert check in reasons(order)

    async def test_daily_loss_stops_trading_also_after_a_restart(self, tmp_path: Path) -> None:
        risk = RISK_CONFIG | {"max_daily_loss": 0.01, "max_position_value_pct": 10}
        async with trading_world(tmp_path, risk=risk) as world:
            assert (await world.buy("0.001")).status is OrderStatus.FILLED
            world.quote("46999.9", "47000.1")  # the bitcoin held is worth 2 % of equity less
            await world.clock.sleep(1)
            assert reasons(await world.executor.place_order(market())) == ["max_daily_loss"]
            exchange = world.exchange
        async with trading_world(tmp_path, exchange=exchange, seed=1, risk=risk) as world:
            world.quote("46999.9", "47000.1")
            await world.clock.sleep(1)
            assert reasons(await world.executor.place_order(market())) == ["max_daily_loss"]

    async def test_open_orders_count_as_filled(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path, risk=RISK_CONFIG | {"max_position_value_pct": 0.38}) as world:
            assert (await world.rest("49900")).status is OrderStatus.LIVE
            assert "max_position_value" in reasons(await world.executor.place_order(limit("49900")))

    async def test_without_a_fresh_book_there_is_no_order(self, world: TradingWorld) -> None:
        await world.buy("0.001")
        world.quiet = True
        await world.clock.sleep(5)
        order = await world.executor.place_order(market())
        assert order.status is OrderStatus.DENIED
        assert "max_price_deviation" in reasons(order)

    async def test_price_reasonability(self, world: TradingWorld) -> None:
        await world.buy("0.001")
        check = world.risk.validate_price_reasonability
        assert check(BTC, OrderSide.BUY, D(49000)).passed
        assert reasons(check(BTC, OrderSide.BUY, D(60000))) == ["max_price_deviation"]

    async def test_order_parameters(self, world: TradingWorld) -> None:
        assert world.risk.validate_order_params(market()).passed
        assert "minimum_size" in reasons(world.risk.validate_order_params(market(size="0.000001")))


class TestTradeRecorder:
    async def test_every_fill_is_one_trade_with_its_fee(self, world: TradingWorld) -> None:
        order = await world.buy(strategy_id="mine")
        (trade,) = world.recorder.list_trades().trades
        assert isinstance(trade, TradeResponse)
        assert (trade.order_id, trade.price, trade.size, trade.fee, trade.fee_currency, trade.strategy_id) == (
            order.order_id, D("50000.1"), D("0.1"), D("0.0001"), "BTC", "mine",
        )  # fmt: skip
        assert trade.liquidity == "taker"

    async def test_record_trade_is_idempotent(self, world: TradingWorld) -> None:
        await world.buy()
        (report,) = await world.exchange.fills(0)
        again = await world.recorder.record_trade(report)
        assert again is not None
        assert len(world.recorder.list_trades().trades) == 1

    async def test_performance_over_round_trips(self, world: TradingWorld) -> None:
        started = utc(world.clock.now_ns())
        terms: dict[str, Any] = {"instrument_id": SWAP, "trade_mode": TradeMode.CROSS}
        for out in ("51000", "49500"):
            await world.buy("1", **terms)
            world.quote(out, f"{int(out) + 1}", SWAP)
            await world.sell("1", **terms)
            world.quote("49999.9", "50000.1", SWAP)
        metrics = world.recorder.calculate_performance(
            start_date=started, end_date=utc(world.clock.now_ns()) + timedelta(seconds=1), instrument_id=SWAP
        )
        assert isinstance(metrics, PerformanceMetrics)
        fees = D("0.5") * 4  # about 0.001 of 500 a fill
        assert (metrics.total_trades, metrics.winning_trades, metrics.losing_trades) == (2, 1, 1)
        assert metrics.win_rate == 0.5
        assert abs(metrics.total_fees - fees) < D("0.02")
        assert abs(metrics.net_profit - (D("9.999") - D("5.001") - fees)) < D("0.02")
        assert math.isclose(metrics.profit_factor, float(metrics.gross_profit / -metrics.gross_loss))
        assert abs(metrics.expectancy - metrics.net_profit / 2) < D("1e-12")
        assert metrics.max_drawdown < 0

    async def test_nothing_traded_is_not_an_error(self, world: TradingWorld) -> None:
        metrics = world.recorder.calculate_performance()
        assert (metrics.total_trades, metrics.net_profit) == (0, D(0))
        assert math.isnan(metrics.win_rate)

    async def test_statistics(self, world: TradingWorld) -> None:
        await world.buy()
        await world.sell()
        stats = world.recorder.get_trade_statistics()
        assert (stats.fill_count, stats.buy_count, stats.sell_count, stats.taker_share) == (2, 1, 1, 1.0)
        assert stats.volume_by_instrument == {BTC: D("0.2")}


class TestExecutionStrategies:
    async def test_market(self, world: TradingWorld) -> None:
        (order,) = await MarketExecution(world.executor).execute(market())
        assert (order.status, order.filled_size) == (OrderStatus.FILLED, D("0.1"))

    async def test_limit_with_fallback_to_market(self, world: TradingWorld) -> None:
        began = world.clock.now_ns()
        strategy = LimitExecution(world.executor, {"timeout": 60, "fallback_to_market": True})
        orders = await strategy.execute(limit("49000"))
        assert 60 <= (world.clock.now_ns() - began) / 1e9 < 70
        assert [order.status for order in orders] == [OrderStatus.CANCELED, OrderStatus.FILLED]
        assert sum(order.filled_size for order in orders) == D("0.1")

    async def test_limit_without_fallback(self, world: TradingWorld) -> None:
        strategy = LimitExecution(world.executor, {"timeout": 5, "fallback_to_market": False})
        orders = await strategy.execute(limit("49000"))
        assert [order.status for order in orders] == [OrderStatus.CANCELED]

    async def test_twap_slices_add_up_over_the_whole_time(self, world: TradingWorld) -> None:
        began = world.clock.now_ns()
        config = {"duration": 300, "num_slices": 10, "use_limit_orders": False, "price_offset_pct": 0.001}
        orders = await TWAPExecution(world.executor, config).execute(market(size="0.15"))
        assert [order.size for order in orders] == [D("0.015")] * 10
        assert sum(order.filled_size for order in orders) == D("0.15")
        starts = [round((order.created_at.timestamp() * 1e9 - began) / 1e9) for order in orders]
        assert starts == list(range(0, 300, 30))

    async def test_iceberg_shows_a_part(self, world: TradingWorld) -> None:
        config = {"visible_pct": 0.1, "max_refresh_time": 30, "use_limit_orders": True, "min_visible_size": 0.001}
        strategy = IcebergExecution(world.executor, config)
        working = asyncio.ensure_future(strategy.execute(limit("49990", "0.1")))
        await world.clock.sleep(2)
        (clip,) = world.orders.get_active_orders()
        assert (clip.size, clip.price) == (D("0.01"), D(49990))
        for _ in range(40):
            world.quote("49989.9", "49990")
            await world.clock.sleep(0.6)
            world.quote("49999.9", "50000.1")
            await world.clock.sleep(0.6)
        orders = await working
        assert sum(order.filled_size for order in orders) == D("0.1")
        assert max(order.size for order in orders) == D("0.01")

    async def test_a_restart_goes_on_without_a_slice_lost_or_doubled(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path) as world:
            strategy = TWAPExecution(world.executor, {"duration": 100, "num_slices": 10})
            working = asyncio.ensure_future(strategy.execute(market(size="0.1")))
            await world.clock.sleep(45)
            working.cancel()
            exchange = world.exchange
        async with trading_world(tmp_path, exchange=exchange, seed=1) as world:
            while world.system.parents.open_count:
                await world.clock.sleep(1)
            orders = world.orders.get_order_history(side=OrderSide.BUY).orders
            assert sum(order.filled_size for order in orders) == D("0.1")

    @pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
    def test_unknown_keys_are_refused(self, strategy: type[ExecutionStrategy]) -> None:
        with pytest.raises(InvalidValue, match="durration"):
            strategy(None, {"durration": 300})

    def test_they_share_one_base(self) -> None:
        assert all(issubclass(strategy, ExecutionStrategy) for strategy in STRATEGIES.values())


class TestJournalAndRecovery:
    async def test_every_event_is_gapless_linked_and_audited(self, world: TradingWorld) -> None:
        await world.buy()
        await world.executor.cancel_order((await world.rest()).order_id)
        await world.executor.place_order(market(size="11"))
        await world.system.reconciler.run()
        events = world.events()
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        report = audit(world.system.database, "main", world.system.ledger.instruments)
        assert report.findings == ()

    async def test_a_restart_finds_what_filled_meanwhile(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path) as world:
            order = await world.rest()
            exchange = world.exchange
        exchange.set_book(BTC, D("48999"), D("48999.5"), D(5))
        async with trading_world(tmp_path, exchange=exchange, seed=1) as world:
            assert world.orders.get_order(order.order_id).status is OrderStatus.FILLED
            assert world.system.reconciler.last is not None
            assert world.system.reconciler.last.clean

    async def test_a_contracts_profit_that_the_exchange_rounds_is_no_difference(self, world: TradingWorld) -> None:
        terms: dict[str, Any] = {"instrument_id": SWAP, "trade_mode": TradeMode.CROSS}
        await world.buy("0.3", **terms)
        await world.sell("0.1", **terms)
        held = world.exchange.venue.ledger.total
        held["USDT"] += D("0.0000000001")
        assert (await world.system.reconciler.run()).clean
        assert world.system.ledger.balances["USDT"] == held["USDT"]
        held["USDT"] += D("0.01")
        (difference,) = (await world.system.reconciler.run()).balances
        assert (difference.currency, difference.amount) == ("USDT", D("0.01"))
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean

    async def test_an_operators_evidence_ends_an_undecidable_order(self, world: TradingWorld) -> None:
        order = await world.rest()
        done = await world.executor.resolve_order(
            order.order_id, state="canceled", principal="operator:alice", why="the exchange confirmed it by mail"
        )
        assert (done.status, done.settled) == (OrderStatus.CANCELED, True)
        (said,) = world.events("operator.evidence")
        assert (said["principal"], said["order_id"]) == ("operator:alice", order.order_id)
        assert "by mail" in said["payload"]
        with pytest.raises(OrderOver):
            await world.executor.resolve_order(order.order_id, state="canceled", principal="operator:bob", why="too")
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean

    async def test_an_operators_fill_is_the_venues_own(self, world: TradingWorld) -> None:
        world.exchange.drop_pushes = 10
        order = await world.executor.place_order(market())
        (report,) = await world.exchange.fills(0)
        fill = report.fill
        assert fill is not None
        declared = DeclaredFill(
            trade_id=fill.trade_id, price=fill.price, size=fill.size, fee=fill.fee, fee_currency=fill.fee_currency
        )
        done = await world.executor.resolve_order(
            order.order_id, state="filled", fills=[declared], principal="operator:alice", why="statement of the day"
        )
        assert (done.status, done.settled, done.filled_size) == (OrderStatus.FILLED, True, D("0.1"))
        await world.system.reconciler.run()
        assert len(world.recorder.list_trades().trades) == 1, "the venue's report of it was the same fill"

    async def test_evidence_that_contradicts_is_refused(self, world: TradingWorld) -> None:
        order = await world.rest()
        for evidence in ({"state": "never_accepted"}, {"state": "canceled", "filled": D(1)}, {"state": "live"}):
            with pytest.raises(InvalidValue):
                await world.executor.resolve_order(order.order_id, principal="operator:a", why="w", **evidence)
        assert world.orders.get_order(order.order_id).status is OrderStatus.LIVE

    async def test_a_declared_balance(self, world: TradingWorld) -> None:
        before = (await world.executor.account()).balances["USDT"].total
        await world.executor.declare_balance("USDT", D(100), principal="operator:alice", why="deposit")
        assert (await world.executor.account()).balances["USDT"].total == before + 100
        with pytest.raises(InvalidValue, match="currency=XXX"):
            await world.executor.declare_balance("XXX", D(1), principal="operator:alice", why="deposit")
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean


class TestApi:
    """The specification's endpoints, as its curl lines ask for them."""

    def test_every_endpoint(self, tmp_path: Path) -> None:
        async def scenario() -> dict[str, int]:
            async with api_world(tmp_path) as world:
                base, ask = "/api/v1/trading", world.client
                answers = {}
                body = {"instrument_id": BTC, "side": "buy", "order_type": "market", "size": "0.001",
                        "trade_mode": "cash"}  # fmt: skip
                created = await ask.post(f"{base}/orders", json=body)
                answers["POST orders"] = created.status_code
                resting = await world.place()
                paths = {
                    "GET orders": f"{base}/orders?status=filled",
                    "GET active": f"{base}/orders/active?instrument_id=BTC-USDT",
                    "GET order": f"{base}/orders/{created.json()['order_id']}",
                    "GET positions": f"{base}/positions",
                    "GET position": f"{base}/positions/{BTC}",
                    "GET trades": f"{base}/trades",
                    "GET performance": f"{base}/performance?start_date=2024-01-01T00:00:00Z",
                    "GET statistics": f"{base}/statistics",
                }
                for name, path in paths.items():
                    answers[name] = (await ask.get(path)).status_code
                answers["POST sync"] = (await ask.post(f"{base}/positions/sync", json={})).status_code
                answers["DELETE order"] = (await ask.delete(f"{base}/orders/{resting['order_id']}")).status_code
                return answers

        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            answers = runner.run(scenario())
        assert answers == dict.fromkeys(answers, 200) | {"POST orders": 201}
        assert len(answers) == 11


def test_the_specifications_names() -> None:
    """What users import, where they import it from, and the methods that they call."""
    methods = {
        TradeExecutor: ("execute_signal", "place_order", "cancel_order", "modify_order"),
        OrderManager: ("create_order", "update_order_status", "get_active_orders", "get_order_history",
                       "sync_orders_with_exchange"),
        PositionManager: ("get_position", "update_position", "calculate_pnl", "get_all_positions",
                          "sync_positions_with_exchange"),
        OrderTracker: ("start_tracking", "on_order_update", "stop_tracking"),
        ExecutionRiskControl: ("pre_trade_check", "validate_order_params", "validate_price_reasonability"),
        TradeRecorder: ("record_trade", "calculate_performance", "get_trade_statistics"),
    }  # fmt: skip
    for owner, names in methods.items():
        for name in names:
            assert callable(getattr(owner, name)), f"{owner.__name__}.{name}"
