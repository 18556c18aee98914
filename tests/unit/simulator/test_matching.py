"""The matching core against a naive reference, queue models against published vectors, the recorded book's rules."""

from __future__ import annotations

import random

import pytest

from app.simulator.market.matching import BUY, SELL, Book, Match, Prevention, Resting
from app.simulator.market.queue_models import advance_front, front_after
from app.simulator.market.recorded_book import RecordedBook

SEED = 20261122
OPERATIONS = 100_000


class NaiveBook:
    """Every order in one list; the best is found by looking at all of them."""

    def __init__(self) -> None:
        self.orders: list[list[int]] = []  # [age, side, price, leaves]

    def take(self, side: int, limit: int | None, size: int) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = []
        while size:
            others = [o for o in self.orders if o[1] == -side and (limit is None or (o[2] - limit) * side <= 0)]
            if not others:
                break
            best = min(others, key=lambda o: (o[2] * side, o[0]))
            part = min(size, best[3])
            found.append((best[0], best[2], part))
            size -= part
            best[3] -= part
            if not best[3]:
                self.orders.remove(best)
        return found


def test_price_time_priority_equals_a_naive_reference():
    dice, book, naive = random.Random(SEED), Book(), NaiveBook()
    live: dict[int, Resting] = {}
    for age in range(OPERATIONS):
        kind, side, price = dice.random(), dice.choice((BUY, SELL)), dice.randrange(90, 111)
        if kind < 0.5 and len(live) < 60:
            size = dice.randrange(1, 20)
            expected = naive.take(side, price, size)
            sweep = book.take(side, price, size)
            assert [(m.maker.owner, m.price, m.size) for m in sweep.matches if m.maker] == expected, (SEED, age)
            if sweep.left:
                live[age] = Resting(side, price, sweep.left, age)
                book.rest(live[age])
                naive.orders.append([age, side, price, sweep.left])
        elif kind < 0.7 and live:
            gone = live.pop(dice.choice(list(live)))
            book.remove(gone)
            naive.orders = [o for o in naive.orders if o[0] != gone.owner]
        elif kind < 0.8 and live:
            entry = live[dice.choice(list(live))]
            entry_leaves = max(1, entry.leaves - dice.randrange(3))
            book.reduce(entry, entry_leaves)
            next(o for o in naive.orders if o[0] == entry.owner)[3] = entry_leaves
        else:
            size = dice.randrange(1, 40)
            limit = None if dice.random() < 0.3 else price
            expected = naive.take(side, limit, size)
            sweep = book.take(side, limit, size)
            assert [(m.maker.owner, m.price, m.size) for m in sweep.matches if m.maker] == expected, (SEED, age)
        live = {key: entry for key, entry in live.items() if entry.leaves}
        bid, ask = book.best(BUY), book.best(SELL)
        assert bid is None or ask is None or bid < ask
    totals = {side: sorted((p, s) for p, s, _ in book.levels(side)) for side in (BUY, SELL)}
    wanted: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}
    for _, side, price, leaves in naive.orders:
        wanted[side][price] = wanted[side].get(price, 0) + leaves
    assert totals == {side: sorted(levels.items()) for side, levels in wanted.items()}


@pytest.mark.parametrize(
    ("mode", "fills", "hits", "left", "stopped"),
    [
        ("cancel_maker", [("other", 5)], ["mine"], 2, ""),
        ("cancel_taker", [], [], 7, "stp"),
        ("cancel_both", [], ["mine"], 7, "stp"),
    ],
)
def test_self_trade_prevention(mode: str, fills: list[tuple[str, int]], hits: list[str], left: int, stopped: str):
    book = Book()
    for owner in ("mine", "other"):
        book.rest(Resting(SELL, 100, 5, owner))
    sweep = book.take(BUY, 100, 7, Prevention(lambda owner: owner == "mine", mode))
    assert [(m.maker.owner, m.size) for m in sweep.matches if m.maker] == fills
    assert ([e.owner for e in sweep.self_hits], sweep.left, sweep.stopped) == (hits, left, stopped)


VECTORS = [
    (50, 200, 180, (50, 48.0, 41.25, 48.75, 45.0, 41.2129, 48.9213)),
    (150, 200, 180, (150, 132.0, 131.25, 138.75, 135.0, 138.7871, 144.8278)),
    (100, 100, 90, (90, 90, 90, 90, 90, 90, 90)),
    (10, 100, 40, (10, 9.2683, -1.4, 9.4, 4.0, -10.8248, 8.6445)),
]
MODELS = ("risk_averse", "power1", "power2", "power3", "uniform", "log1", "log2")


@pytest.mark.parametrize(("front", "before", "after", "expected"), VECTORS)
def test_queue_model_vectors(front: int, before: int, after: int, expected: tuple[float, ...]):
    found = [round(front_after(model, front, before, after), 4) for model in MODELS]
    assert found == pytest.approx(expected, abs=5e-4)
    assert all(0 <= advance_front(model, front, before, after, 0) <= after for model in MODELS)


def recorded(model: str = "risk_averse") -> RecordedBook:
    book = RecordedBook(model)
    book.rebuild(BUY, {100: 100, 99: 50})
    book.rebuild(SELL, {101: 80, 102: 60})
    return book


def test_recorded_trades_fill_behind_the_queue():
    """100 ahead of our 50: trades of 80, 30 and 50 fill nothing, then 10, then 40."""
    book, ours = recorded(), Resting(BUY, 100, 50, "ours")
    book.rest(ours)
    fills = [[m.size for m in book.trade(SELL, 100, size)] for size in (80, 30, 50)]
    assert fills == [[], [10], [40]]
    assert not book.has_orders


def test_a_trade_through_our_price_fills_us_whole():
    book, ours = recorded(), Resting(BUY, 100, 50, "ours")
    book.rest(ours)
    assert book.trade(SELL, 99, 1) == [Match(ours, 100, 50)]


def test_a_level_that_empties_moves_us_to_the_front_but_does_not_fill():
    book, ours = recorded(), Resting(BUY, 100, 50, "ours")
    book.rest(ours)
    book.set_level(BUY, 100, 0)
    assert (ours.front, ours.leaves, book.best(BUY)) == (0, 50, 100)
    assert [m.size for m in book.trade(SELL, 100, 20)] == [20]


def test_liquidity_taken_stays_taken_until_the_record_refreshes_it():
    book = recorded()
    assert [(m.price, m.size) for m in book.take(BUY, None, 100).matches] == [(101, 80), (102, 20)]
    assert list(book.levels(SELL)) == [(102, 40, 1)]
    book.set_level(SELL, 101, 70)
    assert list(book.levels(SELL)) == [(101, 70, 1), (102, 40, 1)]


def test_the_recorded_other_side_moving_onto_us_fills_us_by_what_it_shows():
    book, ours = recorded(), Resting(BUY, 100, 50, "ours")
    book.rest(ours)
    book.set_level(BUY, 100, 0)
    book.set_levels(SELL, [(100, 30)])
    assert book.uncross() == [Match(ours, 100, 30)]
    assert list(book.levels(BUY)) == [(100, 20, 1), (99, 50, 1)]
    assert book.best(SELL) == 101


def test_two_of_our_orders_share_a_recorded_trade_by_age():
    book, first, second = recorded(), Resting(BUY, 100, 10, "a"), Resting(BUY, 100, 10, "b")
    book.rest(first)
    book.rest(second)
    assert [(m.maker.owner, m.size) for m in book.trade(SELL, 100, 115) if m.maker] == [("a", 10), ("b", 5)]


def test_a_taker_meets_recorded_depth_ours_and_recorded_again_in_queue_order():
    book, ours = recorded(), Resting(SELL, 101, 10, "ours")
    book.rest(ours)
    book.set_level(SELL, 101, 120)
    sweep = book.take(BUY, 101, 100)
    assert [(m.maker and m.maker.owner, m.size) for m in sweep.matches] == [(None, 80), ("ours", 10), (None, 10)]
    assert book.size_at(SELL, 101) == 30


def test_models_agree_that_being_careful_fills_less():
    """On one random tape, fills under risk-averse <= uniform: the cautious model never flatters."""
    totals: dict[str, int] = {}
    for model in ("risk_averse", "uniform"):
        dice, book, filled = random.Random(SEED), recorded(model), 0
        for _ in range(300):
            book.set_level(BUY, 100, 200)
            ours = Resting(BUY, 100, 20, "ours")
            book.rest(ours)
            for _ in range(10):
                book.set_level(BUY, 100, max(1, book.size_at(BUY, 100) - ours.leaves - dice.randrange(30)))
                filled += sum(m.size for m in book.trade(SELL, 100, dice.randrange(10)))
                if not ours.leaves:
                    break
            if ours.leaves:
                book.remove(ours)
        totals[model] = filled
    assert 0 < totals["risk_averse"] <= totals["uniform"]
