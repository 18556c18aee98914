"""TradeRecorder: trades, and the performance figures that they become.

A fill becomes a trade inside the turn of the one door (account/report_door.py); reading is synchronous, from committed
rows, and may run in any thread when it is given `present`.
"""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain

from app.clock import utc
from app.domain.cash import EARNED_KINDS
from app.domain.money import ZERO, plain
from app.domain.orders import Fill, OrderReport, OrderSide
from app.domain.performance import Curve, LotMethod, Span, measure
from app.domain.positions import pnl_currency
from app.domain.refusals import InvalidValue
from app.market_data.feeds import MarketData
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.holdings.valuation import Valuation
from app.services.trading.reports.account_curve import CurveReader
from app.services.trading.reports.folds import FoldsChanged
from app.services.trading.reports.metrics import performance_metrics
from app.services.trading.reports.profits import Asked, Present, ProfitReader
from app.services.trading.reports.tax_lots import TaxLotPage, tax_lots
from app.services.trading.reports.tear_sheet import ROLLING_DAYS, ROLLING_DAYS_MAX, tear_sheet
from app.services.trading.reports.tear_sheet_views import TearSheet
from app.services.trading.reports.trade_statistics import trade_statistics
from app.services.trading.reports.trip_fills import Rates, with_mode
from app.services.trading.reports.window import window
from app.services.trading.schemas import PerformanceMetrics, TradeResponse, TradeStatistics, member_of
from app.store import queries
from app.store.database import Database
from app.store.queries import Row, TradeFilter
from app.store.rows import TRADE

Door = Callable[[OrderReport], Awaitable[object]]
EquityNow = Callable[[], Valuation | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePage:
    """Trades, newest first; next_cursor continues, None at the end."""

    trades: tuple[TradeResponse, ...]
    next_cursor: str | None


class TradeRecorder:
    """Trades of one account. door: where a venue's report is booked (tracker); who only reads has none."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        prices: Prices | None = None,
        *,
        door: Door | None = None,
        equity: EquityNow | None = None,
    ) -> None:
        self._door = door
        self._ledger = ledger
        self._database = database
        self._market = prices.market if prices is not None else None
        self._prices = prices if prices is not None else Prices(ledger, MarketData(ledger.clock))
        self._equity = equity

    # --- writing ---

    async def record_trade(self, report: OrderReport) -> TradeResponse | None:
        """Takes a venue's report through the one door and answers with the trade that it carries; None without one.

        Idempotent: a fill is known by account, instrument, trade id and exchange order id. Raises what the door raises,
        and RuntimeError where trades are only read.
        """
        if self._door is None:
            raise RuntimeError("record_trade: no door was given, so no report can enter")
        await self._door(report)
        if report.fill is None:
            return None
        return await to_thread(self._trade_of, report.fill)

    def _trade_of(self, fill: Fill) -> TradeResponse | None:
        wanted = TradeFilter(instrument_id=fill.instrument_id, traded_from_ns=fill.time_ns)
        for rows in queries.iter_trades(self._database, self._ledger.account, wanted):
            for row in rows:
                if (row["trade_id"], row["exchange_order_id"]) == fill.key:
                    return trade_response(row)
        return None

    # --- reading ---

    def present(self) -> Present:
        """Prices, equity and time now. Call it on the event loop's thread: it reads what only that thread changes."""
        marks: dict[str, Decimal] = {}
        for instrument_id in self._market.followed if self._market else ():
            mark = self._prices.mark(instrument_id)
            if mark is not None:
                marks[instrument_id] = mark
        worth = self._equity() if self._equity else None
        now_ns = self._ledger.clock.now_ns()
        if worth is None:
            return Present(now_ns, marks)
        prices = {currency: value.price for currency, value in worth.values.items() if value.price is not None}
        for swap in worth.swaps:
            if swap.mark is not None:
                marks[swap.instrument.instrument_id] = swap.mark
            price = self._prices.last(pnl_currency(swap.instrument)).price
            if price is not None:
                prices.setdefault(pnl_currency(swap.instrument), price)
        return Present(now_ns, marks, worth.compared, worth.unvalued, prices)

    @property
    def _currency(self) -> str:
        return self._prices.currency

    def list_trades(
        self,
        *,
        instrument_id: str | None = None,
        side: OrderSide | str | None = None,
        order_id: str | None = None,
        trade_id: str | None = None,
        strategy_id: str | None = None,
        parent_id: str | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> TradePage:
        """A page of trades, newest first, with start_date <= traded_at < end_date. side: as a member or as its text.

        Raises InvalidValue for a word that is none of them, naive or reversed dates, a limit out of range and a cursor
        that no page gave out.
        """
        start_ns, end_ns = window(start_date, end_date)
        wanted = TradeFilter(
            instrument_id=instrument_id,
            side=None if side is None else member_of(OrderSide, "side", side),
            order_id=order_id,
            trade_id=trade_id,
            strategy_id=strategy_id,
            parent_id=parent_id,
            traded_from_ns=start_ns,
            traded_to_ns=end_ns,
        )
        page = queries.trades(self._database, self._ledger.account, wanted, limit=limit, cursor=cursor)
        shown = (trade_response(with_mode(row, self._ledger.modes)) for row in page.rows)
        return TradePage(trades=tuple(shown), next_cursor=page.next_cursor)

    def tax_lots(
        self,
        *,
        asset: str | None = None,
        strategy_id: str | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        limit: int = 100,
        cursor: str | None = None,
        method: LotMethod | str = LotMethod.FIFO,
    ) -> TaxLotPage:
        """A page of disposals of [start_date, end_date), oldest first: each a part of one lot, matched
        first in, first out, over all books or over what one strategy held; with method "average" at the average cost of
        what was there. Once all of an asset is gone both come to the same gain.

        Fees stand beside and are not taken off. Raises InvalidValue for naive or reversed dates, an asset that nothing
        is about, a method that is none, a limit out of range and a cursor that no page gave out.
        """
        return tax_lots(
            self._ledger,
            self._database,
            asset=asset,
            strategy_id=strategy_id,
            start_date=start_date,
            end_date=end_date,
            limit=limit,
            cursor=cursor,
            method=member_of(LotMethod, "method", method),
        )

    def calculate_performance(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        instrument_id: str | None = None,
        strategy_id: str | None = None,
        *,
        present: Present | None = None,
    ) -> PerformanceMetrics:
        """Performance over [start_date, end_date), fees included, in the valuation currency.

        Trades are round trips by book (strategy) and asset or contract, flat to flat at average cost, folded from the
        whole history so that a position opened before the window has its true cost; a trip belongs to the window in
        which it closed. Profit counts as it is realised, also of trips that are still open; net_profit is that plus
        funding less all fees, unrealized_pnl what is open now would bring, by book as well. Ratios of risk come from
        daily returns, of two whole days at least: of the account's daily equity when there are two daily records and no
        filter, otherwise of the starting equity plus the realised profit of the trades asked for. Undefined ratios are
        NaN, undefined money is 0; notes say what was assumed or left out. Money is rounded to 18 decimals.

        Dates must be aware. Raises InvalidValue for naive or reversed dates, StoreError when the database fails.
        """
        asked = Asked(*window(start_date, end_date), instrument_id, strategy_id)
        return self._figures(asked, start_date, end_date, present or self.present())[0]

    def tear_sheet(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        instrument_id: str | None = None,
        strategy_id: str | None = None,
        *,
        period: Span | str = Span.MONTH,
        rolling_days: int = ROLLING_DAYS,
        present: Present | None = None,
    ) -> TearSheet:
        """What calculate_performance answers, and where it comes from: every day, the deepest drawdowns, the days by
        period, figures of the rolling_days before each day, and each strategy's part of the whole.

        Raises InvalidValue as that does, and for a strategy that has never ordered, a period that is none, and
        rolling_days that are not 2 to 365.
        """
        span = member_of(Span, "period", period)
        if rolling_days.__class__ is not int or not 2 <= rolling_days <= ROLLING_DAYS_MAX:
            raise InvalidValue("rolling_days", rolling_days, f"must be a whole number from 2 to {ROLLING_DAYS_MAX}")
        asked = Asked(*window(start_date, end_date), instrument_id, strategy_id)
        names = queries.strategies_of(self._database, self._ledger.account)
        if strategy_id is not None and strategy_id not in names:
            raise InvalidValue("strategy_id", strategy_id, "has never ordered")
        present = present or self.present()
        whole, curve = self._figures(asked, start_date, end_date, present, every_fall=True)
        parts = [
            self._figures(Asked(asked.start_ns, asked.end_ns, instrument_id, name), start_date, end_date, present)[0]
            for name in (names if strategy_id is None else ())
        ]
        return tear_sheet(whole, curve, parts, span=span, rolling_days=rolling_days)

    def _figures(
        self,
        asked: Asked,
        start_date: datetime | None,
        end_date: datetime | None,
        present: Present,
        *,
        every_fall: bool = False,
        in_full: bool = False,
    ) -> tuple[PerformanceMetrics, Curve]:
        rates = Rates(present.marks, self._prices.routes)
        for name in present.unvalued:
            rates.note(f"{name} is not in the equity: it has no price in {self._currency}")
        reader = ProfitReader(self._ledger, self._database, self._currency, rates)
        try:
            profits = reader.read(asked, present, every_fall=every_fall, in_full=in_full)
            curve = self._curves(rates).read(asked, profits.samples, present)
        except FoldsChanged:
            return self._figures(asked, start_date, end_date, present, in_full=True)
        funding = ZERO if asked.strategy_id is not None else self._funding(rates, asked)
        metrics = performance_metrics(
            measure(profits.figures, curve),
            funding,
            profits.unrealised,
            rates,
            self._currency,
            start_date,
            end_date,
            asked.instrument_id,
            asked.strategy_id,
        )
        return metrics, curve

    def get_trade_statistics(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        instrument_id: str | None = None,
        strategy_id: str | None = None,
        *,
        present: Present | None = None,
    ) -> TradeStatistics:
        """Aggregates over the fills of [start_date, end_date). Raises as calculate_performance."""
        start_ns, end_ns = window(start_date, end_date)
        present = present or self.present()
        wanted = TradeFilter(
            instrument_id=instrument_id, strategy_id=strategy_id, traded_from_ns=start_ns, traded_to_ns=end_ns
        )
        rates = Rates(present.marks, self._prices.routes)
        return trade_statistics(self._rows(wanted), self._ledger.instruments.get, rates, self._currency)

    def _rows(self, wanted: TradeFilter) -> Iterator[Row]:
        return chain.from_iterable(queries.iter_trades(self._database, self._ledger.account, wanted))

    def _curves(self, rates: Rates) -> CurveReader:
        return CurveReader(self._database, self._ledger.account, self._currency, rates)

    def _funding(self, rates: Rates, asked: Asked) -> Decimal:
        """What bills brought in that is profit or loss, of one instrument or of all."""
        total, start_ns, end_ns = ZERO, asked.start_ns or 0, asked.end_ns
        for row in self._curves(rates).movements():
            late = end_ns is not None and row["at_ns"] >= end_ns
            if row["bill_id"] is None or row["kind"] not in EARNED_KINDS or row["at_ns"] < start_ns or late:
                continue
            if asked.instrument_id not in (None, row["instrument_id"]):
                continue
            price = row["price"] or rates.rate(row["currency"], self._currency)
            if price is None:
                rates.note(f"{row['kind']} of {plain(row['amount'])} {row['currency']} left out: it has no price")
                continue
            total += row["amount"] * price
        return total


_trade = TRADE.loader(TradeResponse, "", "fee", "fee_currency", "traded_at", "recorded_at")


def trade_response(row: Row) -> TradeResponse:
    """A row of trades joined with its fee as the DTO."""
    return _trade(
        row,
        fee=row["fee_amount"],
        fee_currency=row["fee_currency"],
        traded_at=utc(row["traded_ns"]),
        recorded_at=utc(row["recorded_ns"]),
    )
