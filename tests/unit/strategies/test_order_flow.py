"""The order flow imbalance by its known answers, and over a path of books."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from app.market_data.view import BookView
from trading_executor.strategies import order_flow_imbalance

D = Decimal


def book(bid: str = "100", bid_size: str = "20", ask: str = "101", ask_size: str = "10") -> BookView:
    return BookView.of("BTC-USDT", (D(bid), D(bid_size)), (D(ask), D(ask_size)), received_ns=0)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (book(), book(bid_size="25"), 5),
        (book(), book(bid_size="15"), -5),
        (book(ask="103"), book(bid="101", bid_size="7", ask="103"), 7),
        (book(), book(bid="99", bid_size="50"), -20),
        (book(), book(ask="102", ask_size="30"), 10),
        (book(ask="102"), book(ask="101", ask_size="4"), -4),
        (book(), book(ask_size="4"), 6),
        (book(), book(), 0),
        (book(), book(bid="101", bid_size="7", ask="102", ask_size="3"), 17),
        (book("0.000000001", "5000"), book("0.000000001", "8000"), 3000),
    ],
)
def test_what_demand_gained_on_supply(before: BookView, after: BookView, found: int) -> None:
    assert order_flow_imbalance(before, after) == found


def test_there_and_back_is_nothing_in_all() -> None:
    path = [book(), book(bid="101", bid_size="7", ask="102"), book(ask_size="4"), book(bid="99"), book()]
    steps = [order_flow_imbalance(*two) for two in pairwise(path)]
    assert steps == [17, -11, -26, 20]
    assert sum(step for step in steps if step is not None) == 0


def test_of_a_book_that_cannot_be_relied_on_nothing_is_told() -> None:
    no_bid = BookView.of("BTC-USDT", None, (D(101), D(1)), received_ns=0)
    for before, after in ((no_bid, book()), (book(), no_bid), (replace(book(), valid=False), book())):
        assert order_flow_imbalance(before, after) is None
    with pytest.raises(ValueError, match="BTC-USDT and one of ETH-USDT"):
        order_flow_imbalance(book(), replace(book(), instrument_id="ETH-USDT"))
