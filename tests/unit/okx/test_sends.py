"""Faults of sending (FAULTS A): one wire send per intent, three answers, and nothing lost in between."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import Any

import aiohttp
import pytest

from app.domain.orders import OrderSide, OrderType, Source, VenueState
from app.exchanges.okx import OkxConfig
from app.exchanges.okx.transport import Response
from app.exchanges.port import CancelRequest, CommittedIntent, Outcome, OutcomeKind
from tests.unit.okx.fake_venue import CONFIG, FakeConnection, Stage, answer, ok, order_reply, play

NOT_SENT, REJECTED, ACCEPTED, UNKNOWN = (
    OutcomeKind.NOT_SENT,
    OutcomeKind.REJECTED,
    OutcomeKind.ACCEPTED,
    OutcomeKind.UNKNOWN,
)
ORDER_PATH = "/api/v5/trade/order"
REST_CONFIG = OkxConfig(
    "fake-key", "fake-secret", "fake-pass", CONFIG.rest_url, CONFIG.ws_url, send_over_websocket=False
)


def test_a_place_is_one_frame_with_everything_in_it() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame))
        outcome = await stage.exchange.submit(stage.intent("c1", expires_ns=1_767_225_605_000_999_999))
        assert outcome == Outcome(ACCEPTED, "900", "0", "")
        (frame,) = stage.venue.last("private").requests("order")
        assert frame == {
            "id": frame["id"],
            "op": "order",
            "expTime": "1767225605000",
            "args": [
                {
                    "tdMode": "cash",
                    "side": "buy",
                    "ordType": "limit",
                    "sz": "0.01",
                    "clOrdId": "c1",
                    "stpMode": "cancel_maker",
                    "px": "50000",
                    "instIdCode": 10459,
                }
            ],
        }

    play(scenario)


@pytest.mark.parametrize(
    ("mode", "order_type", "sent"),
    [
        ("cancel_taker", OrderType.LIMIT, "cancel_taker"),
        ("cancel_both", OrderType.MARKET, "cancel_both"),
        ("cancel_both", OrderType.FOK, "cancel_taker"),
    ],
)
def test_every_order_says_which_of_two_own_ones_ends(mode: str, order_type: OrderType, sent: str) -> None:
    """OKX takes no fill-or-kill order with cancel_both."""

    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame))
        await stage.exchange.submit(stage.intent("c1", order_type))
        (frame,) = stage.venue.last("private").requests("order")
        assert frame["args"][0]["stpMode"] == sent

    play(scenario, config=dataclasses.replace(CONFIG, stp_mode=mode))


def test_d10_a_spot_market_order_says_its_unit_and_forbids_shrinking() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame))
        for number, side in enumerate(OrderSide):
            await stage.exchange.submit(stage.intent(f"c{number}", OrderType.MARKET, side=side))
        for frame in stage.venue.last("private").requests("order"):
            argument = frame["args"][0]
            assert (argument["tgtCcy"], argument["banAmend"], "px" in argument) == ("base_ccy", True, False)

    play(scenario)


def test_a1_no_reply_in_time_is_unknown_and_nothing_is_sent_again() -> None:
    async def scenario(stage: Stage) -> None:
        outcome = await stage.exchange.submit(stage.intent())
        assert outcome.kind is UNKNOWN
        await stage.settle(60)
        assert len(stage.venue.last("private").requests("order")) == 1
        assert stage.venue.posts(ORDER_PATH) == []

    play(scenario)


def test_a1_a_reply_after_the_timeout_is_still_evidence() -> None:
    async def scenario(stage: Stage) -> None:
        outcome = await stage.exchange.submit(stage.intent())
        assert outcome.kind is UNKNOWN
        (frame,) = stage.venue.last("private").requests("order")
        stage.venue.last("private").say(order_reply(frame))
        await stage.settle()
        (report,) = stage.heard.of("c1")
        assert (report.source, report.state, report.venue_order_id) == (Source.REPLY, VenueState.LIVE, "900")

    play(scenario)


@pytest.mark.parametrize("code", ["50004", "51149", "51054", "50026", "50013", "50001", "64007", "59999", ""])
def test_a1_codes_that_do_not_tell_are_unknown(code: str) -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(
            {"id": frame["id"], "op": "order", "code": code, "msg": "?", "data": []}
        )
        assert (await stage.exchange.submit(stage.intent())).kind is UNKNOWN

    play(scenario)


def test_a1_the_connection_closes_with_the_request_written() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.break_off(1006)
        outcome = await stage.exchange.submit(stage.intent())
        assert outcome.kind is UNKNOWN
        await stage.settle(10)
        assert sum(len(each.requests("order")) for each in stage.venue.connections) == 1
        assert stage.venue.posts(ORDER_PATH) == []

    play(scenario)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (aiohttp.ServerDisconnectedError(), UNKNOWN),
        (aiohttp.ClientOSError(104, "reset"), UNKNOWN),
        (aiohttp.ClientPayloadError("cut"), UNKNOWN),
        (TimeoutError(), UNKNOWN),
        (ConnectionResetError(), UNKNOWN),
        (aiohttp.ConnectionTimeoutError(), NOT_SENT),
        (aiohttp.InvalidURL("x"), NOT_SENT),
        (Response(502, b"<html>bad gateway</html>"), UNKNOWN),
        (Response(504, b""), UNKNOWN),
        (Response(500, b"{}"), UNKNOWN),
        (Response(400, b"{}"), UNKNOWN),
        (Response(200, b"not json"), UNKNOWN),
        (Response(200, b'{"code":"0","msg":"","data":[]}'), UNKNOWN),
        (Response(302, b""), UNKNOWN),
        (answer("50004", "timed out", status=400), UNKNOWN),
        (answer("51149", "timed out", status=500), UNKNOWN),
        (answer("50011", "Too Many Requests", status=429), REJECTED),
        (Response(429, b"slow down"), REJECTED),
        (Response(401, b'{"msg":"Invalid OK-ACCESS-KEY","code":"50111"}'), REJECTED),
        (Response(404, b'{"code":404,"data":{},"error_code":"404","msg":"Not Found"}'), REJECTED),
    ],
)
def test_a2_every_way_a_rest_send_can_end(reply: Response | Exception, kind: OutcomeKind) -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.rest["trade/order"] = lambda query, headers, body: reply
        outcome = await stage.exchange.submit(stage.intent())
        assert outcome.kind is kind
        await stage.settle(30)
        assert len(stage.venue.posts(ORDER_PATH)) == 1

    play(scenario, config=REST_CONFIG)


def test_a3_a_canceled_caller_does_not_lose_the_outcome_of_a_rest_send() -> None:
    async def scenario(stage: Stage) -> None:
        async def slow() -> Response:
            await stage.clock.sleep(1)
            return ok({"ordId": "901", "clOrdId": "c1", "sCode": "0", "sMsg": ""})

        stage.venue.rest["trade/order"] = lambda query, headers, body: slow()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stage.exchange.submit(stage.intent()), 0.5)
        await stage.settle(1)
        (report,) = stage.heard.of("c1")
        assert (report.source, report.venue_order_id) == (Source.REPLY, "901")

    play(scenario, config=REST_CONFIG)


def test_a3_a_canceled_caller_does_not_lose_the_outcome_of_a_websocket_send() -> None:
    async def scenario(stage: Stage) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stage.exchange.submit(stage.intent()), 0.5)
        (frame,) = stage.venue.last("private").requests("order")
        stage.venue.last("private").say(order_reply(frame))
        await stage.settle()
        assert [report.venue_order_id for report in stage.heard.of("c1")] == ["900"]

    play(scenario)


@pytest.mark.parametrize("code", ["51016", "50071"])
def test_a5_a_duplicate_client_order_id_is_a_question(code: str) -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(
            order_reply(frame, code="1", s_code=code, ordId="", sMsg="Duplicated client order ID")
        )
        outcome = await stage.exchange.submit(stage.intent())
        assert (outcome.kind, outcome.code) == (UNKNOWN, code)

    play(scenario)


@pytest.mark.parametrize("bad", ["", "has-hyphen", "x" * 33, "ümlaut", "sp ace"])
def test_a6_ids_that_okx_would_refuse_are_not_sent(bad: str) -> None:
    async def scenario(stage: Stage) -> None:
        outcome = await stage.exchange.submit(stage.intent(bad))
        assert outcome.kind is NOT_SENT
        assert repr(bad) in outcome.message
        assert stage.venue.last("private").requests("order") == []

    play(scenario)


def test_a7_the_row_decides_not_the_code_of_the_whole() -> None:
    async def scenario(stage: Stage) -> None:
        replies = iter(
            [
                {"code": "2", "s_code": "0"},
                {"code": "2", "s_code": "51008", "ordId": "", "subCode": "1000"},
                {"code": "1", "s_code": "51020", "ordId": ""},
                {"code": "0", "s_code": "0", "ordId": ""},
                {"code": "0", "s_code": "0", "ordId": "1\x00"},
            ]
        )
        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame, **next(replies)))
        outcomes = [await stage.exchange.submit(stage.intent(f"c{number}")) for number in range(5)]
        assert [(each.kind, each.code) for each in outcomes] == [
            (ACCEPTED, "0"),
            (REJECTED, "51008"),
            (REJECTED, "51020"),
            (UNKNOWN, "0"),
            (UNKNOWN, "0"),
        ]

    play(scenario)


@pytest.mark.parametrize("rows", [[], [{"sCode": "0", "ordId": "1", "clOrdId": "other"}], [{"sCode": "0"}] * 2])
def test_a7_a_missing_or_foreign_row_is_unknown(rows: list[dict[str, Any]]) -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(
            {"id": frame["id"], "op": "order", "code": "0", "msg": "", "data": rows}
        )
        assert (await stage.exchange.submit(stage.intent())).kind is UNKNOWN

    play(scenario)


def test_a8_a_reply_within_the_write_and_one_for_nobody() -> None:
    async def scenario(stage: Stage) -> None:
        def reply(connection: FakeConnection, frame: Any) -> None:
            connection.say(order_reply({**frame, "id": "nobody"}, ordId="1"))
            connection.say(order_reply(frame, ordId="2"))

        stage.venue.operations["order"] = reply
        outcome = await stage.exchange.submit(stage.intent())
        assert (outcome.kind, outcome.venue_order_id) == (ACCEPTED, "2")
        assert [reason for reason, _ in stage.heard.gaps] == ["reply to order with id 'nobody', which nobody waits for"]

    play(scenario)


def test_a8_replies_in_any_order_find_their_requests() -> None:
    async def scenario(stage: Stage) -> None:
        frames: list[Any] = []

        def collect(connection: FakeConnection, frame: Any) -> None:
            frames.append(frame)
            if len(frames) == 5:
                for each in reversed(frames):
                    connection.say(order_reply(each, ordId="9" + each["args"][0]["clOrdId"][1:]))

        stage.venue.operations["order"] = collect
        outcomes = await asyncio.gather(*(stage.exchange.submit(stage.intent(f"c{n}")) for n in range(5)))
        assert [each.venue_order_id for each in outcomes] == ["90", "91", "92", "93", "94"]

    play(scenario)


def test_a9_ten_minutes_of_503_and_each_intent_is_sent_once() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.rest["trade/order"] = lambda query, headers, body: Response(503, b"")
        for number in range(60):
            assert (await stage.exchange.submit(stage.intent(f"c{number}"))).kind is UNKNOWN
            await stage.settle(10)
        sent = [body["clOrdId"] for body in stage.venue.posts(ORDER_PATH)]
        assert sent == [f"c{number}" for number in range(60)]

    play(scenario, config=REST_CONFIG)


def test_rest_is_chosen_before_sending_when_the_stream_is_down() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.rest["trade/order"] = lambda query, headers, body: ok(
            {"ordId": "902", "clOrdId": "c1", "sCode": "0", "sMsg": ""}
        )
        stage.venue.refuse_connections = ConnectionRefusedError()
        stage.venue.last("private").break_off()
        await stage.settle()
        outcome = await stage.exchange.submit(stage.intent(expires_ns=1_767_225_605_000_000_000))
        assert (outcome.kind, outcome.venue_order_id) == (ACCEPTED, "902")
        (body,) = stage.venue.posts(ORDER_PATH)
        assert (body["instId"], "instIdCode" in body) == ("BTC-USDT", False)
        headers = next(h for method, _, h, _ in stage.venue.requests if method == "POST")
        assert headers["expTime"] == "1767225605000"

    play(scenario)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("51400", REJECTED), ("51401", REJECTED), ("51402", REJECTED), ("51410", REJECTED), ("51412", UNKNOWN)],
)
def test_b3_codes_of_a_cancel(code: str, kind: OutcomeKind) -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["cancel-order"] = lambda connection, frame: connection.say(
            order_reply(frame, code="1", s_code=code, ordId="")
        )
        outcome = await stage.exchange.cancel(CancelRequest("BTC-USDT", client_order_id="c1"))
        assert (outcome.kind, outcome.code) == (kind, code)

    play(scenario)


def test_a_cancel_names_the_venue_s_id_when_known_and_has_no_expiry() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["cancel-order"] = lambda connection, frame: connection.say(
            order_reply(frame, ordId="77")
        )
        outcome = await stage.exchange.cancel(CancelRequest("BTC-USDT", "c1", "77"))
        assert outcome.kind is ACCEPTED
        (frame,) = stage.venue.last("private").requests("cancel-order")
        assert (frame["args"], "expTime" in frame) == ([{"ordId": "77", "instIdCode": 10459}], False)
        nothing = await stage.exchange.cancel(CancelRequest("BTC-USDT"))
        assert nothing.kind is NOT_SENT

    play(scenario)


def test_d3_orders_wait_for_their_window_and_cancels_have_their_own() -> None:
    async def scenario(stage: Stage) -> None:
        for operation in ("order", "cancel-order"):
            stage.venue.operations[operation] = lambda connection, frame: connection.say(order_reply(frame))
        start_ns = stage.clock.monotonic_ns()
        outcomes = await asyncio.gather(*(stage.exchange.submit(stage.intent(f"c{n}")) for n in range(54)))
        assert {each.kind for each in outcomes} == {ACCEPTED}
        assert stage.clock.monotonic_ns() == start_ns
        more = asyncio.ensure_future(stage.exchange.submit(stage.intent("late")))
        await asyncio.sleep(0)
        canceled = await stage.exchange.cancel(CancelRequest("BTC-USDT", "c1"))
        assert (canceled.kind, stage.clock.monotonic_ns()) == (ACCEPTED, start_ns)
        assert (await more).kind is ACCEPTED
        assert stage.clock.monotonic_ns() - start_ns == pytest.approx(2_000_000_000, rel=0.01)

    play(scenario)


def batch_reply(frame: Any, rows: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The reply to a batch: every order accepted under the number in its client order id, unless rows are given."""
    if rows is None:
        rows = [accepted(argument["clOrdId"]) for argument in frame["args"]]
    code = "0" if all(row["sCode"] == "0" for row in rows) else "2"
    return {"id": frame["id"], "op": frame["op"], "code": code, "msg": "", "data": rows}


def accepted(client_order_id: str) -> dict[str, Any]:
    return {"ordId": "9" + client_order_id[1:], "clOrdId": client_order_id, "sCode": "0", "sMsg": ""}


def test_d3_orders_that_must_wait_go_together() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame))
        stage.venue.operations["batch-orders"] = lambda connection, frame: connection.say(batch_reply(frame))
        outcomes = await asyncio.gather(*(stage.exchange.submit(stage.intent(f"c{n}")) for n in range(200)))
        assert {each.kind for each in outcomes} == {ACCEPTED}
        assert [each.venue_order_id for each in outcomes[54:]] == [f"9{n}" for n in range(54, 200)]
        assert stage.clock.monotonic_ns() < 100_000_000
        connection = stage.venue.last("private")
        sizes = [len(frame["args"]) for frame in connection.requests("batch-orders")]
        assert (len(connection.requests("order")), sum(sizes), max(sizes)) == (54, 146, 20)

    play(scenario)


def test_d3_what_would_wait_too_long_is_not_sent() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame))
        stage.venue.operations["batch-orders"] = lambda connection, frame: connection.say(batch_reply(frame))
        outcomes = await asyncio.gather(*(stage.exchange.submit(stage.intent(f"c{n}")) for n in range(1500)))
        connection = stage.venue.last("private")
        sent = {frame["args"][0]["clOrdId"] for frame in connection.requests("order")}
        for frame in connection.requests("batch-orders"):
            sent |= {argument["clOrdId"] for argument in frame["args"]}
        for number, outcome in enumerate(outcomes):
            assert outcome.kind is (ACCEPTED if f"c{number}" in sent else NOT_SENT)
        assert {each.code for each in outcomes if each.kind is NOT_SENT} == {"rate_limited"}
        assert 54 + 270 <= len(sent) <= 2 * (54 + 270)

    play(scenario)


def test_a7_a_batch_is_judged_order_by_order() -> None:
    async def scenario(stage: Stage) -> None:
        def reply(connection: FakeConnection, frame: Any) -> None:
            names = [argument["clOrdId"] for argument in frame["args"]]
            rows = [accepted(name) for name in names]
            rows[1] = {"ordId": "", "clOrdId": names[1], "sCode": "51008", "sMsg": "no money"}
            rows[2] = {"ordId": "", "clOrdId": "", "sCode": "0", "sMsg": ""}
            del rows[3]
            rows.append(accepted(names[4]))
            connection.say(batch_reply(frame, rows[::-1]))

        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame))
        stage.venue.operations["batch-orders"] = reply
        outcomes = await asyncio.gather(*(stage.exchange.submit(stage.intent(f"c{n}")) for n in range(60)))
        assert [each.kind for each in outcomes[54:]] == [ACCEPTED, REJECTED, UNKNOWN, UNKNOWN, UNKNOWN, ACCEPTED]

    play(scenario)


@pytest.mark.parametrize("config", [CONFIG, REST_CONFIG], ids=["websocket", "rest"])
def test_a1_an_unanswered_batch_is_unknown_for_each_and_its_late_reply_is_evidence(config: OkxConfig) -> None:
    async def scenario(stage: Stage) -> None:
        async def late(body: str) -> Response:
            await stage.clock.sleep(2)
            return ok(*(accepted(each["clOrdId"]) for each in json.loads(body)))

        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame))
        stage.venue.rest["trade/order"] = lambda query, headers, body: ok(accepted(json.loads(body)["clOrdId"]))
        stage.venue.rest["trade/batch-orders"] = lambda query, headers, body: late(body)
        sending = [asyncio.ensure_future(stage.exchange.submit(stage.intent(f"c{n}"))) for n in range(57)]
        await stage.settle(1)
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        if config is CONFIG:
            connection = stage.venue.last("private")
            (frame,) = connection.requests("batch-orders")
            connection.say(batch_reply(frame))
        await stage.settle(2)
        assert sorted(report.client_order_id for report in stage.heard.orders) == ["c54", "c55", "c56"]

    play(scenario, config=config)


def test_a3_a_caller_that_leaves_the_queue_takes_its_order_along() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame))
        await asyncio.gather(*(stage.exchange.submit(stage.intent(f"c{n}")) for n in range(54)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stage.exchange.submit(stage.intent("gone")), 0.5)
        await stage.settle(5)
        connection = stage.venue.last("private")
        assert "gone" not in json.dumps(connection.sent)
        assert (await stage.exchange.submit(stage.intent("next"))).kind is ACCEPTED

    play(scenario)


@pytest.mark.parametrize(("count", "seconds"), [(600, 3), (4_000, 30)])
def test_s12_every_cancel_leaves_as_soon_as_the_limits_let_it(count: int, seconds: int) -> None:
    async def scenario(stage: Stage) -> None:
        for operation in ("cancel-order", "batch-cancel-orders"):
            stage.venue.operations[operation] = lambda connection, frame: connection.say(batch_reply(frame))
        cancels = [stage.exchange.cancel(CancelRequest("BTC-USDT", f"c{n}")) for n in range(count)]
        outcomes = await asyncio.gather(*cancels)
        assert {each.kind for each in outcomes} == {ACCEPTED}
        assert stage.clock.monotonic_ns() < seconds * 1_000_000_000

    play(scenario)


def test_d3_the_venue_s_rate_limit_answer_is_a_refusal() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.operations["order"] = lambda connection, frame: connection.say(
            {"id": frame["id"], "op": "order", "code": "50061", "msg": "sub-account limit", "data": []}
        )
        outcome = await stage.exchange.submit(stage.intent())
        assert (outcome.kind, outcome.code) == (REJECTED, "50061")

    play(scenario)


def test_d1_a_refused_timestamp_starts_a_new_estimate() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.rest["trade/order"] = lambda query, headers, body: Response(
            401, json.dumps({"code": "50102", "msg": "Timestamp request expired"}).encode()
        )
        before = sum(1 for _, target, *_ in stage.venue.requests if "public/time" in target)
        assert (await stage.exchange.submit(stage.intent())).kind is REJECTED
        await stage.settle(1)
        after = sum(1 for _, target, *_ in stage.venue.requests if "public/time" in target)
        assert after > before

    play(scenario, config=REST_CONFIG)


@pytest.mark.parametrize("config", [CONFIG, REST_CONFIG], ids=["websocket", "rest"])
def test_e9_stopping_with_a_send_under_way_leaves_it_unknown(config: OkxConfig) -> None:
    async def scenario(stage: Stage) -> None:
        async def never() -> Response:
            return await asyncio.get_running_loop().create_future()

        stage.venue.rest["trade/order"] = lambda query, headers, body: never()
        sending = asyncio.ensure_future(stage.exchange.submit(stage.intent()))
        await stage.settle()
        await stage.exchange.stop()
        assert (await sending).kind is UNKNOWN

    play(scenario, config=config)


def test_an_intent_without_amendment_is_not_sent_as_an_amend() -> None:
    async def scenario(stage: Stage) -> None:
        intent: CommittedIntent = stage.intent()
        assert (await stage.exchange.amend(intent)).kind is NOT_SENT

    play(scenario)
