"""The mode of a position that was written before modes told positions apart, by whoever says it."""

from __future__ import annotations

import pytest

from app.domain.orders import PositionSide, TradeMode
from app.domain.positions import read_label
from app.services.trading.running.position_modes import mode_of
from tests.unit.risk.world import LINEAR, World

CASH, CROSS, ISOLATED = TradeMode.CASH, TradeMode.CROSS, TradeMode.ISOLATED
Modes = set[TradeMode]


@pytest.mark.parametrize(
    ("instrument_id", "shown", "ordered", "expected"),
    [
        ("BTC-USDT", set(), set(), CASH),
        (LINEAR.instrument_id, {ISOLATED}, {CROSS}, ISOLATED),
        (LINEAR.instrument_id, set(), {ISOLATED}, ISOLATED),
        (LINEAR.instrument_id, {CROSS, ISOLATED}, {ISOLATED}, ISOLATED),
        (LINEAR.instrument_id, {CROSS, ISOLATED}, {CROSS, ISOLATED}, None),
        (LINEAR.instrument_id, set(), set(), None),
        ("GONE-USDT", set(), set(), CASH),
        ("GONE-USDT-SWAP", set(), {CROSS}, CROSS),
    ],
)
def test_the_exchange_says_it_then_our_orders_then_nobody(
    instrument_id: str, shown: Modes, ordered: Modes, expected: TradeMode | None
) -> None:
    key = (instrument_id, PositionSide.NET)
    named, evidence = mode_of(World().ledger, key, {key: shown} if shown else {}, {key: ordered} if ordered else {})
    assert named is expected
    assert evidence


def test_labels_of_before_are_still_read() -> None:
    assert read_label("BTC-USDT-SWAP/long") == ("BTC-USDT-SWAP", "long", None)
    assert read_label("BTC-USDT-SWAP/long/isolated") == ("BTC-USDT-SWAP", "long", "isolated")
