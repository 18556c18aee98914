"""venue-check on the simulator's core, in virtual time: every card runs, and leaves nothing behind."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from app.clock import SimulatedClock
from app.exchanges.errors import ExchangeRefused
from app.exchanges.okx.acceptance.desk import Verdict
from app.exchanges.okx.venue_check import CARDS, CardResult, check
from app.simulator import Config
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.systems import in_virtual_time


def results(
    config: Config | None = None, *, faults: dict[str, Any] | None = None, **options: Any
) -> tuple[list[CardResult], dict[str, Any]]:
    """What the cards say, and the venue's ledger afterwards."""

    async def run() -> tuple[list[CardResult], dict[str, Any]]:
        clock = SimulatedClock()
        venue = SimulatedVenue(clock, config)
        if faults:
            venue.set_faults(faults)
        found = [each async for each in check(okx_config(), clock, transport=venue.transport(), **options)]
        return found, venue.ledger()

    return in_virtual_time(run())


def test_every_card_comes_out_as_assumed_on_the_simulator_and_the_desk_is_left_tidy() -> None:
    found, ledger = results()
    assert [each.number for each in found] == list(range(1, len(CARDS) + 1))
    assert [each for each in found if each.verdict is not Verdict.AS_ASSUMED] == []
    assert [row for row in ledger["orders"] if row["state"] in ("live", "partially_filled")] == []
    assert [row for row in ledger.get("positions", []) if Decimal(row["pos"])] == []
    assert [number for number, card in enumerate(CARDS, 1) if card.number != number] == []


def test_orders_are_of_the_minimum_size() -> None:
    _, ledger = results()
    sizes = {(row["instId"], Decimal(row["sz"])) for row in ledger["orders"] if row["side"] == "buy"}
    assert sizes == {("BTC-USDT", Decimal("0.00001")), ("BTC-USDT-SWAP", Decimal("0.01"))}


def test_a_venue_that_does_otherwise_is_told() -> None:
    trims = Config(accounts=(MAIN,), flow_rate=0.0, reduce_only_trims=True)
    number = next(card.number for card in CARDS if card.title == "reduce-only beyond the position")
    (found,), _ = results(trims, numbers=[number])
    assert (found.verdict, found.number) == (Verdict.DIFFERS, number)
    assert "0.01 of 0.02 filled" in found.observed


def test_an_account_without_contracts_or_money_cannot_tell() -> None:
    poor = dataclasses.replace(MAIN, account_mode="1", balances={"USDT": Decimal("0.01")})
    found, _ = results(Config(accounts=(poor,), flow_rate=0.0))
    assert [each for each in found if each.verdict is Verdict.DIFFERS] == []
    unable = {each.title for each in found if each.verdict is Verdict.COULD_NOT_TELL}
    assert {"isolated margin for contracts", "fill after filled", "cancel-all-after fires"} <= unable


def test_an_instrument_that_is_not_listed_is_refused() -> None:
    with pytest.raises(ExchangeRefused, match="instrument NO-SUCH is not listed"):
        results(spot="NO-SUCH")
