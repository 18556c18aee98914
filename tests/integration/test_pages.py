"""Orders and trades are asked for alike: dates, limits, cursors, words and errors; and a word is one everywhere.

The routes are held to it in test_api_bad_input.py, the commands in test_cli.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.clock import utc
from app.domain.orders import OrderSide, OrderStatus, PositionSide, TradeMode
from app.domain.refusals import InvalidValue
from tests.support.trading_world import BTC, SWAP, TradingWorld, VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

Ask = Callable[..., Any]
PAGES = {
    "orders": lambda world: world.orders.get_order_history,
    "trades": lambda world: world.recorder.list_trades,
    "tax lots": lambda world: world.recorder.tax_lots,
}
every_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path) as made:
        yield made


def refused(ask: Ask, *args: object, **query: object) -> str:
    with pytest.raises(InvalidValue) as caught:
        ask(*args, **query)
    return str(caught.value)


@every_page
async def test_pages_of_every_kind_refuse_alike(world: TradingWorld, page: Callable[[TradingWorld], Ask]) -> None:
    ask, now = page(world), utc(world.clock.now_ns())
    naive: Any = datetime(2026, 1, 31)  # noqa: DTZ001 - what is refused
    assert [refused(ask, limit=limit) for limit in (0, 501, True, "10")] == [
        f"limit={limit}: must be 1 to 500" for limit in (0, 501, True, "10")
    ]
    for cursor in ("", "nonsense", "é", 7):
        said = f"cursor={cursor}: is not one that a page of this list gave out; give its next_cursor"
        assert refused(ask, cursor=cursor) == said
    for date in ("start_date", "end_date"):
        rule = "must have a time zone, for example 2026-01-31T00:00:00Z"
        assert refused(ask, **{date: naive}) == f"{date}=2026-01-31T00:00:00: {rule}"
        assert refused(ask, **{date: "2026-01-31"}) == f"{date}=2026-01-31: must be a datetime with a time zone"
    assert refused(ask, start_date=now, end_date=now) == f"end_date={now}: must be after start_date {now}"


async def test_orders_and_trades_are_filtered_alike(world: TradingWorld) -> None:
    bought = await world.buy(strategy_id="one")
    between = utc(world.clock.now_ns())
    await world.clock.sleep(1)
    sold = await world.trade(OrderSide.SELL, "0.1")

    def found(**query: Any) -> tuple[list[str], list[str]]:
        return (
            [order.order_id for order in world.orders.get_order_history(**query).orders],
            [trade.order_id for trade in world.recorder.list_trades(**query).trades],
        )

    def both(*orders: Any) -> tuple[list[str], list[str]]:
        ids: list[str] = [order.order_id for order in orders]
        return ids, ids

    later = between + timedelta(milliseconds=500)
    assert found() == both(sold, bought)
    assert found(side="buy") == found(side=OrderSide.BUY) == found(side="BUY") == both(bought)
    assert found(side="sell", start_date=later) == both(sold)
    assert found(end_date=later) == found(strategy_id="one") == both(bought)
    assert found(instrument_id=SWAP) == both()
    first = [world.orders.get_order_history(limit=1), world.recorder.list_trades(limit=1)]
    last = [
        world.orders.get_order_history(limit=1, cursor=first[0].next_cursor),
        world.recorder.list_trades(limit=1, cursor=first[1].next_cursor),
    ]
    assert [page.next_cursor is None for page in (*first, *last)] == [False, False, True, True]
    assert (last[0].orders[0].order_id, last[1].trades[0].order_id) == (bought.order_id, bought.order_id)


WORDS: dict[str, tuple[Callable[[TradingWorld, Any], Any], str, object, str]] = {
    "order status": (lambda w, word: w.orders.get_order_history(status=word), "filled", OrderStatus.FILLED, "status"),
    "one of the statuses": (
        lambda w, word: w.orders.get_order_history(status=["live", word]), "filled", OrderStatus.FILLED, "status",
    ),
    "side of orders": (lambda w, word: w.orders.get_order_history(side=word), "buy", OrderSide.BUY, "side"),
    "side of trades": (lambda w, word: w.recorder.list_trades(side=word), "buy", OrderSide.BUY, "side"),
    "position side": (lambda w, word: w.positions.get_position(BTC, word), "net", PositionSide.NET, "position_side"),
    "trade mode": (lambda w, word: w.positions.get_position(BTC, None, word), "cash", TradeMode.CASH, "trade_mode"),
    "price": (
        lambda w, word: w.system.risk.validate_price_reasonability(BTC, word, "49000"), "buy", OrderSide.BUY, "side",
    ),
    "largest order": (lambda w, word: w.system.risk.largest_order(BTC, word), "buy", OrderSide.BUY, "side"),
    "bounds of orders": (lambda w, word: w.system.risk.order_bounds(BTC, word), "sell", OrderSide.SELL, "side"),
    "leverage": (
        lambda w, word: w.system.leverages.check(SWAP, word), "cross", TradeMode.CROSS, "trade_mode",
    ),
    "side of a leverage": (
        lambda w, word: w.system.leverages.check(SWAP, "isolated", word), "net", PositionSide.NET, "position_side",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("ask", "word", "member", "field"), WORDS.values(), ids=WORDS)
async def test_a_word_is_as_good_as_its_member_and_a_wrong_one_is_named(
    world: TradingWorld, ask: Callable[[TradingWorld, Any], Any], word: str, member: object, field: str
) -> None:
    await world.buy()
    assert ask(world, word) == ask(world, word.upper()) == ask(world, member)
    message = refused(ask, world, "bogus")
    assert message.startswith(f"{field}=bogus: must be ")
    assert word in message, "what is known is named"
