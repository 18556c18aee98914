"""Algo orders of OKX as orders of the port."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.conditions import Condition, Trail
from app.domain.orders import TRIGGER_FAILED, OrderSide, Source, VenueState
from app.exchanges.okx.beyond.algo_orders import AlgoKind, AlgoReport, AlgoState, Trigger
from app.exchanges.okx.beyond.conditionals import as_order_report

STOP = AlgoReport(
    "9", "exa1", "BTC-USDT", AlgoKind.CONDITIONAL, AlgoState.LIVE, OrderSide.SELL, Decimal(1),
    stop_loss=Trigger(Decimal(48000)),
)  # fmt: skip


@pytest.mark.parametrize("state", [AlgoState.EFFECTIVE, AlgoState.PARTIALLY_EFFECTIVE, AlgoState.PARTIALLY_FAILED])
def test_of_one_that_made_an_order_that_order_alone_tells_the_end(state: AlgoState) -> None:
    """Were it over with the algo order, what its order still fills would be traded here a second time."""
    report = as_order_report(replace(STOP, state=state, order_ids=("7",), fail_code="51008"), Source.STREAM)
    assert report is not None
    assert (report.state, report.venue_order_id, report.cancel_source) == (VenueState.LIVE, "7", "")


def test_one_that_could_make_no_order_is_over_and_says_why() -> None:
    report = as_order_report(replace(STOP, state=AlgoState.FAILED, fail_code="51008"), Source.STREAM)
    assert report is not None
    assert (report.state, report.venue_order_id) == (VenueState.CANCELED, "")
    assert report.cancel_source == f"{TRIGGER_FAILED}:51008"


@pytest.mark.parametrize(
    ("told", "trail"),
    [
        ({"callback_ratio": Decimal("0.020")}, Trail(ratio=Decimal("0.02"))),
        ({"callback_spread": Decimal(50), "callback_ratio": Decimal(0)}, Trail(spread=Decimal(50))),
        (
            {"callback_spread": Decimal(50), "activation_price": Decimal(51000)},
            Trail(spread=Decimal(50), activation=Decimal(51000)),
        ),
    ],
)
def test_a_trailing_stop_is_told_by_how_far_it_trails(told: dict[str, Decimal], trail: Trail) -> None:
    algo = replace(STOP, kind=AlgoKind.TRAILING, stop_loss=None, **told)
    report = as_order_report(algo, Source.STREAM)
    assert report is not None
    assert (report.condition, report.price, report.state) == (Condition(trail=trail), None, VenueState.LIVE)
