"""Which side and mode a signal means, on accounts in net and in long/short mode."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.domain.orders import PositionKey, PositionSide, TradeMode
from app.domain.refusals import InvalidValue
from app.services.trading.holdings.signal_orders import signal_orders
from app.strategies.signals import Signal, SignalType
from tests.unit.risk.world import LINEAR, World

D = Decimal
SWAP = LINEAR.instrument_id
Moves = list[tuple[str, str, str, Decimal, bool]]


def hold(world: World, **sizes: str) -> None:
    """long_cross="2", net_isolated="-1" and so on."""
    for name, size in sizes.items():
        side, mode = name.split("_")
        world.hold(LINEAR, size, side=side, mode=mode)


def moves(world: World, kind: str, strategy: str | None = None, **given: Any) -> Moves:
    size = None if kind == "close" else D(1)
    signal = Signal(SignalType(kind), **{"instrument_id": SWAP, "size": size, **given})
    found = signal_orders(world.ledger, signal, strategy)
    return [(p.side.value, p.position_side.value, p.trade_mode.value, p.size, p.reduce_only) for p in found]


def hedged(**sizes: str) -> World:
    world = World()
    world.ledger.hedged = True
    hold(world, **sizes)
    return world


def net(**sizes: str) -> World:
    world = World()
    hold(world, **sizes)
    return world


@pytest.mark.parametrize(
    ("world", "kind", "given", "expected"),
    [
        (net(), "buy", {}, [("buy", "net", "cross", D(1), False)]),
        (net(), "sell", {}, [("sell", "net", "cross", D(1), False)]),
        (net(), "buy", {"trade_mode": "isolated"}, [("buy", "net", "isolated", D(1), False)]),
        (net(net_isolated="3"), "sell", {}, [("sell", "net", "isolated", D(1), False)]),
        (net(net_isolated="3", net_cross="1"), "sell", {}, [("sell", "net", "cross", D(1), False)]),
        (net(net_isolated="-3"), "close", {}, [("buy", "net", "isolated", D(3), True)]),
        (
            net(net_isolated="3", net_cross="-1"),
            "close",
            {},
            [("sell", "net", "isolated", D(3), True), ("buy", "net", "cross", D(1), True)],
        ),
        (
            net(net_isolated="3", net_cross="-1"),
            "close",
            {"trade_mode": "cross"},
            [("buy", "net", "cross", D(1), True)],
        ),
        (hedged(), "buy", {}, [("buy", "long", "cross", D(1), False)]),
        (hedged(), "sell", {}, [("sell", "short", "cross", D(1), False)]),
        (hedged(long_cross="2"), "sell", {"position_side": "long"}, [("sell", "long", "cross", D(1), False)]),
        (hedged(long_isolated="2"), "buy", {}, [("buy", "long", "isolated", D(1), False)]),
        (hedged(long_isolated="2"), "sell", {}, [("sell", "short", "cross", D(1), False)]),
        (
            hedged(long_cross="2", short_isolated="-5"),
            "close",
            {},
            [("buy", "short", "isolated", D(5), False), ("sell", "long", "cross", D(2), False)],
        ),
        (
            hedged(long_cross="2", short_isolated="-5"),
            "close",
            {"position_side": "short", "size": "1"},
            [("buy", "short", "isolated", D(1), False)],
        ),
    ],
)
def test_a_signal_moves(world: World, kind: str, given: dict[str, Any], expected: Moves) -> None:
    assert moves(world, kind, **given) == expected


def test_close_of_a_strategy_takes_the_sides_that_it_holds() -> None:
    world = hedged(long_cross="2", short_cross="-5", long_isolated="4")
    sizes = world.ledger.strategy_sizes
    sizes["s", PositionKey(SWAP, PositionSide.SHORT, TradeMode.CROSS)] = D(-3)
    sizes["s", PositionKey(SWAP, PositionSide.LONG, TradeMode.ISOLATED)] = D(1)
    assert moves(world, "close", "s") == [
        ("buy", "short", "cross", D(3), False),
        ("sell", "long", "isolated", D(1), False),
    ]
    assert moves(world, "close", "s", position_side="long") == [("sell", "long", "isolated", D(1), False)]
    with pytest.raises(InvalidValue, match="too little"):
        moves(world, "close", "another")


@pytest.mark.parametrize(
    ("world", "kind", "given", "error"),
    [
        (net(), "buy", {"position_side": "long"}, "position_side=long: must be net"),
        (hedged(), "buy", {"position_side": "net"}, "position_side=net: must be long or short"),
        (net(), "buy", {"trade_mode": "cash"}, "trade_mode=cash: must be cross or isolated"),
        (net(), "buy", {"instrument_id": "BTC-USDT", "position_side": "long"}, "position_side=long: is not for a spot"),
        (net(), "buy", {"instrument_id": "BTC-USDT", "trade_mode": "cross"}, "trade_mode=cross: is not for a spot"),
        (net(), "buy", {"position_side": "both"}, "must be one of net, long, short"),
        (net(), "buy", {"trade_mode": "margin"}, "must be one of cash, cross, isolated"),
        (net(), "close", {}, "no position in BTC-USDT-SWAP to close"),
        (hedged(long_cross="1"), "close", {"position_side": "short"}, "no position in BTC-USDT-SWAP to close"),
        (
            hedged(long_cross="2", short_cross="-3"),
            "close",
            {"size": "1"},
            "BTC-USDT-SWAP/short/cross and BTC-USDT-SWAP/long/cross are held; name position_side",
        ),
    ],
)
def test_a_side_or_mode_that_cannot_be_meant_is_named(
    world: World, kind: str, given: dict[str, Any], error: str
) -> None:
    with pytest.raises(InvalidValue) as raised:
        moves(world, kind, **given)
    assert error in str(raised.value)


def test_a_spot_signal_in_long_short_mode_is_for_cash() -> None:
    assert moves(hedged(), "buy", instrument_id="BTC-USDT") == [("buy", "net", "cash", D(1), False)]


@pytest.mark.parametrize(
    ("hedged_account", "side", "rule"),
    [(True, "net", "must be long or short"), (False, "long", "must be net")],
)
def test_an_order_with_a_side_that_the_account_does_not_keep_is_denied(
    hedged_account: bool, side: str, rule: str
) -> None:
    world = World()
    world.ledger.hedged = hedged_account
    decision = world.approve(LINEAR, position_side=side)
    assert [(r.field, rule in r.rule) for r in decision.result.reasons if r.check == "trade_mode"] == [
        ("position_side", True)
    ]
