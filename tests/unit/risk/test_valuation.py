"""What the account is worth: balances at the market, swaps at their mark, and what has no price named."""

from __future__ import annotations

from app.services.trading import valuation
from tests.unit.risk.world import BTC, ETH, INVERSE, LINEAR, D, World


def worth(world: World) -> valuation.Valuation:
    return valuation.equity(world.ledger, world.market, world.risk.marks)


def test_balances_at_the_mid() -> None:
    found = worth(World())
    assert (found.equity, found.unvalued, found.certain, found.swaps) == (D(150_000), (), True, ())


def test_swaps_add_what_they_have_gained() -> None:
    world = World()
    world.hold(LINEAR, "-100", "51000")
    world.hold(INVERSE, "500", "40000")
    found = worth(world)
    # 1,000 USDT; 1.25 BTC in, 1 BTC out: 0.25 BTC.
    assert found.equity == D(150_000) + D(1_000) + D("0.25") * 50_000
    assert {swap.instrument.instrument_id: swap.unrealised for swap in found.swaps} == {
        "BTC-USDT-SWAP": D(1_000),
        "BTC-USD-SWAP": D("0.25"),
    }


def test_a_flat_swap_and_an_empty_balance_need_no_price() -> None:
    world = World()
    world.hold(LINEAR, "0")
    world.ledger.balances["DOGE"] = D(0)
    world.market.on_stream_down()
    world.ledger.balances["BTC"] = D(0)
    assert worth(world) == valuation.Valuation(D(100_000), (), True, ())


def test_the_last_price_seen_serves_when_the_book_does_not() -> None:
    world = World()
    worth(world)
    world.market.on_stream_down()
    assert worth(world).equity == D(150_000)
    world.last_trade(BTC, "49000")
    assert worth(world).equity == D(149_000)
    without = valuation.equity(world.ledger, world.market)
    assert without.equity == D(149_000)


def test_what_has_no_price_is_named() -> None:
    world = World()
    world.ledger.balances |= {"ETH": D(3), "USDC": D(5)}
    found = worth(world)
    assert (found.equity, found.unvalued, found.certain) == (D(150_000), ("ETH", "USDC"), True)
    world.quote(ETH, "2500")
    assert worth(world).equity == D(157_500)
    world.ledger.balances["USDC"] = D(-5)
    assert worth(world).certain is False


def test_a_swap_without_a_mark_makes_equity_uncertain() -> None:
    world = World()
    world.market.on_stream_down()
    world.quote(BTC, "50000")
    world.hold(LINEAR, "1")
    found = worth(world)
    assert (found.unvalued, found.certain) == (("BTC-USDT-SWAP",), False)


def test_the_account() -> None:
    world = World()
    world.place(world.approve(size="0.1"))
    account = world.risk.account()
    assert (account.id, account.equity, account.day_start_equity) == ("a", D(150_000), D(150_000))
    assert (account.balances["USDT"].total, account.balances["USDT"].available) == (D(100_000), D(95_000))
    assert account == valuation.account_of(world.ledger, world.market)
    world.ledger.equity_of_day = None
    assert world.risk.account().day_start_equity == account.equity
