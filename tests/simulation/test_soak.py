"""A few minutes of `make soak`: the whole system on the simulated exchange, under every fault mixed and in odd worlds,
ends without a difference; and the comparison would have seen one.

SOAK_SEED=n takes another seed, WORLDS=n so many odd worlds (`make soak ARGS="mixed none --worlds 50"` for long ones).
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from app.domain.orders import TradeMode
from tests.simulation import soak
from tests.simulation.odd_worlds import ACCOUNTS, ANSWERS, Traits, drawn
from tests.simulation.sample_parents import without_a_sample
from tests.simulation.soak_clients import never_began
from tests.support.simulated_okx import SimulatedVenue

SEED = int(os.environ.get("SOAK_SEED", "7"))


WORLDS = int(os.environ.get("WORLDS", "4"))
EVERYTHING_AT_ONCE = Traits(
    account="USDT",
    hedged=True,
    modes=(TradeMode.CROSS, TradeMode.ISOLATED),
    flows=True,
    answer_seconds=(0.02, 0.2),
    clock_steps=True,
    busy=60,
    pauses=True,
)


def test_minutes_of_mixed_faults_end_without_a_difference() -> None:
    report = soak.soak("mixed", SEED, 300, traits=EVERYTHING_AT_ONCE)
    soak.show(report)
    assert (report.differences, report.findings) == ([], [])
    assert report.did["orders at the exchange"] > 50
    assert report.did["fills"] > 20
    assert report.did["funding payments"]
    assert report.did["killed"] + report.did["stopped"]
    assert len([name for name, fired in report.fired.items() if fired]) > 12
    assert never_began(report.did) == []


def test_every_registered_strategy_has_a_sample_to_be_soaked_with() -> None:
    assert without_a_sample() == set()


@pytest.mark.parametrize("seed", range(SEED, SEED + WORLDS))
@pytest.mark.timeout(600)
def test_a_world_that_its_seed_draws_ends_without_a_difference(seed: int) -> None:
    report = soak.soak("mixed" if seed % 2 else "none", seed, 100)
    soak.show(report)
    assert (report.differences, report.findings) == ([], [])
    assert report.did["orders at the exchange"]


def test_seeds_draw_every_kind_of_world() -> None:
    worlds = [drawn(random.Random(f"world:{seed}")) for seed in range(60)]
    assert {world.account for world in worlds} == set(ACCOUNTS)
    assert {len(world.modes) for world in worlds} == {1, 2}
    for trait in ("hedged", "flows", "clock_steps", "pauses"):
        assert {getattr(world, trait) for world in worlds} == {False, True}
    assert {bool(world.busy) for world in worlds} == {False, True}
    assert {world.answer_seconds for world in worlds} == set(ANSWERS)
    assert {world.level for world in worlds} == {"2", "3", "4"}
    assert len({str(world) for world in worlds}) > 40, "a line tells worlds apart"


def test_the_same_seed_is_the_same_run() -> None:
    first, second = (soak.soak("chaos", SEED, 60) for _ in range(2))
    assert (first.did, first.fired) == (second.did, second.fired)


FOREIGN_POSITION = {
    "instId": "BTC-USD-SWAP",
    "posSide": "net",
    "mgnMode": "cross",
    "pos": "1",
    "ccy": "BTC",
    "upl": "0",
    "notionalUsd": "100",
}
TAMPERED = {
    "order": lambda truth: truth["orders"].pop(),
    "fill": lambda truth: truth["fills"].pop(),
    "fee": lambda truth: truth["fills"][-1].update(fee="-123"),
    "balance": lambda truth: truth["cash"].update(BTC="1.5"),
    "bill": lambda truth: truth["bills"].append({**truth["bills"][-1], "billId": "5", "tradeId": ""}),
    "position": lambda truth: truth["positions"].append(FOREIGN_POSITION),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_difference_is_found_and_makes_the_exit_code(
    what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    honest = SimulatedVenue.ledger

    def tampered(venue: SimulatedVenue, account: str = "main") -> dict[str, Any]:
        truth = honest(venue, account)
        TAMPERED[what](truth)
        return truth

    monkeypatch.setattr(SimulatedVenue, "ledger", tampered)
    assert soak.main(["none", "--seed", "3", "--minutes", "0.5"]) == 1
    printed = capsys.readouterr().out
    assert f"  {'fees' if what == 'fee' else what}" in printed
    assert "replay: python -m tests.simulation.soak none --seed 3 --minutes 0.5" in printed
