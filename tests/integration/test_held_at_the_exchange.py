"""Conditional orders that wait at the exchange (decision 0027): fired there, while we are down too, and taken for ours.

The whole system over the OKX adapter and the simulated exchange, in virtual time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.parents import ParentStatus
from app.journal.audit import audit
from app.models.trading import OrderSide, OrderStatus, OrderType
from app.services.trading import OrderParams
from app.services.trading.errors import ParentRefused
from app.services.trading.schemas import OrderResponse, ParentResponse
from app.simulator import AccountConfig, Config
from app.store import queries
from tests.support.okx_system import BTC, D, OkxSystem
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

BUY, SELL = OrderSide.BUY, OrderSide.SELL
MOVER = AccountConfig("mover", "key2", "secret2", "pass2", balances={"USDT": D(10**7), "BTC": D(100)})
WIDE = {"max_price_deviation": "0.3", "max_order_value": 1_000_000, "max_position_value_pct": 5}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


class World(OkxSystem):
    """Beside ours there is another account, which moves the price."""

    @property
    def last(self) -> Decimal:
        market = self.venue.exchange.markets[BTC]
        return market.inst.price(market.last_price)

    @property
    def algos(self) -> list[Any]:
        """What waits at the exchange."""
        return list(self.venue.exchange.algos.live.values())

    async def move(self, side: OrderSide, size: str = "6", seconds: float = 3) -> None:
        """The other account sweeps the book, so that the last price goes up (buy) or down (sell)."""
        body = {"instId": BTC, "ordType": "market", "sz": size, "tgtCcy": "base_ccy", "side": side.value}
        self.venue.act("order", account="mover", params={**body, "tdMode": "cash"})
        await asyncio.sleep(seconds)

    async def hold(self, name: str, side: OrderSide, size: str, price: Decimal | None = None, **config: Any) -> str:
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        params = OrderParams(instrument_id=BTC, side=side, order_type=kind, size=D(size), price=price)
        started = await self.system.parents.start(name, {"held": "exchange", **config}, params)
        await asyncio.sleep(1)
        return started.parent_id

    def parent(self, parent_id: str) -> ParentResponse:
        return self.system.parents.get(parent_id)

    def child(self, parent_id: str) -> OrderResponse:
        (order,) = self.system.parents.orders(parent_id)
        return order

    async def restart(self) -> None:
        await self.start(risk=WIDE)
        await self.system.follow(BTC)
        await asyncio.sleep(2)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, Config(accounts=(replace(MAIN, balances={"USDT": D(10**6)}), MOVER), flow_rate=0.0))
    await made.restart()
    await made.place(BTC, BUY, "0.05")
    await asyncio.sleep(1)
    yield made
    await made.system.stop()
    report = audit(made.system.database, "main", made.system.ledger.instruments)
    assert report.clean, [str(finding) for finding in report.findings]


async def test_a_stop_waits_at_the_exchange_and_what_it_becomes_is_ours(world: World) -> None:
    trigger = world.last - 1
    stop = await world.hold("stop", SELL, "0.01", trigger_price=trigger)
    (algo,) = world.algos
    child = world.child(stop)
    assert algo.params["algoClOrdId"] == child.client_order_id
    assert (child.status, child.exchange_order_id) == (OrderStatus.LIVE, None)
    assert world.parent(stop).waiting_for == f"at the exchange, for trigger_price {trigger}"
    await world.move(SELL)
    ended, fired = world.parent(stop), world.child(stop)
    assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.01"))
    assert fired.status is OrderStatus.FILLED
    assert fired.exchange_order_id
    assert not [order for order in world.system.orders.get_order_history().orders if order.order_id.startswith("ext-")]


async def test_a_stop_limit_rests_there_at_its_price_once_fired(world: World) -> None:
    limit = world.last + 200
    stop = await world.hold("stop", SELL, "0.01", price=limit, trigger_price=world.last - 1)
    await world.move(SELL)
    child = world.child(stop)
    assert (child.status, child.price) == (OrderStatus.LIVE, limit)
    assert child.exchange_order_id
    await world.system.parents.cancel(stop)
    await asyncio.sleep(2)
    assert (world.parent(stop).status, world.child(stop).status) == (ParentStatus.CANCELED, OrderStatus.CANCELED)


@pytest.mark.parametrize("side", [BUY, SELL])
async def test_of_an_oco_either_leg_ends_both(world: World, side: OrderSide) -> None:
    """side: of who moves the market."""
    oco = await world.hold("oco", SELL, "0.01", take_profit=world.last + 1, stop_loss=world.last - 1)
    await world.move(side)
    await world.move(side.opposite, "14")
    assert (world.parent(oco).status, world.parent(oco).filled_size) == (ParentStatus.COMPLETED, D("0.01"))
    assert world.algos == []


async def test_it_fires_while_we_are_down(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await world.system.stop()
    await world.move(SELL)
    await world.restart()
    assert (world.parent(stop).status, world.parent(stop).filled_size) == (ParentStatus.COMPLETED, D("0.01"))
    assert world.child(stop).status is OrderStatus.FILLED


async def test_a_new_trigger_is_amended_there_and_nothing_is_taken_away_for_it(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 500)
    (algo,) = world.algos
    await world.system.parents.amend(stop, config={"trigger_price": world.last - 1})
    await asyncio.sleep(2)
    assert world.algos == [algo]
    assert algo.params["slTriggerPx"] == str(world.last - 1)
    await world.system.parents.amend(stop, size=D("0.02"))
    await asyncio.sleep(4)
    assert world.algos == [algo]
    assert algo.params["sz"] == "0.02"
    await world.move(SELL)
    assert (world.parent(stop).status, world.parent(stop).filled_size) == (ParentStatus.COMPLETED, D("0.02"))


async def test_the_kill_switch_and_cancel_all_leave_protection_and_take_entries_back(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    entry = await world.hold("stop", BUY, "0.01", trigger_price=world.last + 300)
    assert len(world.algos) == 2
    await world.system.executor.engage_kill_switch("test")
    await asyncio.sleep(2)
    (left,) = world.algos
    assert left.params["algoClOrdId"] == world.child(stop).client_order_id
    assert world.parent(entry).status is ParentStatus.CANCELED
    await world.system.executor.cancel_all()
    await asyncio.sleep(2)
    assert world.algos == [left]
    assert world.parent(entry).status is ParentStatus.CANCELED
    await world.move(SELL)
    assert (world.parent(stop).status, world.parent(stop).filled_size) == (ParentStatus.COMPLETED, D("0.01"))
    assert world.system.ledger.kill_switch.reason == "test"


async def test_cancel_all_with_protection_takes_all_back(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await world.system.executor.cancel_all(protection=True)
    await asyncio.sleep(2)
    assert world.algos == []
    assert world.parent(stop).status is ParentStatus.CANCELED


async def test_flatten_leaves_it_until_what_it_protects_is_gone(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await world.system.executor.flatten()
    await world.until(lambda: world.parent(stop).status.terminal)
    assert world.parent(stop).status is ParentStatus.CANCELED
    assert world.algos == []


async def test_what_waits_there_keeps_no_coins_from_a_sale(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.0499", trigger_price=world.last - 1)
    assert (await world.place(BTC, SELL, "0.04")).status is OrderStatus.FILLED
    await world.move(SELL)
    await world.until(lambda: world.parent(stop).status.terminal, 30)
    assert world.system.ledger.balances["BTC"] < D("0.0001"), "what the exchange refused to sell is sold in pieces"


async def test_what_is_sold_by_hand_is_taken_off_it_and_the_rest_fires_while_we_are_down(world: World) -> None:
    """For more than is there OKX makes no order."""
    stop = await world.hold("stop", SELL, "0.04", trigger_price=world.last - 1)
    (algo,) = world.algos
    assert (await world.place(BTC, SELL, "0.03")).status is OrderStatus.FILLED
    await asyncio.sleep(3)
    left = world.system.ledger.balances["BTC"]
    assert D(0) <= left - D(algo.params["sz"]) < D("0.0001")
    await world.place(BTC, BUY, "0.005")
    await asyncio.sleep(3)
    assert D(algo.params["sz"]) > left, "it grows again with what comes back"
    assert world.algos == [algo]
    await world.system.stop()
    await world.move(SELL)
    assert D(world.venue.ledger()["cash"]["BTC"]) < D("0.0001")
    await world.restart()
    assert (world.parent(stop).status, world.child(stop).status) == (ParentStatus.COMPLETED, OrderStatus.FILLED)


async def test_while_the_exchange_is_away_a_change_is_not_tried_over_and_over(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 500)
    world.venue.reachable = False
    world.venue.cut_all()
    await world.system.parents.amend(stop, config={"trigger_price": world.last - 1})
    await asyncio.sleep(30)
    world.venue.reachable = True
    await world.until(lambda: world.algos[0].params["slTriggerPx"] == str(world.last - 1), 30)
    steps = queries.parent(world.system.database, "main", stop)
    assert steps is not None
    assert [row["kind"] for row in steps.steps].count("amend") <= 2


async def test_who_cancels_it_at_the_exchange_lays_it_aside(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    (algo,) = world.algos
    account = world.venue.exchange.accounts["main"]
    world.venue.exchange.algos.cancel(account, {"instId": BTC, "algoId": str(algo.algo_id)})
    world.venue.pump()
    await asyncio.sleep(2)
    assert world.parent(stop).status is ParentStatus.SUSPENDED
    assert world.parent(stop).reason.endswith("was canceled there by somebody else")
    await world.system.parents.resume(stop)
    await asyncio.sleep(2)
    assert len(world.algos) == 1


async def test_a_bracket_protects_at_the_exchange_what_has_filled_and_no_more(world: World) -> None:
    """The exits stand there from the first fill on and grow by an amendment; when they fire, the entry ends."""
    price = world.last - D("0.3")  # alone between bid and ask
    config = {"held": "exchange", "take_profit": price + 500, "stop_loss": price - 1, "timeout": 600}
    params = OrderParams(instrument_id=BTC, side=BUY, order_type=OrderType.LIMIT, size=D("0.02"), price=price)
    entry = await world.system.parents.start("bracket", config, params)
    await asyncio.sleep(2)
    sizes: list[list[str]] = [[str(algo.params["sz"]) for algo in world.algos]]
    for size in ("0.004", "0.006"):
        await world.move(SELL, size, seconds=5)
        sizes.append([str(algo.params["sz"]) for algo in world.algos])
    assert sizes == [[], ["0.004"], ["0.01"]]
    (exits,) = [each for each in world.system.parents.history() if each.parent.entry_id == entry.parent_id]
    await world.move(SELL, "12")
    assert world.parent(entry.parent_id).status.terminal
    ended = world.parent(exits.parent_id)
    assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, world.parent(entry.parent_id).filled_size)
    assert world.algos == []


async def test_a_trailing_stop_follows_there_while_we_are_down(world: World) -> None:
    trailing = await world.hold("trailing_stop", SELL, "0.01", distance=D("0.5"))
    (algo,) = world.algos
    assert (algo.kind, world.child(trailing).status) == ("move_order_stop", OrderStatus.LIVE)
    assert world.parent(trailing).waiting_for.startswith("at the exchange, for the market to come back by 0.5")
    await world.system.stop()
    placed_at = world.last
    await world.move(BUY, "12")
    assert D(algo.move_trigger) > placed_at, "it has followed"
    await world.move(SELL, "14")
    await world.restart()
    ended = world.parent(trailing)
    assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.01"))


async def test_a_trailing_stop_that_is_changed_follows_anew(world: World) -> None:
    """OKX amends none: it is taken back, and placed under another id."""
    trailing = await world.hold("trailing_stop", SELL, "0.01", distance=400)
    (first,) = world.algos
    await world.system.parents.amend(trailing, config={"distance": 300})
    await asyncio.sleep(5)
    (second,) = world.algos
    assert (first.state, second.params["callbackSpread"]) == ("canceled", "300")
    assert first.params["algoClOrdId"] != second.params["algoClOrdId"]
    await world.system.parents.amend(trailing, size=D("0.02"))
    await asyncio.sleep(5)
    assert [(algo.params["sz"], algo.params["callbackSpread"]) for algo in world.algos] == [("0.02", "300")]
    assert (await world.place(BTC, SELL, "0.04")).status is OrderStatus.FILLED
    await asyncio.sleep(5)
    assert [algo.params["sz"] for algo in world.algos] == ["0.02"], "nobody asked for it to follow anew"
    await world.system.parents.cancel(trailing)
    await asyncio.sleep(2)
    assert world.algos == []


@pytest.mark.parametrize("down", [False, True])
async def test_a_trailing_stop_that_follows_goes_on_following_when_it_is_changed(world: World, down: bool) -> None:
    """Its activation was reached, while we looked or not; what was reached is waited for no more."""
    start = world.last + 1
    trailing = await world.hold("trailing_stop", SELL, "0.01", distance=400, activate_at=start)
    (first,) = world.algos
    if down:
        await world.system.stop()
    await world.move(BUY, "6")
    assert first.move_trigger, "it follows"
    await world.move(SELL, "8")
    assert world.last < start
    if down:
        await world.restart()
        await asyncio.sleep(60)
    assert world.algos == [first], "that it follows takes nothing back"
    await world.system.parents.amend(trailing, config={"distance": 300})
    await asyncio.sleep(5)
    (second,) = world.algos
    assert (second.params["callbackSpread"], second.params.get("activePx")) == ("300", None)
    await world.system.parents.amend(trailing, config={"activate_at": start + 50})
    await asyncio.sleep(5)
    assert world.algos == [second], "it waits for no other activation either"


async def test_a_trailing_buy_is_worth_at_the_door_what_it_may_fire_at_now(world: World) -> None:
    """Of 0.02 at a quarter above the market; once it has traded nothing is kept for it."""
    entry = await world.hold("trailing_stop", BUY, "0.02", distance=world.last / 4 // 1, activate_at=world.last - 1)
    kept = world.system.ledger.exposure.hold("USDT")
    assert kept > D("0.02") * world.last * D("1.24")
    assert [algo.params["activePx"] for algo in world.algos] == [str(world.last - 1)]
    await world.system.executor.engage_kill_switch("test")
    await asyncio.sleep(2)
    assert (world.algos, world.parent(entry).status) == ([], ParentStatus.CANCELED)
    assert world.system.ledger.exposure.hold("USDT") == 0


async def test_an_order_without_an_answer_is_found_by_its_id_and_never_sent_again(world: World) -> None:
    world.venue.set_faults({"drop_reply": {"probability": 1.0, "times": 1}})
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await asyncio.sleep(20)
    assert len(world.algos) == 1
    assert world.child(stop).status is OrderStatus.LIVE
    sent = [target for method, target in world.venue.requests if method == "POST" and target.endswith("order-algo")]
    assert len(sent) == 1


async def test_an_order_of_a_conditional_type_may_say_so(world: World) -> None:
    executor, last = world.system.executor, world.last
    body = {"instrument_id": BTC, "side": SELL, "size": "0.01", "held": "exchange"}
    params = OrderParams(**body, order_type="stop_limit", price=last - 300, trigger_price=last - 200)
    stop = await executor.place_order(params, idempotency_key="one")
    assert (await executor.place_order(params, idempotency_key="one")).order_id == stop.order_id
    oco = await executor.place_order(
        OrderParams(**body, order_type="oco", take_profit=last + 200, stop_loss=last - 200)
    )
    entry = OrderParams(**body | {"side": BUY}, order_type="limit", price=last - 100, stop_loss=last - 400)
    bracket = await executor.place_order(entry)
    await asyncio.sleep(2)
    assert [algo.params.get("slOrdPx") for algo in world.algos] == [str(last - 300), "-1"]
    shown = executor.held_order(stop.order_id)
    assert shown is not None
    assert (shown.status, shown.exchange_order_id) == (OrderStatus.LIVE, None)
    assert shown.error_message == f"at the exchange, for trigger_price {last - 200}"
    (exits,) = [each.parent for each in world.system.parents.history() if each.parent.entry_id == bracket.order_id]
    assert '"held":"exchange"' in exits.config
    await executor.modify_order(stop.order_id, new_trigger_price=last - 250)
    await executor.cancel_order(oco.order_id)
    await asyncio.sleep(2)
    assert [algo.params["slTriggerPx"] for algo in world.algos] == [str(last - 250)]


async def test_what_cannot_be_held_there_is_refused_with_the_rule(world: World) -> None:
    with pytest.raises(ParentRefused, match="must be last, mark or index: an exchange watches no book"):
        await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1, trigger_by="book")
    with pytest.raises(ParentRefused, match="tick"):
        await world.hold("stop", SELL, "0.01", trigger_price=world.last - D("1.01"))
    with pytest.raises(ParentRefused, match=r"activate_at=.*tick"):
        await world.hold("trailing_stop", SELL, "0.01", distance=10, activate_at=world.last + D("1.01"))
