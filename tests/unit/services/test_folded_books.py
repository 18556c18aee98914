"""What was done with coins, and with contracts that are paid in them, put in brief: every figure and note is what
reading every trade and every entry of the books gives, in whatever world, over whatever window."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from app.clock import to_ns
from app.domain.instruments import InstrumentKind
from app.models.trading import Base, PerformanceFold, PerformancePart
from app.services.trading.reports import fold_making
from app.services.trading.reports.fold_audit import audit_folds
from app.services.trading.reports.fold_making import FoldMaker
from app.services.trading.reports.folds import sound_folds
from app.store.database import Database
from tests.support.booked_history import Drawn, World, drawn_history, spot, swap
from tests.unit.services.test_folded_performance import figures, read_in_full, trades_read, windows

WORLDS = {
    "one quote": World("USDT", (spot("BTC-USDT"), spot("ETH-USDT"), spot("PEPE-USDT", lot="1000"))),
    "no price for some": World("USDT", (spot("BTC-USDT"), spot("ETH-USDT")), odds=0.4),
    "two quotes": World("USDC", (spot("BTC-USDC"), spot("BTC-EUR"), spot("EUR-USDC"), spot("ETH-BTC"))),
    "euros": World("EUR", (spot("BTC-EUR"), spot("USDC-EUR"), spot("BTC-USDC"))),
    "valued in coin": World("BTC", (spot("ETH-BTC"), spot("BTC-USDT"), spot("ETH-USDT"))),
    "inverse": World(
        "USDT", (spot("BTC-USDT"), swap("BTC-USD-SWAP", value="100", inverse=True)), unsaid=0, fee_coins=("BTC",)
    ),
    "inverse in dollars": World(
        "USD", (swap("ETH-USD-SWAP", value="10", inverse=True),), unsaid=0, fee_coins=("OKB", "ETH")
    ),
    "paid in another currency": World(
        "USDT", (swap("BTC-USDC-SWAP"), swap("ETH-USDT-SWAP"), spot("ETH-USDC")), unsaid=0, fee_coins=("USDC",)
    ),
    "no price for some contracts": World(
        "USDT", (swap("BTC-USDC-SWAP"), swap("BTC-USD-SWAP", value="100", inverse=True), spot("BTC-USDT")), odds=0.02
    ),
    "coins and contracts": World("USDT", (spot("BTC-USDT"), swap("BTC-USDT-SWAP"), spot("ETH-BTC"))),
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    Base.metadata.create_all(database.writer_engine)
    yield database
    database.close()


def folded(drawn: Drawn, now: datetime) -> int:
    """How many stretches there are once everything of before `now` is put in brief."""
    ledger = drawn.ledger(now)
    prices = drawn.priced(ledger)
    maker = FoldMaker(ledger, drawn.database, prices)
    sound = sound_folds(ledger, drawn.database, prices.currency)
    until_ns, count = sound[-1]["until_ns"] if sound else 0, len(sound)
    while made := maker.next(until_ns, to_ns(now)):
        drawn.history.put_fold(made)
        until_ns, count = made.fold["until_ns"], count + 1
    return count


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", WORLDS)
def test_every_figure_of_folds_is_that_of_all_entries(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str, seed: int
) -> None:
    dice = random.Random(f"{name}{seed}")
    monkeypatch.setattr(fold_making, "FOLD_FILLS", dice.choice((5, 20, 60)))
    drawn = drawn_history(database, WORLDS[name], dice, 150, spread_days=dice.choice((1, 6)))
    now = drawn.moments[-1] + timedelta(days=2)
    made = folded(drawn, dice.choice((now, drawn.moments[110])))
    assert made > 1 or (drawn.world.odds and name != "no price for some")
    ledger = drawn.ledger(now)
    service = drawn.recorder(ledger)
    read = trades_read(monkeypatch)
    some = [None, *(one.instrument_id for one in drawn.world.instruments)]
    for start, end in [(None, None), *dice.sample(windows(dice, drawn.moments), 5)]:
        for strategy_id in (None, "a"):
            for instrument_id in some:
                asked = {
                    "start_date": start, "end_date": end, "strategy_id": strategy_id, "instrument_id": instrument_id
                }  # fmt: skip
                assert figures(service, **asked) == read_in_full(service, monkeypatch, **asked), asked
    read.clear()
    figures(service)
    assert sum(read) < 150 or made < 2
    assert audit_folds(ledger, database, drawn.priced(ledger)) == ()


def test_a_tear_sheet_of_folds_is_that_of_all_entries(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(5)
    monkeypatch.setattr(fold_making, "FOLD_FILLS", 20)
    drawn = drawn_history(database, WORLDS["coins and contracts"], dice, 150, spread_days=6)
    now = drawn.moments[-1] + timedelta(days=1)
    drawn.history.ordered("a", "b")
    assert folded(drawn, now) > 5
    service = drawn.recorder(drawn.ledger(now))
    for strategy_id in (None, "a"):
        start = drawn.moments[30] if strategy_id else None
        asked = {"start_date": start, "strategy_id": strategy_id, "rolling_days": 2}
        read = trades_read(monkeypatch)
        in_brief = repr(service.tear_sheet(**asked))
        assert sum(read) < 150
        with monkeypatch.context() as patch:
            patch.setattr("app.services.trading.reports.profits.ProfitReader._past", lambda *_, **__: None)
            assert in_brief == repr(service.tear_sheet(**asked))


def test_an_instrument_that_is_delisted_is_left_out_and_the_rest_is_put_in_brief_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(8)
    monkeypatch.setattr(fold_making, "FOLD_FILLS", 20)
    drawn = drawn_history(database, WORLDS["coins and contracts"], dice, 150, spread_days=6)
    now = drawn.moments[-1] + timedelta(days=1)
    before = folded(drawn, now)
    listed = tuple(one for one in drawn.world.instruments if one.kind is InstrumentKind.SPOT)
    drawn.world = replace(drawn.world, instruments=listed)
    ledger = drawn.ledger(now)
    assert sound_folds(ledger, database, "USDT") == []
    with database.writer_engine.begin() as connection:
        connection.execute(sa.delete(PerformanceFold))
        connection.execute(sa.delete(PerformancePart))
    assert folded(drawn, now) == before > 5
    service = drawn.recorder(ledger)
    found = figures(service)
    assert found == read_in_full(service, monkeypatch)
    assert "BTC-USDT-SWAP left out: not an instrument of this exchange now" in found["notes"]
