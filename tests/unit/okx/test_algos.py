"""OKX's own algo orders and the channels beyond the port, on the simulator's core in virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from app.clock import NS_PER_SECOND
from app.domain.conditions import Watched
from app.domain.market import Ticker
from app.domain.orders import OrderSide, OrderType, TradeMode, VenueState
from app.exchanges.errors import ExchangeRefused
from app.exchanges.okx import OkxExchange, wire
from app.exchanges.okx.beyond import algo_orders, watches
from app.exchanges.okx.beyond.algo_orders import (
    AlgoAmendment,
    AlgoKind,
    AlgoName,
    AlgoReport,
    AlgoRequest,
    AlgoState,
    AttachedExits,
    Trigger,
    TriggerBy,
)
from app.exchanges.okx.market_rows import Candle, FundingRate
from app.exchanges.okx.transport import Response
from app.exchanges.port import OutcomeKind
from app.simulator.doors.views.algos import algo_row
from tests.contract.support.venues import SPOT, SWAP, Bench, OkxVenueUnderTest, play
from tests.support.simulated_okx import SimulatedVenue

D = Decimal
BUY, SELL = OrderSide.BUY, OrderSide.SELL
ACCEPTED, REJECTED, UNKNOWN, NOT_SENT = (
    OutcomeKind.ACCEPTED,
    OutcomeKind.REJECTED,
    OutcomeKind.UNKNOWN,
    OutcomeKind.NOT_SENT,
)


class AlgoBench:
    """A bench on the OKX adapter, every report of algo orders kept."""

    def __init__(self, bench: Bench) -> None:
        assert isinstance(bench.exchange, OkxExchange)
        assert isinstance(bench.venue, OkxVenueUnderTest)
        self.bench, self.exchange, self.under_test = bench, bench.exchange, bench.venue
        self.venue: SimulatedVenue = bench.venue.venue
        self.algos = bench.exchange.algos
        self.told: list[AlgoReport] = []

    def request(self, name: str, kind: AlgoKind, side: OrderSide = SELL, size: str = "0.1", **more: Any) -> AlgoRequest:
        return AlgoRequest(name, self.bench.instruments[SPOT], kind, side, D(size), TradeMode.CASH, **more)

    def of(self, name: str) -> list[tuple[AlgoState, str]]:
        return [(each.state, each.actual_side) for each in self.told if each.client_order_id == name]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The algo order as the venue shows it."""
        found = [each for each in self.venue.exchange.algos.live.values() if each.params.get("algoClOrdId") == name]
        return [algo_row(each, self.venue.exchange.markets[each.inst_id]) for each in found]

    async def move_to(self, price: str) -> None:
        """Somebody buys all the way up, or sells all the way down, to a price."""
        last = (await self.exchange.ticker(SPOT)).last
        assert last is not None
        side = SELL if D(price) > last else BUY
        await self.under_test.trade_through(side, D(price), D("1.5"))
        await self.bench.settle()


def on_okx(scenario: Callable[[AlgoBench], Awaitable[None]]) -> None:
    async def run(bench: Bench) -> None:
        algos = AlgoBench(bench)
        await algos.exchange.track_algos(algos.told.append)
        await bench.settle()
        await scenario(algos)

    play(OkxVenueUnderTest, run)


_NOT_FOUND = b'{"code":"1","msg":"","data":[{"algoId":"","algoClOrdId":"trail","sCode":"51400","sMsg":"gone"}]}'
STOP, PROFIT = Trigger(D("49999.2")), Trigger(D("50000.3"))
"""Either side of the market at 50,000; 1.5 bitcoin reach each, what follows them does not."""


def test_a_stop_loss_is_placed_read_amended_and_canceled() -> None:
    async def scenario(it: AlgoBench) -> None:
        request = it.request("stop1", AlgoKind.CONDITIONAL, stop_loss=replace(STOP, order_price=D(48_900)))
        placed = await it.algos.submit(request)
        assert placed.kind is ACCEPTED
        (waiting,) = await it.algos.pending()
        assert (waiting.algo_id, waiting.client_order_id, waiting.kind) == (
            placed.venue_order_id,
            "stop1",
            AlgoKind.CONDITIONAL,
        )
        assert (waiting.stop_loss, waiting.take_profit) == (Trigger(D("49999.2"), D(48_900), TriggerBy.LAST), None)
        name = AlgoName(SPOT, AlgoKind.CONDITIONAL, client_order_id="stop1")
        amended = await it.algos.amend(name, AlgoAmendment("r1", size=D("0.2"), stop_loss=Trigger(D(48_000))))
        assert amended.kind is ACCEPTED
        found = await it.algos.order(client_order_id="stop1")
        assert found is not None
        assert (found.size, found.stop_loss) == (D("0.2"), Trigger(D(48_000)))
        assert (await it.algos.cancel(name)).kind is ACCEPTED
        assert await it.algos.pending() == []
        (ended,) = await it.algos.history(0)
        assert (ended.algo_id, ended.state) == (placed.venue_order_id, AlgoState.CANCELED)
        await it.bench.settle()
        assert [state for state, _ in it.of("stop1")] == [AlgoState.LIVE, AlgoState.LIVE, AlgoState.CANCELED]
        assert [each.amend_request_id for each in it.told] == ["", "r1", ""]
        again = await it.algos.cancel(name)
        assert (again.kind, again.code) == (REJECTED, "51400")

    on_okx(scenario)


@pytest.mark.parametrize(
    ("kind", "prices", "moves", "side"),
    [
        (AlgoKind.CONDITIONAL, {"stop_loss": STOP}, ["49999"], "sl"),
        (AlgoKind.CONDITIONAL, {"take_profit": PROFIT}, ["50000.4"], "tp"),
        (AlgoKind.OCO, {"stop_loss": STOP, "take_profit": PROFIT}, ["50000.4"], "tp"),
        (AlgoKind.OCO, {"stop_loss": STOP, "take_profit": PROFIT}, ["49999"], "sl"),
        (AlgoKind.TRIGGER, {"trigger": Trigger(D("50000.3"), D(49_990))}, ["50000.4"], ""),
        (AlgoKind.TRAILING, {"callback_spread": D(1)}, ["50000.4", "49999"], ""),
    ],
)
def test_each_kind_fires_at_its_price(kind: AlgoKind, prices: dict[str, Any], moves: list[str], side: str) -> None:
    async def scenario(it: AlgoBench) -> None:
        assert (await it.algos.submit(it.request("a1", kind, **prices))).kind is ACCEPTED
        await it.bench.settle()
        assert [each.client_order_id for each in it.algos.live()] == ["a1"]
        for price in moves:
            await it.move_to(price)
        assert it.of("a1")[-1] == (AlgoState.EFFECTIVE, side)
        assert it.algos.live() == []
        (order_id,) = it.told[-1].order_ids
        report = await it.exchange.order(SPOT, venue_order_id=order_id)
        assert report is not None
        assert report.state is VenueState.FILLED
        assert [each.algo_id for each in await it.algos.history(0)] == [it.told[-1].algo_id]

    on_okx(scenario)


def test_exits_that_come_with_an_order_stand_once_it_has_filled() -> None:
    async def scenario(it: AlgoBench) -> None:
        intent = it.bench.intent("o1", BUY, OrderType.MARKET, "0.1")
        exits = AttachedExits("exit1", take_profit=PROFIT, stop_loss=STOP)
        outcome = await it.exchange.submit_with_exits(intent, [exits])
        assert outcome.kind is ACCEPTED
        await it.bench.settle()
        (waiting,) = await it.algos.pending()
        assert (waiting.kind, waiting.side, waiting.size, waiting.attached_to) == (
            AlgoKind.OCO,
            SELL,
            D("0.1"),
            outcome.venue_order_id,
        )
        await it.move_to("49999")
        assert it.of("exit1")[-1] == (AlgoState.EFFECTIVE, "sl")
        with pytest.raises(ValueError, match="take_profit, stop_loss or both"):
            await it.exchange.submit_with_exits(
                it.bench.intent("o2", BUY, OrderType.MARKET, "0.1"), [AttachedExits("e")]
            )

    on_okx(scenario)


@pytest.mark.parametrize(("knob", "taken"), [("drop_reply", True), ("drop_request", False)])
def test_an_unanswered_algo_order_is_unknown_and_found_by_its_id(knob: str, taken: bool) -> None:
    async def scenario(it: AlgoBench) -> None:
        it.venue.set_faults({knob: {"at": [1], "times": 1}})
        request = it.request("u1", AlgoKind.CONDITIONAL, stop_loss=STOP)
        assert (await it.algos.submit(request)).kind is UNKNOWN
        found = await it.algos.order(client_order_id="u1")
        assert (found is not None) is taken
        with pytest.raises(RuntimeError, match="u1 was handed to the wire before"):
            await it.algos.submit(request)

    on_okx(scenario)


def test_a_trigger_order_s_price_has_one_name_when_placed_another_when_amended_and_a_third_in_answers() -> None:
    """orderPx, newOrdPx and ordPx, as OKX's pages have them; read here from what was sent, not from who takes it."""

    async def scenario(it: AlgoBench) -> None:
        trigger = Trigger(D(51_000), D(51_010))
        request = it.request("t1", AlgoKind.TRIGGER, BUY, trigger=trigger)
        assert algo_orders.place(request, TradeMode.CASH) == {
            "instId": SPOT, "tdMode": "cash", "side": "buy", "ordType": "trigger", "algoClOrdId": "t1", "sz": "0.1",
            "triggerPx": "51000", "orderPx": "51010", "triggerPxType": "last",
        }  # fmt: skip
        at_market = algo_orders.place(replace(request, trigger=Trigger(D(51_000))), TradeMode.CASH)
        assert (at_market["orderPx"], at_market["tgtCcy"]) == ("-1", "base_ccy")
        assert "tgtCcy" not in algo_orders.place(
            replace(request, side=SELL, trigger=Trigger(D(49_000))), TradeMode.CASH
        )
        name = AlgoName(SPOT, AlgoKind.TRIGGER, "t1")
        assert algo_orders.amend(name, AlgoAmendment("r1", trigger=trigger)) == {
            "instId": SPOT, "algoClOrdId": "t1", "reqId": "r1", "newTriggerPx": "51000", "newOrdPx": "51010",
            "newTriggerPxType": "last",
        }  # fmt: skip
        row = wire.read_row(
            msgspec.Raw(b'{"instId":"BTC-USDT","algoId":"1","triggerPx":"51000","ordPx":"51010"}'), wire.AlgoRow
        )
        assert algo_orders.report(row).trigger == trigger

    on_okx(scenario)


def test_a_trigger_order_with_a_price_rests_at_it_and_can_be_amended() -> None:
    async def scenario(it: AlgoBench) -> None:
        trigger = Trigger(D("50000.3"), D(49_000))
        assert (await it.algos.submit(it.request("t1", AlgoKind.TRIGGER, BUY, trigger=trigger))).kind is ACCEPTED
        found = await it.algos.order(client_order_id="t1")
        assert found is not None
        assert found.trigger == trigger
        wanted = Trigger(D("50000.4"), D(49_100))
        name = AlgoName(SPOT, AlgoKind.TRIGGER, "t1")
        assert (await it.algos.amend(name, AlgoAmendment("r1", trigger=wanted))).kind is ACCEPTED
        await it.move_to("50000.4")
        (order_id,) = it.told[-1].order_ids
        report = await it.exchange.order(SPOT, venue_order_id=order_id)
        assert report is not None
        assert (report.state, report.price) == (VenueState.LIVE, D(49_100))

    on_okx(scenario)


@pytest.mark.parametrize(
    ("kind", "side", "prices", "code"),
    [
        (AlgoKind.CONDITIONAL, SELL, {"stop_loss": Trigger(D(51_000))}, "51280"),
        (AlgoKind.CONDITIONAL, SELL, {"take_profit": Trigger(D(49_000))}, "51279"),
        (AlgoKind.CONDITIONAL, BUY, {"stop_loss": Trigger(D(49_000))}, "51278"),
        (AlgoKind.CONDITIONAL, BUY, {"take_profit": Trigger(D(51_000))}, "51277"),
        (AlgoKind.TRAILING, SELL, {"callback_ratio": D("0.01"), "activation_price": D(49_000)}, "51258"),
    ],
)
def test_a_trigger_on_the_wrong_side_is_refused_for_certain(
    kind: AlgoKind, side: OrderSide, prices: dict[str, Any], code: str
) -> None:
    async def scenario(it: AlgoBench) -> None:
        outcome = await it.algos.submit(it.request("w1", kind, side, **prices))
        assert (outcome.kind, outcome.code) == (REJECTED, code)

    on_okx(scenario)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": AlgoKind.OCO}, "kind oco needs take_profit and stop_loss"),
        ({"take_profit": STOP}, "kind conditional needs either take_profit or stop_loss"),
        ({"kind": AlgoKind.TRIGGER}, "kind trigger needs trigger"),
        ({"kind": AlgoKind.TRAILING}, "kind move_order_stop needs either callback_ratio or callback_spread"),
        ({"size": None}, "size None closes a position, and spot has none"),
        ({"size": D(0)}, "size 0 must be above zero"),
        ({"size": D("NaN")}, "size NaN must be above zero"),
        ({"stop_loss": replace(STOP, price=D(0))}, "price at 0 0 must be above zero"),
        ({"stop_loss": replace(STOP, order_price=D(-1))}, "order_price at 49999.2 -1 must be above zero"),
        (
            {"stop_loss": replace(STOP, by=TriggerBy.MARK)},
            "a spot order watches the last price; by must be last, not mark",
        ),
        (
            {"kind": AlgoKind.TRAILING, "callback_ratio": D("0.0005")},
            "callback_ratio 0.0005 must be from 0.001 to 1",
        ),
        ({"client_order_id": "a-b"}, "client_order_id 'a-b' must be 1 to 32 letters and digits"),
    ],
)
def test_what_okx_could_not_take_is_not_sent(changes: dict[str, Any], said: str) -> None:
    async def scenario(it: AlgoBench) -> None:
        request = replace(it.request("a1", AlgoKind.CONDITIONAL, stop_loss=STOP), **changes)
        outcome = await it.algos.submit(request)
        assert (outcome.kind, outcome.message) == (NOT_SENT, said)
        assert not any("order-algo" in target and method == "POST" for method, target in it.venue.requests)

    on_okx(scenario)


def test_what_cannot_be_amended_or_named_is_not_sent() -> None:
    async def scenario(it: AlgoBench) -> None:
        name = AlgoName(SPOT, AlgoKind.CONDITIONAL, "a1")
        for meant, amendment, said in (
            (replace(name, kind=AlgoKind.TRAILING), AlgoAmendment("r1", D(1)), "OKX does not amend trailing stops"),
            (name, AlgoAmendment("r1"), "changes nothing"),
            (replace(name, client_order_id=""), AlgoAmendment("r1", D(1)), "one of the algo order's ids"),
            (name, AlgoAmendment("r-1", D(1)), "request_id 'r-1' must be"),
            (name, AlgoAmendment("r1", D(0)), "size 0 must be above zero"),
            (name, AlgoAmendment("r1", D("NaN")), "size NaN must be above zero"),
            (name, AlgoAmendment("r1", stop_loss=Trigger(D(0))), "price at 0 0 must be above zero"),
            (name, AlgoAmendment("r1", stop_loss=Trigger(D(9), D(-1))), "order_price at 9 -1 must be above zero"),
            (name, AlgoAmendment("r1", trigger=STOP), "kind conditional has no trigger"),
            (replace(name, kind=AlgoKind.TRIGGER), AlgoAmendment("r1", stop_loss=STOP), "kind trigger has neither"),
        ):
            outcome = await it.algos.amend(meant, amendment)
            assert outcome.kind is NOT_SENT
            assert said in outcome.message
        assert (await it.algos.cancel(AlgoName(SPOT, AlgoKind.OCO))).kind is NOT_SENT
        refused = await it.algos.amend(name, AlgoAmendment("r1", D(1)))
        assert (refused.kind, refused.code) == (REJECTED, "51503")

    on_okx(scenario)


@pytest.mark.parametrize(
    ("refuses", "asked", "gone"),
    [
        ((), ["cancel-algos"], True),
        (("cancel-algos",), ["cancel-algos", "cancel-advance-algos"], True),
        (("cancel-algos", "cancel-advance-algos"), ["cancel-algos", "cancel-advance-algos"], False),
    ],
)
def test_a_trailing_stop_is_canceled_by_whichever_door_takes_it(
    refuses: tuple[str, ...], asked: list[str], gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(it: AlgoBench) -> None:
        await it.algos.submit(it.request("trail", AlgoKind.TRAILING, callback_spread=D(100)))
        handle, tried = it.venue.handle, list[str]()

        async def some(method: str, target: str, headers: Mapping[str, str], body: str) -> Response:
            tried.append(target.rpartition("/")[2])
            refused = tried[-1] in refuses
            return Response(200, _NOT_FOUND) if refused else await handle(method, target, headers, body)

        monkeypatch.setattr(it.venue, "handle", some)
        outcome = await it.algos.cancel(AlgoName(SPOT, AlgoKind.TRAILING, "trail"))
        assert (outcome.kind is ACCEPTED, it.rows("trail") == []) == (gone, gone)
        assert tried == asked

    on_okx(scenario)


def test_what_ends_while_the_stream_is_away_is_told_after_it() -> None:
    async def scenario(it: AlgoBench) -> None:
        for name in ("gone", "stays"):
            await it.algos.submit(it.request(name, AlgoKind.CONDITIONAL, stop_loss=STOP))
        await it.bench.settle()
        it.venue.cut_all()
        assert (await it.algos.cancel(AlgoName(SPOT, AlgoKind.CONDITIONAL, "gone"))).kind is ACCEPTED
        await it.algos.submit(it.request("new", AlgoKind.TRIGGER, trigger=Trigger(D(40_000))))
        assert it.of("gone") == [(AlgoState.LIVE, "")]
        await it.bench.clock.sleep(10)
        assert it.of("gone") == [(AlgoState.LIVE, ""), (AlgoState.CANCELED, "")]
        assert it.of("stays") == [(AlgoState.LIVE, "")]
        assert it.of("new") == [(AlgoState.LIVE, "")]

    on_okx(scenario)


def test_a_stop_on_a_contract_closes_the_whole_position() -> None:
    async def scenario(it: AlgoBench) -> None:
        await it.bench.place("s1", BUY, OrderType.MARKET, "3", instrument_id=SWAP)
        last = (await it.exchange.ticker(SWAP)).last
        assert last is not None
        request = AlgoRequest(
            "c1",
            it.bench.instruments[SWAP],
            AlgoKind.CONDITIONAL,
            SELL,
            None,
            TradeMode.CROSS,
            stop_loss=Trigger(last - D("0.1")),
        )
        for changes, said in (
            ({"kind": AlgoKind.TRIGGER, "stop_loss": None, "trigger": STOP}, "by kind conditional or oco, not trigger"),
            ({"stop_loss": Trigger(D(49_000), D(48_000))}, "order_price must be None, not 48000"),
        ):
            refused = await it.algos.submit(replace(request, **changes))
            assert (refused.kind, said in refused.message) == (NOT_SENT, True)
        assert (await it.algos.submit(request)).kind is ACCEPTED
        second = await it.algos.submit(replace(request, client_order_id="c2"))
        assert (second.kind, second.code) == (REJECTED, "51088")
        assert [row["reduceOnly"] for row in it.rows("c1")] == ["true"]
        params = {"instId": SWAP, "tdMode": "cross", "side": "sell", "ordType": "market", "sz": "1"}
        it.venue.act("order", account="other", params=params)
        await it.bench.settle()
        assert it.of("c1")[-1] == (AlgoState.EFFECTIVE, "sl")
        assert [position.size for position in await it.exchange.positions() if position.size] == []

    on_okx(scenario)


def test_market_data_beyond_books_and_trades() -> None:
    async def scenario(bench: Bench) -> None:
        exchange, clock = bench.exchange, bench.clock
        assert isinstance(exchange, OkxExchange)
        tickers: list[Ticker] = []
        marks: list[Decimal] = []
        indices: list[Decimal] = []
        rates: list[FundingRate] = []
        bars: list[Candle] = []
        await exchange.follow_ticker(SPOT, tickers.append)
        await exchange.follow_price(SWAP, Watched.MARK, marks.append)
        await exchange.follow_price(SWAP, Watched.INDEX, indices.append)
        await exchange.follow_funding_rate(SWAP, rates.append)
        await exchange.follow_candles(SPOT, "1m", bars.append)
        await bench.place("c1", BUY, OrderType.MARKET, "0.5")
        await clock.sleep(130)
        await bench.place("c2", SELL, OrderType.MARKET, "0.25")
        await clock.sleep(5)
        assert tickers[-1] == replace(await exchange.ticker(SPOT), venue_time_ns=tickers[-1].venue_time_ns)
        assert {each.instrument_id for each in await exchange.reads.tickers()} >= {SPOT, SWAP}
        assert marks[-1] == (await exchange.reads.mark_price(SWAP)).price
        spot = await exchange.ticker(SPOT)
        assert spot.bid is not None
        assert spot.ask is not None
        assert abs(indices[-1] - (spot.bid + spot.ask) / 2) < D("0.1"), "the index is that of the pair"
        rate = await exchange.reads.funding_rate(SWAP)
        assert rates[-1] == rate
        assert rate.next_due_ns - rate.due_ns == 8 * 3600 * NS_PER_SECOND
        read = await exchange.reads.candles(SPOT, "1m", 0)
        assert D("0.25") in [each.volume for each in read[-2:]]
        assert [each.opened_ns for each in read] == sorted({each.opened_ns for each in read})
        assert (bars[-1].instrument_id, bars[-1].bar, bars[-1].volume) == (SPOT, "1m", D("0.25"))
        since_ns = read[-1].opened_ns
        assert await exchange.reads.candles(SPOT, "1m", since_ns) == [read[-1]]
        assert bench.heard.gaps == []
        before = len(tickers)
        bench.venue.break_streams()
        await clock.sleep(10)
        await bench.place("c3", BUY, OrderType.MARKET, "0.5")
        assert len(tickers) > before

    play(OkxVenueUnderTest, scenario)


@pytest.mark.parametrize("given", ['"fundingRate":"",', "", '"fundingRate":null,'])
def test_a_funding_push_without_a_rate_is_read_as_none(given: str) -> None:
    _, read = watches.funding_rates(SWAP)
    raw = f'{{"instId":"{SWAP}",{given}"fundingTime":"1700000000000","nextFundingTime":"1700028800000"}}'
    due_ns = 1_700_000_000 * NS_PER_SECOND
    assert read(msgspec.Raw(raw.encode()), "") == FundingRate(SWAP, None, due_ns, due_ns + 8 * 3600 * NS_PER_SECOND)


def test_a_channel_that_okx_does_not_have_is_refused_and_forgotten() -> None:
    async def scenario(bench: Bench) -> None:
        exchange = bench.exchange
        assert isinstance(exchange, OkxExchange)
        with pytest.raises(ExchangeRefused):
            await exchange.follow_ticker("NO-SUCH", lambda ticker: None)
        with pytest.raises(ValueError, match="bar '7m' must be one of"):
            await exchange.follow_candles(SPOT, "7m", lambda candle: None)
        with pytest.raises(ValueError, match="bar '7m' must be one of"):
            await exchange.reads.candles(SPOT, "7m", 0)
        assert bench.heard.gaps == []

    play(OkxVenueUnderTest, scenario)
