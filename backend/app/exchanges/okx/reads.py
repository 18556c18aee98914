"""The evidence and reference reads of one account: what OKX says when it is asked."""

from dataclasses import replace
from decimal import Decimal

import structlog

from app.clock import NS_PER_MS, Clock
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import BookAction, BookUpdate, MinuteClose, PublicTrade, Ticker
from app.domain.money import plain
from app.domain.orders import OrderReport, PositionSide, Source, TradeMode
from app.domain.volume_curves import HOUR_NS, HourVolume
from app.exchanges.errors import ExchangeRefused, ProtocolError
from app.exchanges.okx import bills, codec, endpoints, market_rows, rows, wire
from app.exchanges.okx.catalogue import Catalogue
from app.exchanges.okx.config import OkxConfig
from app.exchanges.okx.endpoints import Endpoint
from app.exchanges.okx.kinds import Kinds
from app.exchanges.okx.market_rows import Candle, FundingRate, MarkPrice
from app.exchanges.okx.pages import PAGE_SIZE, read_all
from app.exchanges.okx.rest import Query, RestClient
from app.exchanges.okx.rows import Parsed
from app.exchanges.okx.time_sync import TimeSync
from app.exchanges.okx.trade_modes import TradeModes
from app.exchanges.port import (
    AccountConfig,
    Balance,
    Bill,
    FeeRates,
    Listing,
    RowKind,
    Unreadable,
    VenuePosition,
    unreadable_of,
)

ORDER_NOT_FOUND = "51603"
DAY_NS = 24 * HOUR_NS

# An hour less than OKX keeps: what lies near the edge is read from the archive as well.
HISTORY_KEPT_NS = 7 * DAY_NS - HOUR_NS
FILLS_KEPT_NS = 3 * DAY_NS - HOUR_NS
BILLS_KEPT_NS = 7 * DAY_NS - HOUR_NS

BOOK_DEPTH = 100
CANDLES_MAX = "300"
CANDLE_PAGES_MAX = 200
HOUR_BAR = "1H"
MINUTE_BAR = "1m"
NS_PER_MINUTE = 60_000_000_000

log = structlog.get_logger(__name__)


class Reads:
    """All GETs that the port names. Every method raises ExchangeError."""

    def __init__(
        self,
        config: OkxConfig,
        clock: Clock,
        rest: RestClient,
        catalogue: Catalogue,
        modes: TradeModes,
        time_sync: TimeSync,
    ) -> None:
        self._config = config
        self._clock = clock
        self._rest = rest
        self._catalogue = catalogue
        self._modes = modes
        self._kinds = Kinds(config.instrument_types, catalogue)
        self._swaps = Kinds(("SWAP",), catalogue)
        self._time_sync = time_sync

    # --- orders and fills ---

    async def order(self, instrument_id: str, *, client_order_id: str, venue_order_id: str) -> OrderReport | None:
        """None only on OKX's definite answer that there is no such order, which may still mean: not yet, or purged."""
        name, value = ("ordId", venue_order_id) if venue_order_id else ("clOrdId", client_order_id)
        query = Query(endpoints.ORDER, {"instId": instrument_id, name: value}, instrument_id)
        try:
            row = await self._rest.row(query, wire.OrderRow)
        except ExchangeRefused as error:
            if error.code == ORDER_NOT_FOUND:
                return None
            raise
        if (row.instId, row.ordId if venue_order_id else row.clOrdId) != (instrument_id, value):
            raise ProtocolError(f"asked for order {value} of {instrument_id}, got {row.ordId} of {row.instId}")
        return codec.order_report(row, Source.POLL)

    async def open_orders(self) -> Listing[OrderReport]:
        found = await self._pages(endpoints.OPEN_ORDERS, {}, wire.OrderRow, "ordId", contiguous=False)
        return rows.listing(RowKind.ORDER, found, self._snapshot, self._kinds.may_concern)

    async def order_history(self, since_ns: int) -> Listing[OrderReport]:
        """Orders that ended, created at since_ns or later (OKX filters by creation), oldest first.

        Canceled orders without a fill are only known for two hours.
        """
        archived = self._time_sync.now_ns() - since_ns > HISTORY_KEPT_NS
        sources = [endpoints.ORDER_ARCHIVE, endpoints.ORDER_HISTORY] if archived else [endpoints.ORDER_HISTORY]
        found: dict[object, Parsed[wire.OrderRow]] = {}
        for instrument_type in self._config.instrument_types:
            parameters = {"instType": instrument_type, "begin": _milliseconds(since_ns)}
            for endpoint in sources:
                for parsed in await self._pages(endpoint, parameters, wire.OrderRow, "ordId"):
                    found[parsed.id or bytes(parsed.raw)] = parsed
        reports = rows.listing(RowKind.ORDER, found.values(), self._snapshot, self._kinds.may_concern)
        reports.sort(key=lambda report: (report.venue_time_ns, report.venue_order_id))
        return reports

    def _snapshot(self, row: wire.OrderRow) -> OrderReport | None:
        concerns = self._kinds.concern(row.instType, row.instId)
        return codec.order_report(row, Source.SNAPSHOT) if concerns else None

    async def fills(self, since_ns: int, *, instrument_id: str, venue_order_id: str) -> Listing[OrderReport]:
        """Executions since since_ns, oldest first. Beyond three days they come from the archive as well."""
        parameters = {"begin": _milliseconds(since_ns), "instId": instrument_id, "ordId": venue_order_id}
        found: dict[object, Parsed[wire.FillRow]] = {}

        def take(page: list[Parsed[wire.FillRow]]) -> None:
            for parsed in page:
                row = parsed.row
                found[bytes(parsed.raw) if row is None else (row.instId, row.tradeId or "", row.ordId)] = parsed

        if self._time_sync.now_ns() - since_ns > FILLS_KEPT_NS:
            for instrument_type in self._config.instrument_types:
                with_type = {"instType": instrument_type, **parameters}
                take(await self._pages(endpoints.FILLS_ARCHIVE, with_type, wire.FillRow, "billId"))
        take(await self._pages(endpoints.FILLS, parameters, wire.FillRow, "billId"))
        reports = rows.listing(RowKind.FILL, found.values(), self._fill, self._kinds.may_concern)
        reports.sort(key=_fill_time)
        return reports

    def _fill(self, row: wire.FillRow) -> OrderReport | None:
        return codec.fill_report(row) if self._kinds.concern(row.instType, row.instId) else None

    async def _pages(
        self,
        endpoint: Endpoint,
        parameters: dict[str, str],
        shape: type[wire.Row],
        id_name: str,
        *,
        contiguous: bool = True,
    ) -> list[Parsed[wire.Row]]:
        async def fetch(after: str) -> list[Parsed[wire.Row]]:
            query = Query(endpoint, {**parameters, "limit": str(PAGE_SIZE), "after": after})
            return [rows.parse(raw, shape, id_name) for raw in await self._rest.raw_rows(query)]

        return await read_all(fetch, lambda parsed: parsed.id, contiguous=contiguous)

    # --- account ---

    async def account_config(self) -> AccountConfig:
        row = await self._rest.row(Query(endpoints.ACCOUNT_CONFIG), wire.AccountRow)
        account = codec.account_config(row, self._config.environment)
        self._modes.learn(account.level)
        return account

    async def balances(self) -> Listing[Balance]:
        found = [codec.balances(row) for row in await self._rest.rows(Query(endpoints.BALANCE), wire.BalanceRow)]
        return Listing((balance for each in found for balance in each), unreadable_of(*found))

    async def bills(self, since_ns: int) -> Listing[Bill]:
        """What moved balances since since_ns without an execution of a traded instrument type, oldest first.

        Every bill is read, executions too, a hundred a request: a filter by type would miss the types that nobody
        knows yet. Beyond seven days they come from the archive as well, which keeps three months.
        """
        parameters = {"begin": _milliseconds(since_ns)}
        archived = self._time_sync.now_ns() - since_ns > BILLS_KEPT_NS
        found: dict[object, Parsed[wire.BillRow]] = {}
        for endpoint in [endpoints.BILLS_ARCHIVE, endpoints.BILLS] if archived else [endpoints.BILLS]:
            for parsed in await self._pages(endpoint, parameters, wire.BillRow, "billId"):
                found[parsed.id or bytes(parsed.raw)] = parsed
        read = rows.listing(RowKind.BILL, found.values(), self._bill)
        read.sort(key=lambda each: (each.time_ns, each.bill_id))
        return read

    def _bill(self, row: wire.BillRow) -> Bill | None:
        """None for what `fills` lists too; what was executed of other instrument types it leaves out."""
        if bills.is_execution(row) and self._kinds.concern(row.instType, row.instId):
            return None
        bill = bills.bill(row)
        return bill if bill.amount else None

    async def positions(self) -> Listing[VenuePosition]:
        raws = await self._rest.raw_rows(Query(endpoints.POSITIONS))
        parsed = (rows.parse(raw, wire.PositionRow, "instId") for raw in raws)
        return rows.listing(
            RowKind.POSITION,
            parsed,
            lambda row: codec.position(row) if self._swaps.concern(row.instType, row.instId) else None,
            self._swaps.may_concern,
        )

    async def fee_rates(self, instrument_id: str) -> FeeRates:
        entry = self._catalogue.get(instrument_id)
        if entry is None:
            raise ExchangeRefused("51001", f"instrument {instrument_id} is not in the catalogue")
        spot = entry.instrument.kind is InstrumentKind.SPOT
        name, value = ("instId", instrument_id) if spot else ("instFamily", entry.family)
        parameters = {"instType": entry.instrument_type, name: value}
        row = await self._rest.row(Query(endpoints.TRADE_FEE, parameters), wire.FeeRow)
        return codec.fee_rates(row, entry.group_id, entry.instrument.settle)

    async def leverage(self, instrument_id: str, mode: TradeMode) -> dict[PositionSide, Decimal]:
        """Leverage by position side; one entry, NET, in one-way mode and for cross margin."""
        query = Query(endpoints.LEVERAGE, {"instId": instrument_id, "mgnMode": mode.value})
        found = await self._rest.rows(query, wire.LeverageRow)
        return {codec.side_of_position(row.posSide): codec.needed("lever", row.lever) for row in found}

    async def set_leverage(
        self, instrument_id: str, leverage: Decimal, mode: TradeMode, position_side: PositionSide = PositionSide.NET
    ) -> Decimal:
        """Returns the leverage in force afterwards."""
        body = {"instId": instrument_id, "lever": plain(leverage), "mgnMode": mode.value}
        if mode is TradeMode.ISOLATED and position_side is not PositionSide.NET:
            body["posSide"] = position_side.value
        row = await self._rest.command(endpoints.SET_LEVERAGE, body, wire.LeverageRow)
        return codec.needed("lever", row.lever)

    async def cancel_all_after(self, seconds: int, tag: str = "") -> None:
        """Arm OKX's dead man's switch: every order (of the tag) is canceled unless this is called again in time.

        seconds: 10 to 120, or 0 to disarm (OKX v5 cancel-all-after).
        """
        if seconds != 0 and not 10 <= seconds <= 120:
            raise ValueError(f"cancel_all_after seconds {seconds} must be 0 or 10 to 120")
        body = {"timeOut": str(seconds), **({"tag": tag} if tag else {})}
        await self._rest.command(endpoints.CANCEL_ALL_AFTER, body, wire.TriggerRow)

    # --- market ---

    async def instruments(self) -> Listing[Instrument]:
        """Every instrument of the configured types; refreshes the catalogue."""
        unread: list[Unreadable] = []
        for instrument_type in self._config.instrument_types:
            query = Query(endpoints.INSTRUMENTS, {"instType": instrument_type})
            unread += self._catalogue.load(await self._rest.raw_rows(query))
        return Listing(self._catalogue.all(), unread)

    async def ticker(self, instrument_id: str) -> Ticker:
        row = await self._rest.row(Query(endpoints.TICKER, {"instId": instrument_id}), wire.TickerRow)
        return market_rows.ticker(row)

    async def book(self, instrument_id: str) -> BookUpdate:
        query = Query(endpoints.BOOK, {"instId": instrument_id, "sz": str(BOOK_DEPTH)})
        found = await self._rest.raw_rows(query)
        if not found:
            raise ProtocolError(f"no book of {instrument_id}")
        return market_rows.book(instrument_id, wire.read_book(found[0]), BookAction.SNAPSHOT)

    async def tickers(self) -> list[Ticker]:
        """Of every instrument of the configured types."""
        found: list[Ticker] = []
        for instrument_type in self._config.instrument_types:
            raws = await self._rest.raw_rows(Query(endpoints.TICKERS, {"instType": instrument_type}))
            parsed = (rows.parse(raw, wire.TickerRow, "instId") for raw in raws)
            listed = rows.listing(RowKind.INSTRUMENT, parsed, market_rows.ticker)
            if listed.unreadable:
                log.warning("okx tickers not read", count=len(listed.unreadable), first=listed.unreadable[0].reason)
            found += listed
        return found

    async def candles(
        self, instrument_id: str, bar: str, since_ns: int, until_ns: int | None = None
    ) -> Listing[Candle]:
        """Bars that opened at since_ns or later, and before until_ns, oldest first, the unfinished one last; read row
        by row.

        OKX has 1,440 in its first list, older ones in a slower one; at most CANDLE_PAGES_MAX pages of either are read.
        Raises ValueError for a bar that OKX does not have.
        """
        market_rows.check_bar(bar)
        found: dict[int, Candle] = {}
        bad: dict[str, Unreadable] = {}
        for endpoint in (endpoints.CANDLES, endpoints.CANDLE_HISTORY):
            for _ in range(CANDLE_PAGES_MAX):
                if found and min(found) <= since_ns:
                    break
                before_ns = min(found) if found else until_ns
                older = {} if before_ns is None else {"after": str(-(-before_ns // NS_PER_MS))}
                query = Query(endpoint, {"instId": instrument_id, "bar": bar, "limit": CANDLES_MAX, **older})
                parsed = [rows.parse(raw, wire.CandleRow, "ts") for raw in await self._rest.raw_rows(query)]
                read = rows.listing(RowKind.CANDLE, parsed, lambda row: market_rows.candle(row, instrument_id, bar))
                bad |= {each.raw: replace(each, subject=instrument_id) for each in read.unreadable}
                fresh = {each.opened_ns: each for each in read if each.opened_ns not in found}
                if not fresh:
                    break
                found |= fresh
        return Listing((each for opened_ns, each in sorted(found.items()) if opened_ns >= since_ns), bad.values())

    async def hourly_volumes(self, instrument_id: str, since_ns: int) -> Listing[HourVolume]:
        """Of confirmed candles alone; a contract's volume is in contracts, spot's in base."""
        listed = await self.candles(instrument_id, HOUR_BAR, since_ns)
        volumes = (HourVolume(each.opened_ns, each.volume) for each in listed if each.complete)
        return Listing(volumes, listed.unreadable)

    async def minute_closes(self, instrument_id: str, since_ns: int) -> list[MinuteClose]:
        """Of confirmed candles alone."""
        listed = await self.candles(instrument_id, MINUTE_BAR, since_ns)
        return [MinuteClose(each.opened_ns + NS_PER_MINUTE, each.close) for each in listed if each.complete]

    async def trade_before(self, instrument_id: str, at_ns: int) -> PublicTrade | None:
        """OKX keeps three months. Pages by time (type 2) hold what is older than `after`, newest first."""
        older = {"type": "2", "after": str(at_ns // NS_PER_MS + 1), "limit": "1"}
        found = await self._rest.rows(Query(endpoints.TRADE_HISTORY, {"instId": instrument_id, **older}), wire.TradeRow)
        return market_rows.trade(found[0]) if found else None

    async def mark_price(self, instrument_id: str) -> MarkPrice:
        query = Query(endpoints.MARK_PRICE, {"instType": "SWAP", "instId": instrument_id})
        return market_rows.mark_price(await self._rest.row(query, wire.MarkPriceRow))

    async def funding_rate(self, instrument_id: str) -> FundingRate:
        """Of the present period."""
        row = await self._rest.row(Query(endpoints.FUNDING_RATE, {"instId": instrument_id}), wire.FundingRow)
        return market_rows.funding_rate(row)


def _fill_time(report: OrderReport) -> tuple[int, str]:
    assert report.fill is not None, "fills come as reports with a fill"
    return report.fill.time_ns, report.fill.trade_id


def _milliseconds(time_ns: int) -> str:
    """One earlier than asked for, whether OKX counts `begin` in or out; what comes twice is joined anyway."""
    return str(max(time_ns // NS_PER_MS - 1, 0))
