"""Fees in a third currency are in a position's net profit, at their present price; or it says that they are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.domain.positions import PositionFold
from app.services.trading.position_manager import PositionManager
from tests.unit.risk.world import BTC, ETH, LINEAR, D, World


def position(world: World) -> Any:
    manager = PositionManager(world.ledger, None, world.market, world.risk.prices)  # type: ignore[arg-type]
    return manager.get_position(LINEAR.instrument_id)


def paid(world: World, **fees: str) -> None:
    """100 contracts bought at 50,000, with these fees beside the price."""
    world.hold(LINEAR, "100")
    (key, fold), *_ = [(key, fold) for key, fold in world.ledger.folds.items() if fold.position.size]
    held = replace(fold.position, fees={currency: D(amount) for currency, amount in fees.items()})
    world.ledger.folds[key] = PositionFold(held, held)


def test_a_fee_in_a_third_currency_is_in_the_net_profit() -> None:
    world = World()
    world.quote(BTC, "50000")
    world.quote(ETH, "2500")
    paid(world, ETH="0.02")
    found = position(world)
    assert (found.unrealised_pnl, found.fee_value, found.net_pnl, found.fees_unvalued) == (D(0), D(50), D(-50), ())


def test_a_fee_without_a_price_is_named_as_not_in_it() -> None:
    world = World()
    paid(world, OKB="3")
    found = position(world)
    assert (found.fee_value, found.net_pnl, found.fees_unvalued) == (D(0), D(0), ("OKB",))
