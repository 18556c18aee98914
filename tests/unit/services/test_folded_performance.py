"""What past trades came to, put in brief: every figure is what reading every trade gives, whatever the window."""

import random
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from app.models.trading import Base
from app.services.trading.reports import fold_making
from app.services.trading.trade_recorder import TradeRecorder
from app.store import queries
from app.store.database import Database
from tests.support.trade_history import DAY_ONE, History, days, fold, recorder

SWAPS = ("BTC-USDT-SWAP", "ETH-USDT-SWAP")
STRATEGIES = ("a", "b", None)


@pytest.fixture
def history(database_url: str) -> Iterator[History]:
    database = Database(database_url)
    Base.metadata.create_all(database.writer_engine)
    yield History(database)
    database.close()


def figures(of: TradeRecorder, **asked: Any) -> dict[str, Any]:
    """All of them; a NaN is None, so that it equals another."""
    found = asdict(of.calculate_performance(**asked))
    return {name: None if value != value else value for name, value in found.items()}


def read_in_full(of: TradeRecorder, monkeypatch: pytest.MonkeyPatch, **asked: Any) -> dict[str, Any]:
    with monkeypatch.context() as patch:
        patch.setattr("app.services.trading.reports.profits.ProfitReader._past", lambda *_, **__: None)
        return figures(of, **asked)


def trades_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many trades each page of them had that was read."""
    found, pages = list[int](), queries.iter_trades

    def counted(*asked: Any, **more: Any) -> Iterator[list[queries.Row]]:
        for page in pages(*asked, **more):
            found.append(len(page))
            yield page

    monkeypatch.setattr(queries, "iter_trades", counted)
    return found


def traded_at_random(history: History, drawn: random.Random, count: int, *, spread_days: int) -> list[datetime]:
    """Fills of two contracts by two strategies and a person, over a price that walks; when they were."""
    price, moments = Decimal(50_000), list[datetime]()
    at = DAY_ONE + timedelta(hours=drawn.random() * 24)
    for _ in range(count):
        if drawn.random() > 0.1:
            at += timedelta(seconds=drawn.expovariate(count / (spread_days * 86_400)))
        price = max(Decimal(1), price + Decimal(drawn.randrange(-9_000, 9_000)) / 10)
        side, size = drawn.choice(("buy", "sell")), drawn.choice((1, 1, 2, 3, 7))
        fee = None if drawn.random() < 0.1 else f"{drawn.randrange(-20, 90)}.{drawn.randrange(10**9)} USDT"
        history.trade(
            f"{side} {size} @ {price}",
            at=at,
            fee=fee,
            instrument_id=drawn.choice(SWAPS),
            strategy_id=drawn.choice(STRATEGIES),
            position_side=drawn.choice(("net", "net", "long", "short")),
        )
        moments.append(at)
    return moments


def windows(drawn: random.Random, moments: list[datetime]) -> list[tuple[datetime | None, datetime | None]]:
    """Within days, at midnights, at fills, of nothing."""
    first, last = moments[0], moments[-1]
    edges = [
        drawn.choice(moments),
        drawn.choice(moments) + timedelta(microseconds=1),
        first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2),
        first + (last - first) * drawn.random(),
        last + timedelta(days=3),
        first - timedelta(days=3),
    ]
    edges.sort()
    return [
        (None, None),
        *((one, None) for one in edges),
        *((None, one) for one in edges),
        *pairwise(sorted(set(edges))),
    ]


@pytest.mark.parametrize("seed", range(8))
def test_every_figure_of_folds_is_that_of_all_trades(
    history: History, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    drawn = random.Random(seed)
    monkeypatch.setattr(fold_making, "FOLD_FILLS", drawn.choice((5, 20, 60)))
    for day in ([], [-1], [0.6, 2, 3, 4], [2.3])[seed % 4]:
        history.day(days(day), str(10_000 + drawn.randrange(900)))
    with history.at_once():
        moments = traded_at_random(history, drawn, 200, spread_days=drawn.choice((1, 6)))
    now = moments[-1] + timedelta(days=2)
    assert fold(history, drawn.choice((now, moments[150]))) > 3
    service = recorder(history, now)
    read = trades_read(monkeypatch)
    for start, end in windows(drawn, moments):
        for strategy_id in (None, "a"):
            for instrument_id in (None, SWAPS[1]):
                asked = {
                    "start_date": start, "end_date": end, "strategy_id": strategy_id, "instrument_id": instrument_id
                }  # fmt: skip
                assert figures(service, **asked) == read_in_full(service, monkeypatch, **asked), asked
    read.clear()
    figures(service)
    assert sum(read) < 200
