"""Algo orders of OKX as orders of the port."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.domain.conditions import Condition, Trail
from app.domain.orders import TRIGGER_FAILED, OrderReport, OrderSide, Source, VenueState
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.okx.beyond.algo_orders import AlgoKind, AlgoReport, AlgoState, Trigger
from app.exchanges.okx.beyond.conditionals import FORGOTTEN_NS, Conditionals, as_order_report

STOP = AlgoReport(
    "9", "exa1", "BTC-USDT", AlgoKind.CONDITIONAL, AlgoState.LIVE, OrderSide.SELL, Decimal(1),
    stop_loss=Trigger(Decimal(48000)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "made", "why"),
    [
        (AlgoState.EFFECTIVE, ("7", "8"), ""),
        (AlgoState.CANCELED, ("7", "8"), ""),
        (AlgoState.PARTIALLY_FAILED, ("7", "8"), f"{TRIGGER_FAILED}:51008"),
        (AlgoState.PARTIALLY_EFFECTIVE, (), ""),
    ],
)
def test_of_one_that_made_orders_those_alone_tell_the_end(state: AlgoState, made: tuple[str, ...], why: str) -> None:
    """Were it over with the algo order, what its orders still fill would be traded here a second time. Which they are
    is told once there come no more."""
    report = as_order_report(replace(STOP, state=state, order_ids=("7", "8"), fail_code="51008"), Source.STREAM)
    assert report is not None
    assert (report.state, report.made, report.venue_order_id) == (VenueState.LIVE, made, "7" if made else "")
    assert report.cancel_source == why


@pytest.mark.parametrize("state", [AlgoState.FAILED, AlgoState.PARTIALLY_FAILED])
def test_one_that_could_make_no_order_is_over_and_says_why(state: AlgoState) -> None:
    report = as_order_report(replace(STOP, state=state, fail_code="51008"), Source.STREAM)
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
        (
            {"callback_spread": Decimal(50), "activation_price": Decimal(51000), "follows": True},
            Trail(spread=Decimal(50)),
        ),
    ],
)
def test_a_trailing_stop_is_told_by_how_far_it_trails(told: dict[str, Any], trail: Trail) -> None:
    algo = replace(STOP, kind=AlgoKind.TRAILING, stop_loss=None, **told)
    report = as_order_report(algo, Source.STREAM)
    assert report is not None
    assert (report.condition, report.price, report.state) == (Condition(trail=trail), None, VenueState.LIVE)


# --- one that became several orders ---

LIVE, FILLED, CANCELED = VenueState.LIVE, VenueState.FILLED, VenueState.CANCELED


def placed(name: str, state: VenueState, filled: int) -> OrderReport:
    return OrderReport(
        "BTC-USDT", Source.POLL, venue_order_id=name, state=state, filled=Decimal(filled), size=Decimal(5)
    )


class _Okx:
    """One algo order and the orders that it placed, as read."""

    tracking = True

    def __init__(self, algo: AlgoReport | None, orders: dict[str, OrderReport]) -> None:
        self.algo, self.orders = algo, orders

    async def order(self, *names: str, client_order_id: str, venue_order_id: str = "") -> Any:
        return self.orders.get(venue_order_id) if venue_order_id else self.algo


@pytest.mark.parametrize("known", [(), ("7",)])
async def test_it_is_looked_for_in_all_orders_that_it_became(known: tuple[str, ...]) -> None:
    algo = replace(STOP, state=AlgoState.EFFECTIVE, order_ids=("7", "8"), size=Decimal(10))
    okx: Any = _Okx(algo, {"7": placed("7", FILLED, 5), "8": placed("8", LIVE, 0)})
    whole, *parts = await Conditionals(okx, okx, okx, okx, lambda: 0).order("BTC-USDT", "exa1", known)
    assert whole.made == ("7", "8")
    assert [(part.venue_order_id, part.state, part.filled) for part in parts] == [("7", FILLED, 5), ("8", LIVE, 0)]
    assert {part.client_order_id for part in parts} == {"exa1"}


async def test_an_order_that_it_became_and_is_not_shown_is_waited_for_and_later_was_canceled_without_a_fill() -> None:
    algo = replace(STOP, state=AlgoState.EFFECTIVE, order_ids=("7", "8"))
    okx: Any = _Okx(algo, {"7": placed("7", FILLED, 5)})
    with pytest.raises(ExchangeUnavailable, match="not shown yet"):
        await Conditionals(okx, okx, okx, okx, lambda: 0).order("BTC-USDT", "exa1")
    _, _, gone = await Conditionals(okx, okx, okx, okx, lambda: FORGOTTEN_NS).order("BTC-USDT", "exa1")
    assert (gone.venue_order_id, gone.state, gone.filled) == ("8", CANCELED, None)


async def test_of_one_whose_algo_order_is_forgotten_its_order_tells() -> None:
    okx: Any = _Okx(None, {"7": placed("7", FILLED, 5)})
    (report,) = await Conditionals(okx, okx, okx, okx, lambda: 0).order("BTC-USDT", "exa1", ("7",))
    assert (report.state, report.filled) == (FILLED, Decimal(5))
