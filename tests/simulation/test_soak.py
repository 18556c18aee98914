"""A few minutes of `make soak`: the whole system on the simulated exchange, under every fault mixed, ends without a
difference; and the comparison would have seen one. SOAK_SEED=n takes another seed."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.simulation import soak
from tests.support.simulated_okx import SimulatedVenue

SEED = int(os.environ.get("SOAK_SEED", "7"))


def test_minutes_of_mixed_faults_end_without_a_difference() -> None:
    report = soak.soak("mixed", SEED, 300)
    soak.show(report)
    assert (report.differences, report.findings) == ([], [])
    assert report.did["orders at the exchange"] > 50
    assert report.did["fills"] > 20
    assert report.did["funding payments"]
    assert report.did["killed"] + report.did["stopped"]
    assert len([name for name, fired in report.fired.items() if fired]) > 12


def test_the_same_seed_is_the_same_run() -> None:
    first, second = (soak.soak("chaos", SEED, 60) for _ in range(2))
    assert (first.did, first.fired) == (second.did, second.fired)


TAMPERED = {
    "order": lambda truth: truth["orders"].pop(),
    "fill": lambda truth: truth["fills"].pop(),
    "fee": lambda truth: truth["fills"][-1].update(fee="-123"),
    "balance": lambda truth: truth["cash"].update(BTC="1.5"),
    "bill": lambda truth: truth["bills"].append({**truth["bills"][-1], "billId": "5", "tradeId": ""}),
    "position": lambda truth: truth["positions"].append({"instId": "BTC-USD-SWAP", "pos": "1"}),
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
