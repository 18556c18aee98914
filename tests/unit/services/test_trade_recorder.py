"""TradeRecorder over a real SQLite database: windows, valuations, notes, statistics, pages and the one door."""

import asyncio
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import to_ns
from app.domain.order_changes import new_order
from app.domain.orders import (
    Fill,
    Order,
    OrderReport,
    OrderRequest,
    OrderSide,
    OrderType,
    PositionKey,
    Source,
    TradeMode,
)
from app.domain.refusals import InvalidValue
from app.models.trading import Base
from app.services.trading.account.day_figures import DayParts, Entered, Held
from app.services.trading.holdings.valuation import Valuation
from app.services.trading.trade_recorder import Present
from app.store.database import Database
from app.store.group import Group
from app.store.queries import BadCursor
from tests.support.trade_history import ACCOUNT, DAY_ONE, INSTRUMENTS, D, History, days, recorder


@pytest.fixture
def history(sqlite_url: str) -> Iterator[History]:
    database = Database(sqlite_url)
    Base.metadata.create_all(database.writer_engine)
    yield History(database)
    database.close()


def test_nothing_traded_gives_nan_ratios_zero_money_and_printable_figures(history: History) -> None:
    metrics = recorder(history).calculate_performance()
    assert f"Win Rate: {metrics.win_rate:.2%}" == "Win Rate: nan%"
    assert f"{metrics.sharpe_ratio:.2f}" == "nan"
    assert (metrics.total_trades, metrics.net_profit, metrics.expectancy) == (0, D(0), D(0))
    assert math.isnan(metrics.profit_factor)
    assert math.isnan(metrics.max_drawdown)


def test_the_known_answer_of_eight_trades(history: History) -> None:
    """KAT-P4: 10 000 at the start and these profits, one a day."""
    history.day(DAY_ONE, "10000")
    for index, profit in enumerate([120, -50, 80, -30, -70, 200, 0, -20]):
        history.trade("buy 1 @ 1000", at=days(index))
        history.trade(f"sell 1 @ {1000 + profit}", at=days(index + 0.5))
    metrics = recorder(history, days(8)).calculate_performance()
    assert (metrics.total_trades, metrics.winning_trades, metrics.losing_trades, metrics.scratch_trades) == (8, 3, 4, 1)
    assert f"{metrics.win_rate:.2%}" == "42.86%"
    assert metrics.profit_factor == pytest.approx(2.352941176)
    assert metrics.payoff_ratio == pytest.approx(3.137255, abs=1e-6)
    assert metrics.expectancy == D("28.75")
    assert metrics.average_loss == D("-42.5")
    assert (metrics.largest_win, metrics.largest_loss) == (D(200), D(-70))
    assert metrics.max_drawdown == pytest.approx(-0.009852216748768461)
    assert metrics.max_drawdown_amount == D(-100)
    assert (metrics.net_profit, metrics.gross_profit, metrics.gross_loss) == (D(230), D(400), D(-170))
    assert (metrics.fill_count, metrics.days) == (16, 8)
    assert "risk ratios from realised profit" in metrics.notes[0]


def test_a_trip_belongs_to_the_window_in_which_it_closed_with_its_true_cost(history: History) -> None:
    history.trade("buy 1 @ 1000", at=days(0))
    history.trade("sell 1 @ 1100", at=days(10))
    history.trade("buy 1 @ 1000", at=days(11))
    service = recorder(history)

    second = service.calculate_performance(start_date=days(5))
    assert (second.total_trades, second.net_profit, second.open_trips, second.fill_count) == (1, D(100), 1, 2)
    first = service.calculate_performance(end_date=days(5))
    assert (first.total_trades, first.net_profit, first.open_trips, first.fill_count) == (0, D(0), 1, 1)
    both = service.calculate_performance(start_date=days(5), end_date=days(10.5))
    assert (both.total_trades, both.total_volume, both.open_trips) == (1, D(1100), 0)


def test_a_fee_in_base_makes_the_holding_smaller_and_dust_counts_as_flat(history: History) -> None:
    history.trade("buy 1 @ 1000", at=days(0), fee="0.001 BTC")
    history.trade("sell 0.999 @ 1010", at=days(1), fee="1 USDT")
    metrics = recorder(history).calculate_performance()
    assert (metrics.total_trades, metrics.open_trips) == (1, 0)
    assert metrics.total_fees == D("2")
    # Paid 1000 for 0.999 after the fee; sold for 1008.99, less 1.
    assert metrics.net_profit == D("1008.99") - 1 - 1000


def test_selling_earlier_holdings_is_no_short_trip(history: History) -> None:
    history.trade("sell 2 @ 1000", at=days(0), fee="1 USDT")
    history.trade("buy 1 @ 900", at=days(1))
    history.trade("sell 1 @ 950", at=days(2))
    metrics = recorder(history).calculate_performance()
    assert (metrics.total_trades, metrics.net_profit, metrics.total_fees) == (1, D(49), D(1))
    assert "2 of BTC-USDT was sold out of earlier holdings: only its fees count" in metrics.notes


def test_linear_and_inverse_swaps_short_and_in_their_own_money(history: History) -> None:
    history.trade("sell 10 @ 50000", at=days(0), instrument_id="BTC-USDT-SWAP", fee="2 USDT")
    history.trade("buy 10 @ 49000", at=days(1), instrument_id="BTC-USDT-SWAP")
    history.trade("buy 10 @ 50000", at=days(2), instrument_id="BTC-USD-SWAP")
    history.trade("sell 10 @ 62500", at=days(3), instrument_id="BTC-USD-SWAP", fee="0.0001 BTC")
    metrics = recorder(history).calculate_performance()
    # 0.1 BTC x 1000 - 2; then 1000 USD x (1/50000 - 1/62500) = 0.004 BTC = 250 USD, less 6.25.
    assert metrics.net_profit == D(98) + D(250) - D("6.25")
    assert "USD taken at par with USDT" in metrics.notes


def test_other_currencies_are_valued_at_the_present_price_or_named(history: History) -> None:
    history.trade("buy 1 @ 0.05", at=days(0), instrument_id="ETH-BTC", fee="1 OKB")
    history.trade("sell 1 @ 0.06", at=days(1), instrument_id="ETH-BTC")
    service = recorder(history)
    valued = service.calculate_performance(present=Present(to_ns(days(2)), {"BTC-USDT": D(50000)}))
    assert valued.net_profit == D(500)
    assert valued.notes[:2] == (
        "BTC valued at the present price of BTC-USDT",
        "fees in OKB not counted: no price of OKB in BTC",
    )
    blind = service.calculate_performance(present=Present(to_ns(days(2))))
    assert blind.total_trades == 0
    assert "ETH-BTC left out: no price of BTC in USDT" in blind.notes


def test_an_instrument_that_is_gone_is_named_not_guessed(history: History) -> None:
    history.trade("buy 1 @ 5", at=days(0), instrument_id="LUNA-USDT")
    assert (
        "LUNA-USDT left out: not an instrument of this exchange now" in recorder(history).calculate_performance().notes
    )


def test_daily_equity_is_the_curve_of_the_whole_account_without_deposits(history: History) -> None:
    history.moved("10000", "opening", days(0))
    history.day(days(0), "10000", at=days(0.4))
    history.day(days(1), "10100")
    history.moved("5000", "transfer", days(1.5))
    history.day(days(2), "14999")
    service = recorder(history, days(2.5), equity=lambda: Valuation(D("15301"), D("15301"), "USDT", ("TOKEN",)))
    metrics = service.calculate_performance()
    # What the account was worth when the deposit came was not kept, so it counts from the day's start.
    returns = [10100 / 10000 - 1, 14999 / 15100 - 1, 15301 / 14999 - 1]
    mean = sum(returns) / 3
    deviation = math.sqrt(sum((value - mean) ** 2 for value in returns) / 2)
    assert metrics.days == 3
    assert metrics.sharpe_ratio == pytest.approx(mean / deviation * math.sqrt(365))
    assert metrics.max_drawdown == pytest.approx(14999 / 15100 - 1)
    assert metrics.max_drawdown_amount == D(-101)
    assert not any("realised profit" in note for note in metrics.notes)
    assert "TOKEN is not in the equity: it has no price in USDT" in metrics.notes
    filtered = service.calculate_performance(strategy_id="x")
    assert any("realised profit" in note for note in filtered.notes)


def parts(**held: tuple[str, str | None]) -> DayParts:
    """Currency to (amount, price)."""
    return DayParts({c: Held(D(amount), None if price is None else D(price)) for c, (amount, price) in held.items()})


def test_what_gets_or_loses_its_price_is_no_return(history: History) -> None:
    """A token of 5,000 gets a market on the first day, and on the second one its market is gone."""
    token = ("100", None)
    history.day(days(0), "10000", parts=parts(USDT=("10000", "1"), TOKEN=token))
    history.day(days(1), "15000", parts=parts(USDT=("10000", "1"), TOKEN=("100", "50")))
    history.day(days(2), "10000", parts=parts(USDT=("10000", "1"), TOKEN=token))
    metrics = recorder(
        history, days(2.5), equity=lambda: Valuation(D(10_000), D(10_000), "USDT")
    ).calculate_performance()
    assert (metrics.max_drawdown, metrics.volatility, metrics.days) == (0, 0, 3)


def test_a_token_sent_in_without_a_price_enters_at_its_first_one(history: History) -> None:
    entered = DayParts({"USDT": Held(D(10_000), D(1))}, {}, {"TOKEN": Entered(D(100), D(5_000))})
    history.day(days(0), "10000", parts=entered)
    history.moved("100", "transfer", days(0.5), "TOKEN")
    history.day(days(1), "15000", parts=parts(USDT=("10000", "1"), TOKEN=("100", "50")))
    history.day(days(2), "15000", parts=parts(USDT=("10000", "1"), TOKEN=("100", "50")))
    metrics = recorder(
        history, days(2.5), equity=lambda: Valuation(D(15_000), D(15_000), "USDT")
    ).calculate_performance()
    assert (metrics.max_drawdown, metrics.volatility, metrics.days) == (0, 0, 3)


def test_funding_is_a_figure_of_its_own_and_in_the_returns(history: History) -> None:
    swap = {"instrument_id": "BTC-USDT-SWAP"}
    history.moved("10000", "opening", days(0))
    history.day(days(0), "10000")
    history.moved("-40", "funding", days(0.3), bill_id="1", **swap)
    history.moved("0.001", "funding", days(0.6), "BTC", bill_id="2", instrument_id="BTC-USD-SWAP")
    history.moved("3000", "transfer", days(0.7), bill_id="3")
    history.moved("-9", "interest", days(1.2), bill_id="4")
    history.moved("0.00000001", "rounding", days(1.3))
    history.day(days(1), "12960")
    history.day(days(2), "12951")
    service = recorder(history, days(2.5))
    present = Present(to_ns(days(2.5)), {"BTC-USDT": D(50_000)})
    metrics = service.calculate_performance(present=present)
    assert (metrics.total_funding, metrics.realised_pnl, metrics.net_profit) == (D(1), D(0), D(1))
    assert metrics.max_drawdown_amount == D(-49), "40 and 9 were paid; the transfer is no gain"
    assert service.calculate_performance(**swap).total_funding == D(-40)
    part = service.calculate_performance(start_date=days(0.5), end_date=days(1), present=present)
    assert part.total_funding == D(50)
    assert service.calculate_performance(strategy_id="a").total_funding == D(0)


def test_filters_by_instrument_and_strategy(history: History) -> None:
    for strategy, price, instrument_id in (("a", 1100, "BTC-USDT"), ("b", 900, "ETH-USDT")):
        history.trade("buy 1 @ 1000", at=days(0), strategy_id=strategy, instrument_id=instrument_id)
        history.trade(f"sell 1 @ {price}", at=days(1), strategy_id=strategy, instrument_id=instrument_id)
    service = recorder(history)
    assert service.calculate_performance().net_profit == D(0)
    assert service.calculate_performance(strategy_id="a").net_profit == D(100)
    assert service.calculate_performance(instrument_id="ETH-USDT").net_profit == D(-100)


@pytest.mark.parametrize(
    ("arguments", "field", "rule"),
    [
        ({"start_date": datetime(2026, 1, 1)}, "start_date", "must have a time zone"),  # noqa: DTZ001 - the fault
        ({"end_date": datetime(2026, 1, 1)}, "end_date", "must have a time zone"),  # noqa: DTZ001
        ({"start_date": days(2), "end_date": days(1)}, "end_date", "must be after start_date"),
        ({"start_date": datetime(1969, 1, 1, tzinfo=UTC)}, "start_date", "must be from 1970 to 2261"),
        ({"end_date": datetime(9999, 12, 31, tzinfo=UTC)}, "end_date", "must be from 1970 to 2261"),
    ],
)
def test_bad_dates_are_refused_by_name(history: History, arguments: dict[str, Any], field: str, rule: str) -> None:
    service = recorder(history)
    for call in (service.calculate_performance, service.get_trade_statistics, service.list_trades):
        with pytest.raises(InvalidValue, match=rule) as caught:
            call(**arguments)
        assert caught.value.refusal.field == field


def test_statistics_add_up(history: History) -> None:
    history.trade("buy 1 @ 1000", at=days(0), fee="0.001 BTC", liquidity="maker", strategy_id="a")
    history.trade("sell 0.5 @ 1200", at=days(1), fee="0.6 USDT", strategy_id="a")
    history.trade("buy 2 @ 100", at=days(2), fee="-0.1 USDT", instrument_id="ETH-USDT", liquidity=None)
    statistics = recorder(history).get_trade_statistics()
    assert (statistics.fill_count, statistics.buy_count, statistics.sell_count) == (3, 2, 1)
    assert statistics.volume_by_instrument == {"BTC-USDT": D("1.5"), "ETH-USDT": D(2)}
    assert statistics.notional_by_instrument == {"BTC-USDT": D(1600), "ETH-USDT": D(200)}
    assert statistics.fees_by_currency == {"BTC": D("0.001"), "USDT": D("0.5")}
    assert (statistics.maker_share, statistics.taker_share) == (0.625, 0.375)
    assert (statistics.average_fill_notional, statistics.largest_fill_notional) == (D(600), D(1000))
    assert (statistics.first_trade_at, statistics.last_trade_at) == (days(0), days(2))
    assert statistics.by_strategy == {"a": 2, "none": 1}
    assert recorder(history).get_trade_statistics(start_date=days(1), end_date=days(2)).fill_count == 1
    assert math.isnan(recorder(history).get_trade_statistics(strategy_id="nobody").maker_share)


def test_trades_come_in_pages_newest_first(history: History) -> None:
    for index in range(5):
        history.trade(f"buy 1 @ {1000 + index}", at=days(index), fee="1 USDT")
    service = recorder(history)
    seen: list[Decimal] = []
    cursor = None
    while True:
        page = service.list_trades(limit=2, cursor=cursor)
        seen.extend(trade.price for trade in page.trades)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [D(1004), D(1003), D(1002), D(1001), D(1000)]
    first = service.list_trades(end_date=days(1)).trades[0]
    assert (first.fee, first.fee_currency, first.traded_at) == (D(1), "USDT", days(0))
    assert service.list_trades(side=OrderSide.SELL).trades == ()
    with pytest.raises(BadCursor):
        service.list_trades(cursor="nonsense")
    with pytest.raises(ValueError, match="limit=0"):
        service.list_trades(limit=0)


class _MemoryWriter:
    """A writer whose groups are durable at once."""

    def __init__(self) -> None:
        self.filling = Group()

    def flush(self) -> asyncio.Future[None]:
        future = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future


def _order_and_fill() -> tuple[Order, Fill]:
    instrument = INSTRUMENTS[0]
    request = OrderRequest(
        order_id="o1",
        account=ACCOUNT,
        client_order_id="c1",
        instrument_id=instrument.instrument_id,
        side=OrderSide.BUY,
        order_type=OrderType.MARKET,
        size=D(1),
        size_unit=instrument.size_unit,
        price=None,
        trade_mode=TradeMode.CASH,
        created_ns=1,
    )
    fill = Fill(instrument.instrument_id, "1", "v1", OrderSide.BUY, D(1000), D(1), to_ns(DAY_ONE), D("0.001"), "BTC")
    return new_order(request), fill


async def test_a_turn_books_trade_fee_position_and_balances_in_one_turn(history: History) -> None:
    ledger = recorder(history)._ledger
    ledger.writer = writer = _MemoryWriter()  # pyright: ignore[reportAttributeAccessIssue]
    order, fill = _order_and_fill()
    turn = ledger.turn("venue")
    turn.bookings.fill(order, fill)
    await turn.commit()
    assert [(booked_order.order_id, booked.key) for booked_order, booked, _ in writer.filling.fills] == [
        ("o1", fill.key)
    ]
    assert len(writer.filling.fees) == 1
    assert ledger.balances == {"BTC": D("0.999"), "USDT": D(-1000)}
    assert ledger.fold(PositionKey("BTC-USDT")).position.size == D("0.999")


async def test_record_trade_goes_through_the_door_and_answers_with_the_trade(history: History, tmp_path: Path) -> None:
    _, fill = _order_and_fill()
    report = OrderReport("BTC-USDT", Source.STREAM, venue_order_id="v1", fill=fill)
    entered: list[OrderReport] = []

    async def door(report: OrderReport) -> None:
        entered.append(report)
        if len(entered) == 1:
            history.trade("buy 1 @ 1000", at=DAY_ONE, fee="0.001 BTC", order_id="o1")

    service = recorder(history, door=door)
    first, again = await service.record_trade(report), await service.record_trade(report)
    assert first == again
    assert first is not None
    assert (first.trade_id, first.order_id, first.fee, first.fee_currency) == ("1", "o1", D("0.001"), "BTC")
    assert await service.record_trade(OrderReport("BTC-USDT", Source.STREAM, venue_order_id="v1")) is None
    assert len(entered) == 3
    with pytest.raises(RuntimeError, match="no door"):
        await recorder(history).record_trade(report)
