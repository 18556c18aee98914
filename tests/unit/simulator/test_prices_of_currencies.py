"""What a currency is worth, and which market is meant, is told by the instruments, never by how a name is spelt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from app.simulator.doors.views.account import usd_price
from app.simulator.feed import feeds
from app.simulator.market.instruments import DEFAULT_INSTRUMENTS, DOLLARS, Instrument
from app.simulator.market.markets import Market, spot_market
from app.simulator.market.matching import Book

D = Decimal
LISTED = {inst.inst_id: inst for inst in DEFAULT_INSTRUMENTS}
SPOT, SWAP, INVERSE = LISTED["BTC-USDT"], LISTED["BTC-USDT-SWAP"], LISTED["BTC-USD-SWAP"]


def renamed(inst: Instrument, name: str, **changes: str) -> Instrument:
    return replace(inst, inst_id=name, **changes)


def markets(*instruments: tuple[Instrument, int]) -> dict[str, Market]:
    return {inst.inst_id: Market(inst, Book(), ticks) for inst, ticks in instruments}


def test_a_currency_is_priced_by_a_market_whatever_it_is_called() -> None:
    odd = markets((renamed(SPOT, "XBT/T"), 500_000), (renamed(SPOT, "BTC-USDC", base="WBTC"), 400_000))
    assert [usd_price(ccy, odd) for ccy in ("BTC", "WBTC", "ETH", *DOLLARS)] == [D(50_000), D(40_000), 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("quotes", "found"),
    [(("EUR", *DOLLARS), "b"), (DOLLARS, "a"), (("USDC",), "c"), (("JPY",), None)],
    ids=["its own quote first", "the first dollar that is listed", "no other", "none"],
)
def test_the_market_of_a_currency_is_the_first_of_the_quotes_asked_for(
    quotes: Sequence[str], found: str | None
) -> None:
    listed = markets(
        (renamed(SPOT, "c", quote="USDC"), 1),
        (renamed(SPOT, "b", quote="EUR"), 1),
        (renamed(SPOT, "a"), 1),
        (renamed(SWAP, "BTC-JPY", quote="JPY"), 1),
    )
    market = spot_market(listed, "BTC", quotes)
    assert (market.inst.inst_id if market else None) == found


def test_a_recording_belongs_to_what_its_symbol_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"a": ("BTCUSDT", True), "b": ("BTCEUR", False), "c": ("BTCUSDT", False)}
    none = {"d": ("DOGEUSDT", False), "e": ("BTCUSD", True)}
    monkeypatch.setattr(feeds, "symbol_of", (said | none).__getitem__)
    listed = {each.inst_id: each for each in (INVERSE, renamed(SWAP, "perp"), renamed(SPOT, "eur", quote="EUR"), SPOT)}
    assert feeds.group_recordings(tuple(said), listed) == {"perp": ["a"], "eur": ["b"], "BTC-USDT": ["c"]}
    for path, rule in (("d", "DOGEUSDT is no spot pair"), ("e", "BTCUSD is no swap")):
        with pytest.raises(ValueError, match=f"recording {path}: {rule} that the simulator lists"):
            feeds.group_recordings((path,), listed)
