"""What the account is worth: balances at the market, swaps at their mark, and what has no price named."""

from __future__ import annotations

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import rounded
from app.domain.routes import PriceKind, Value
from app.services.trading.holdings import valuation
from app.services.trading.holdings.prices import Prices
from app.services.trading.schemas import CurrencyBalance
from tests.unit.risk.world import BTC, ETH, INVERSE, LINEAR, SECOND, D, World

BTC_USDC = Instrument("BTC-USDC", InstrumentKind.SPOT, "BTC", "USDC", "USDC", D("0.1"), D("0.00000001"), D("0.00001"))
EUR_USDC = Instrument("EUR-USDC", InstrumentKind.SPOT, "EUR", "USDC", "USDC", D("0.0001"), D("0.01"), D(1))


def worth(world: World) -> valuation.Valuation:
    return valuation.equity(world.ledger, world.risk.prices)


def test_balances_at_the_mid() -> None:
    found = worth(World())
    assert (found.equity, found.compared, found.unvalued, found.closed) == (D(150_000), D(150_000), (), {})
    assert found.values["BTC"] == Value(D(50_000), PriceKind.FRESH, ("BTC-USDT",))


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
    found = worth(world)
    assert (found.equity, found.unvalued, found.stale, found.swaps) == (D(100_000), (), (), ())


def test_the_last_price_seen_serves_for_a_while_when_the_book_does_not() -> None:
    world = World()
    worth(world)
    world.market.on_stream_down()
    assert (worth(world).equity, worth(world).stale) == (D(150_000), ("BTC",))
    world.clock.ns += 60 * SECOND
    world.last_trade(BTC, "49000")
    assert worth(world).equity == D(149_000)
    world.clock.ns += 901 * SECOND
    found = worth(world)
    assert (found.equity, found.compared, found.unvalued) == (D(100_000), D(149_000), ("BTC",))


def test_what_the_exchange_says_goes_before_an_older_trade() -> None:
    world = World()
    world.last_trade(BTC, "49000")
    world.market.on_stream_down()
    world.risk.prices.hear("BTC-USDT", D(49_500))
    assert worth(world).values["BTC"] == Value(D(49_500), PriceKind.FRESH, ("BTC-USDT",))


def test_what_has_no_price_is_named() -> None:
    world = World()
    world.ledger.balances |= {"ETH": D(3), "DOGE": D(5), "USDC": D(7)}
    found = worth(world)
    assert (found.equity, found.unvalued, found.closed) == (D(150_007), ("ETH", "DOGE"), {})
    assert found.values["USDC"].kind is PriceKind.PAR
    world.quote(ETH, "2500")
    assert worth(world).equity == D(157_507)
    world.ledger.balances["DOGE"] = D(-5)
    assert worth(world).closed == {"DOGE": "DOGE is owed and has no price in USDT"}


def test_a_debt_counts_at_its_last_price_however_old() -> None:
    world = World()
    world.ledger.balances["BTC"] = D(-1)
    assert worth(world).equity == D(50_000)
    world.market.on_stream_down()
    world.clock.ns += 86_400 * SECOND
    found = worth(world)
    assert (found.equity, found.stale, found.unvalued, found.closed) == (D(50_000), ("BTC",), (), {})


def test_a_swap_without_any_mark_is_named_and_closed() -> None:
    world = World()
    world.market.on_stream_down()
    world.quote(BTC, "50000")
    world.hold(LINEAR, "1")
    found = worth(world)
    assert (found.unvalued, set(found.closed)) == (("BTC-USDT-SWAP",), {"BTC-USDT-SWAP"})
    world.risk.prices.hear("BTC-USDT-SWAP", D(51_000))
    assert (worth(world).equity, worth(world).unvalued) == (D(150_010), ())


def test_an_account_without_usdt_in_its_own_currency() -> None:
    world = World()
    world.ledger.instruments = {item.instrument_id: item for item in (BTC_USDC, EUR_USDC)}
    world.ledger.balances = {"USDC": D(10_000), "EUR": D(100), "BTC": D("0.1")}
    world.quote(BTC_USDC, "50000")
    world.quote(EUR_USDC, "1.1", spread="0.0002")
    prices = Prices(world.ledger, world.market, "USDC")
    assert valuation.equity(world.ledger, prices).equity == D(10_000) + D(110) + D(5_000)
    prices = Prices(world.ledger, world.market, "EUR")
    found = valuation.equity(world.ledger, prices)
    assert found.values["BTC"].route == ("BTC-USDC", "EUR-USDC")
    assert rounded(found.equity, 2) == D("13736.36")


def test_the_account() -> None:
    world = World()
    world.place(world.approve(size="0.1"))
    account = world.risk.account()
    assert (account.id, account.equity, account.day_start_equity) == ("a", D(150_000), D(150_000))
    assert (account.balances["USDT"].total, account.balances["USDT"].available) == (D(100_000), D(95_000))
    assert account.balances["BTC"] == CurrencyBalance(
        currency="BTC",
        total=D(1),
        available=D(1),
        price=D(50_000),
        value=D(50_000),
        price_kind="fresh",
        price_route=("BTC-USDT",),
        price_age_seconds=0.0,
    )
    assert account == valuation.account_of(world.ledger, world.risk.prices)
    world.ledger.equity_of_day = None
    assert world.risk.account().day_start_equity == account.equity
