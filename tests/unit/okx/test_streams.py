"""Faults of the streams (FAULTS C): what counts as up, what takes it down, and how it comes back."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest

from app.domain.market import BookAction
from app.domain.orders import VenueState
from app.exchanges.errors import AccessRefused, ExchangeRefused, ExchangeUnavailable
from app.exchanges.port import CancelRequest, Outcome, OutcomeKind, Stream, StreamState
from tests.unit.okx.fake_venue import CONFIG, FakeConnection, Stage, order_reply, play

UP, DOWN = StreamState.UP, StreamState.DOWN
EXECUTION, MARKET = Stream.EXECUTION, Stream.MARKET


def order_push(**row: Any) -> dict[str, Any]:
    data = {"instId": "BTC-USDT", "instType": "SPOT", "ordId": "1", "clOrdId": "c1", "state": "live", **row}
    return {"arg": {"channel": "orders", "instType": "ANY", "uid": "7"}, "data": [data]}


def book_push(action: str, previous: int, sequence: int, bids: list[Any], asks: list[Any]) -> dict[str, Any]:
    row = {"bids": bids, "asks": asks, "ts": "1", "checksum": 0, "prevSeqId": previous, "seqId": sequence}
    return {"arg": {"channel": "books", "instId": "BTC-USDT"}, "action": action, "data": [row]}


LEVELS: tuple[list[Any], list[Any]] = ([["99", "1", "0", "1"]], [["101", "1", "0", "1"]])


def test_c1_up_needs_the_login_and_every_acknowledgement() -> None:
    async def scenario(stage: Stage) -> None:
        held: list[tuple[FakeConnection, Any]] = []

        def hold_positions(connection: FakeConnection, frame: Any) -> bool:
            for argument in frame["args"]:
                if argument["channel"] == "positions":
                    held.append((connection, argument))
                else:
                    connection.say({"event": "subscribe", "arg": argument})
            return True

        stage.heard.streams.clear()
        stage.venue.on_subscribe = hold_positions
        stage.venue.last("private").break_off()
        await stage.settle(3)
        assert stage.heard.streams == [(EXECUTION, DOWN)]
        connection, argument = held[-1]
        connection.say({"event": "subscribe", "arg": argument})
        await stage.settle()
        assert stage.heard.streams == [(EXECUTION, DOWN), (EXECUTION, UP)]
        assert connection.sent[0]["op"] == "login"

    play(scenario)


def test_c1_down_is_told_in_the_step_of_the_loss_and_up_again_after_backoff() -> None:
    async def scenario(stage: Stage) -> None:
        stage.heard.streams.clear()
        stage.venue.refuse_connections = ConnectionRefusedError("refused")
        stage.venue.last("private").break_off()
        stage.venue.last("public").break_off()
        await stage.settle(0.001)
        assert sorted(stage.heard.streams) == [(EXECUTION, DOWN), (MARKET, DOWN)]
        await stage.settle(120)
        assert sorted(stage.heard.streams) == [(EXECUTION, DOWN), (MARKET, DOWN)]
        stage.venue.refuse_connections = None
        await stage.settle(31)
        assert sorted(stage.heard.streams[2:]) == [(EXECUTION, UP), (MARKET, UP)]

    play(scenario)


def test_c1_followed_channels_are_subscribed_again_and_books_are_invalid_meanwhile() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        stage.venue.last("public").say(book_push("snapshot", -1, 5, *LEVELS))
        await stage.settle()
        stage.venue.last("public").break_off()
        await stage.settle(3)
        assert [update.action for update in stage.heard.books] == [BookAction.SNAPSHOT, BookAction.INVALID]
        subscribed = [arg for frame in stage.venue.last("public").requests("subscribe") for arg in frame["args"]]
        assert {"channel": "books", "instId": "BTC-USDT"} in subscribed
        assert {"channel": "trades", "instId": "BTC-USDT"} in subscribed

    play(scenario)


def test_c2_silence_is_asked_and_a_zombie_is_replaced() -> None:
    async def scenario(stage: Stage) -> None:
        first = stage.venue.last("private")
        await stage.settle(300)
        assert first.sent.count("ping") > 5
        assert stage.venue.last("private") is first
        stage.venue.pongs = False
        stage.heard.streams.clear()
        await stage.settle(10)
        assert (EXECUTION, DOWN) in stage.heard.streams
        await stage.settle(2)
        assert stage.venue.last("private") is not first
        assert (EXECUTION, UP) in stage.heard.streams

    play(scenario)


@pytest.mark.parametrize("uptimes", [(), (2,), (6, 6, 6), (0.5,) * 8, (1, 40, 1)])
@pytest.mark.parametrize("outage_seconds", [1, 20, 60, 600])
def test_c1_an_outage_costs_little_more_than_itself(uptimes: tuple[float, ...], outage_seconds: float) -> None:
    """However often the connection broke before: it had logged in and subscribed."""

    async def scenario(stage: Stage) -> None:
        for seconds in uptimes:
            stage.venue.last("private").break_off()
            await stage.settle(5)
            assert stage.heard.streams[-1] == (EXECUTION, UP)
            await stage.settle(seconds)
        stage.heard.streams.clear()
        stage.venue.refuse_connections = ConnectionRefusedError("refused")
        stage.venue.last("private").break_off()
        await stage.settle(outage_seconds)
        assert stage.heard.streams == [(EXECUTION, DOWN)]
        stage.venue.refuse_connections = None
        await stage.settle(max(outage_seconds * 0.15, 5 if uptimes else 1))
        assert stage.heard.streams == [(EXECUTION, DOWN), (EXECUTION, UP)]

    play(scenario)


def test_c1_a_connection_that_never_lasts_is_tried_less_and_less_often() -> None:
    async def scenario(stage: Stage) -> None:
        before = len(stage.venue.connections)

        def drop(connection: FakeConnection) -> None:
            if connection.name == "private":
                asyncio.get_running_loop().call_later(0.2, connection.break_off)

        stage.venue.on_connect = drop
        stage.venue.last("private").break_off()
        await stage.settle(600)
        assert len(stage.venue.connections) - before < 90

    play(scenario)


def test_c2_a_connection_that_answers_pings_but_no_requests_is_replaced_after_two() -> None:
    async def scenario(stage: Stage) -> None:
        mute = stage.venue.last("private")
        stage.heard.streams.clear()
        first = await stage.exchange.submit(stage.intent("c1"))
        assert (first.kind, stage.venue.last("private"), stage.heard.streams) == (OutcomeKind.UNKNOWN, mute, [])
        second = await stage.exchange.cancel(CancelRequest("BTC-USDT", "c1"))
        assert second.kind is OutcomeKind.UNKNOWN
        await stage.settle(2)
        assert stage.heard.streams == [(EXECUTION, DOWN), (EXECUTION, UP)]
        stage.venue.operations["order"] = lambda connection, frame: connection.say(order_reply(frame))
        assert (await stage.exchange.submit(stage.intent("c2"))).kind is OutcomeKind.ACCEPTED
        assert stage.venue.last("private") is not mute
        assert [frame["args"][0]["clOrdId"] for frame in mute.requests("order")] == ["c1"]

    play(scenario)


def test_c2_single_replies_that_are_lost_replace_nothing() -> None:
    """Only operations that nothing was heard after count, and a late reply is a reply."""

    async def scenario(stage: Stage) -> None:
        connection = stage.venue.last("private")
        stage.venue.operations["order"] = lambda link, frame: (
            None if frame["args"][0]["clOrdId"].startswith("lost") else link.say(order_reply(frame))
        )
        for number in range(5):
            lost = asyncio.ensure_future(stage.exchange.submit(stage.intent(f"lost{number}")))
            await stage.settle(1)
            assert (await stage.exchange.submit(stage.intent(f"ok{number}"))).kind is OutcomeKind.ACCEPTED
            assert (await lost).kind is OutcomeKind.UNKNOWN
        assert stage.venue.last("private") is connection

    play(scenario)


def test_d1_logins_refused_for_the_clock_alone_never_count_as_a_refused_key() -> None:
    async def scenario(stage: Stage) -> None:
        def refuse(connection: FakeConnection) -> Any:
            connection.say({"event": "error", "code": "60006", "msg": "Timestamp request expired"})
            connection.break_off(4001, "Login failed")
            return "pong"

        stage.venue.on_login = refuse
        stage.venue.last("private").break_off()
        await stage.settle(60)
        stage.venue.on_login = lambda connection: {"event": "login", "code": "0", "msg": ""}
        await stage.settle(10)
        assert stage.heard.streams[-1] == (EXECUTION, UP)

    play(scenario)


def test_c2_a_quiet_market_stays_fresh_by_the_answers_to_pings() -> None:
    async def scenario(stage: Stage) -> None:
        before = dict(stage.heard.heartbeats)
        await stage.settle(10)
        told = {stream: count - before.get(stream, 0) for stream, count in stage.heard.heartbeats.items()}
        assert told[MARKET] >= 10 / 0.8
        assert told[EXECUTION] in (1, 2)
        assert len(stage.venue.connections) == 2

    play(scenario)


def test_c3_a_refused_channel_keeps_the_stream_down() -> None:
    async def scenario(stage: Stage) -> None:
        def refuse(connection: FakeConnection, frame: Any) -> bool:
            if connection.name != "private":
                return False
            connection.say({"event": "error", "id": frame["id"], "code": "60018", "msg": "Wrong URL or channel"})
            return True

        stage.heard.streams.clear()
        stage.venue.on_subscribe = refuse
        stage.venue.last("private").break_off()
        await stage.settle(60)
        assert stage.heard.streams == [(EXECUTION, DOWN)]

    play(scenario)


def test_c3_a_connection_count_error_after_the_acknowledgement_revokes_up() -> None:
    async def scenario(stage: Stage) -> None:
        stage.heard.streams.clear()
        stage.venue.last("private").say(
            {"event": "channel-conn-count-error", "channel": "orders", "connCount": "30", "connId": "x"}
        )
        await stage.settle(1)
        assert stage.heard.streams == [(EXECUTION, DOWN)]
        await stage.settle(31)
        assert stage.heard.streams == [(EXECUTION, DOWN), (EXECUTION, UP)]

    play(scenario)


def test_c3_following_an_unknown_instrument_is_refused() -> None:
    async def scenario(stage: Stage) -> None:
        def refuse(connection: FakeConnection, frame: Any) -> bool:
            connection.say({"event": "error", "code": "60018", "msg": "instId:NO-SUCH doesn't exist"})
            return True

        stage.venue.on_subscribe = refuse
        with pytest.raises(ExchangeRefused, match="NO-SUCH"):
            await stage.exchange.follow("NO-SUCH")
        stage.venue.on_subscribe = lambda connection, frame: False
        stage.venue.last("public").break_off()
        await stage.settle(3)
        assert "NO-SUCH" not in json.dumps(stage.venue.last("public").sent)

    play(scenario)


def test_c3_a_delisted_instrument_does_not_keep_the_others_down() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("OLD-USDT")
        await stage.exchange.follow("BTC-USDT")

        def refuse_old(connection: FakeConnection, frame: Any) -> bool:
            refused = any(argument.get("instId") == "OLD-USDT" for argument in frame["args"])
            if refused:
                connection.say({"event": "error", "id": frame["id"], "code": "60018", "msg": "OLD-USDT doesn't exist"})
            return refused

        stage.venue.on_subscribe = refuse_old
        stage.heard.streams.clear()
        stage.venue.last("public").break_off()
        await stage.settle(3)
        assert stage.heard.streams == [(MARKET, DOWN), (MARKET, UP)]
        assert [("OLD-USDT" in reason, "no longer followed" in reason) for reason, _ in stage.heard.gaps] == [
            (True, True)
        ] * 2

    play(scenario)


def test_c10_a_listener_that_fails_costs_a_connection_and_no_more() -> None:
    async def scenario(stage: Stage) -> None:
        def fail(report: object) -> None:
            raise RuntimeError("a bug in the listener")

        stage.heard.on_order = fail  # type: ignore[method-assign]
        stage.heard.streams.clear()
        stage.venue.last("private").say(order_push())
        await stage.settle(3)
        assert stage.heard.streams == [(EXECUTION, DOWN), (EXECUTION, UP)]
        assert "a bug in the listener" in stage.heard.gaps[0][0]

    play(scenario)


def test_c10_a_failure_of_the_adapter_itself_is_told_and_everything_begins_anew() -> None:
    async def scenario(stage: Stage) -> None:
        def fail(stream: object) -> None:
            stage.heard.on_heartbeat = lambda stream: None  # type: ignore[method-assign]
            stage.exchange._group.create_task(broken())  # type: ignore[union-attr]

        async def broken() -> None:
            raise RuntimeError("a bug in the adapter")

        stage.heard.on_heartbeat = fail  # type: ignore[method-assign]
        stage.heard.streams.clear()
        await stage.settle(10)
        assert sorted(stage.heard.streams[:2]) == [(EXECUTION, DOWN), (MARKET, DOWN)]
        assert sorted(stage.heard.streams[2:]) == [(EXECUTION, UP), (MARKET, UP)]

    play(scenario)


def test_c10_while_the_adapter_ends_for_a_bug_the_time_is_told_and_a_send_is_answered() -> None:
    """Its tasks are being cancelled, and nothing can be begun beside them: that must reach nobody as an error."""

    async def scenario(stage: Stage) -> None:
        begun: list[StreamState] = []
        times: list[int] = []
        sending: list[asyncio.Task[Outcome]] = []

        async def broken() -> None:
            raise RuntimeError("a bug in the adapter")

        def told(kind: Stream, state: StreamState, reason: str) -> None:
            begun.append(state)
            stage.exchange.on_clock_refused()  # which asks for the exchange's time at once
            times.append(stage.exchange.server_time_ns())
            sending.append(asyncio.ensure_future(stage.exchange.submit(stage.intent(f"o{len(sending)}"))))

        stage.heard.on_stream = told  # type: ignore[method-assign]
        stage.exchange._group.create_task(broken())  # type: ignore[union-attr]
        await stage.settle(10)
        assert begun[:2] == [DOWN, DOWN]
        assert len(times) == len(begun)
        assert all(isinstance(answer, Outcome) for answer in await asyncio.gather(*sending))

    play(scenario)


def test_c4_before_an_upgrade_the_new_connection_is_up_before_the_old_one_goes() -> None:
    async def scenario(stage: Stage) -> None:
        stage.heard.streams.clear()
        old = stage.venue.last("private")
        old.say({"event": "notice", "code": "64008", "msg": "will soon be closed", "connId": "a"})
        await stage.settle(1)
        new = stage.venue.last("private")
        assert new is not old
        assert not old.closed
        for connection in (old, new):
            connection.say(order_push())
        await stage.settle(1)
        assert [report.state for report in stage.heard.orders] == [VenueState.LIVE] * 2
        await stage.settle(5)
        assert old.closed
        assert stage.heard.streams == []

    play(scenario)


def test_c4_a_book_moves_to_the_new_connection_without_a_gap() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        old = stage.venue.last("public")
        old.say(book_push("snapshot", -1, 5, *LEVELS))
        old.say({"event": "notice", "code": "64008", "msg": "will soon be closed"})
        await stage.settle(1)
        new = stage.venue.last("public")
        old.say(book_push("update", 5, 6, [], []))
        await stage.settle()
        new.say(book_push("snapshot", -1, 6, *LEVELS))
        await stage.settle()
        old.say(book_push("update", 6, 7, [], []))
        new.say(book_push("update", 6, 7, [], []))
        await stage.settle()
        actions = [(update.action, update.sequence) for update in stage.heard.books]
        assert actions == [
            (BookAction.SNAPSHOT, 5),
            (BookAction.UPDATE, 6),
            (BookAction.SNAPSHOT, 6),
            (BookAction.UPDATE, 7),
        ]

    play(scenario)


@pytest.mark.parametrize("code", [1009, 4002, 4004, 4005, 4006, 4008, 4009, 1006])
def test_c5_after_most_close_frames_the_stream_comes_back(code: int) -> None:
    async def scenario(stage: Stage) -> None:
        stage.heard.streams.clear()
        stage.venue.last("private").break_off(code, "reason")
        await stage.settle(3)
        assert stage.heard.streams == [(EXECUTION, DOWN), (EXECUTION, UP)]

    play(scenario)


def test_c5_a_changed_key_stops_the_stream_for_good() -> None:
    async def scenario(stage: Stage) -> None:
        stage.heard.streams.clear()
        count = len(stage.venue.connections)
        stage.venue.last("private").break_off(4007, "API key has been updated or deleted")
        await stage.settle(600)
        assert stage.heard.streams == [(EXECUTION, DOWN)]
        assert len(stage.venue.connections) == count

    play(scenario)


def test_e12_a_refused_login_fails_the_start_and_is_not_repeated() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.on_login = lambda connection: {"event": "error", "code": "60009", "msg": "Login failed."}
        with pytest.raises(AccessRefused, match="60009"):
            await stage.exchange.start(stage.heard)
        await stage.settle(60)
        assert [each.name for each in stage.venue.connections].count("private") == 1
        stage.venue.on_login = lambda connection: {"event": "login", "code": "0", "msg": ""}
        for _ in range(2):
            await stage.exchange.start(stage.heard)
            assert stage.heard.streams[-2:] in ([(EXECUTION, UP), (MARKET, UP)], [(MARKET, UP), (EXECUTION, UP)])
            await stage.exchange.stop()

    play(scenario, start=False)


def test_d1_a_login_with_a_skewed_clock_is_tried_again() -> None:
    async def scenario(stage: Stage) -> None:
        answers = iter([{"event": "error", "code": "60006", "msg": "Timestamp request expired"}])
        good = {"event": "login", "code": "0", "msg": ""}
        times = sum("public/time" in target for _, target, *_ in stage.venue.requests)
        stage.venue.on_login = lambda connection: next(answers, good)
        await stage.exchange.start(stage.heard)
        assert (EXECUTION, UP) in stage.heard.streams
        assert sum("public/time" in target for _, target, *_ in stage.venue.requests) > times + 3

    play(scenario, start=False)


def test_an_unreachable_venue_says_so_within_the_timeout() -> None:
    async def scenario(stage: Stage) -> None:
        stage.venue.refuse_connections = ConnectionRefusedError("nobody listens")
        with pytest.raises(ExchangeUnavailable, match="nobody listens"):
            await stage.exchange.start(stage.heard)
        assert stage.clock.monotonic_ns() <= 11_000_000_000
        stage.venue.refuse_connections = None
        await stage.exchange.start(stage.heard)
        assert (EXECUTION, UP) in stage.heard.streams

    play(scenario, start=False)


def test_c6_a_gap_invalidates_first_then_resubscribes_once() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        connection = stage.venue.last("public")
        connection.say(book_push("snapshot", -1, 5, *LEVELS))
        connection.say(book_push("update", 6, 7, [["98", "2", "0", "1"]], []))
        connection.say(book_push("update", 7, 8, [], []))
        await stage.settle()
        assert [update.action for update in stage.heard.books] == [BookAction.SNAPSHOT, BookAction.INVALID]
        assert len(connection.requests("unsubscribe")) == 1
        assert connection.sent[-1]["args"] == [{"channel": "books", "instId": "BTC-USDT"}]
        connection.say(book_push("snapshot", -1, 9, *LEVELS))
        connection.say(book_push("update", 9, 10, [], []))
        await stage.settle()
        assert [update.action for update in stage.heard.books[2:]] == [BookAction.SNAPSHOT, BookAction.UPDATE]

    play(scenario)


def test_c6_a_resubscription_without_a_snapshot_is_repeated_with_growing_pauses() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        connection = stage.venue.last("public")
        connection.say(book_push("snapshot", -1, 5, *LEVELS))
        for sequence in range(100, 200, 2):
            connection.say(book_push("update", sequence, sequence + 1, [], []))
            await stage.settle(0.2)
        assert 3 <= len(connection.requests("unsubscribe")) <= 4
        connection.say(book_push("snapshot", -1, 300, *LEVELS))
        await stage.settle(100)
        assert len(connection.requests("unsubscribe")) <= 5
        actions = [update.action for update in stage.heard.books]
        assert actions == [BookAction.SNAPSHOT, BookAction.INVALID, BookAction.SNAPSHOT]

    play(scenario)


def test_c6_a_garbled_name_makes_no_subscription() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        connection = stage.venue.last("public")
        push = book_push("snapshot", -1, 5, [["NaN", "1", "0", "1"]], [])
        push["arg"]["instId"] = "BTX-USDT"
        connection.say(push)
        await stage.settle(3)
        assert connection.requests("unsubscribe") == []
        assert len(stage.heard.gaps) == 1

    play(scenario)


def test_c6_an_unreadable_first_snapshot_is_asked_for_again() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        connection = stage.venue.last("public")
        connection.say(book_push("snapshot", -1, 5, [["NaN", "1", "0", "1"]], []))
        await stage.settle()
        assert len(connection.requests("unsubscribe")) == 1
        connection.say(book_push("snapshot", -1, 6, *LEVELS))
        await stage.settle(60)
        assert [update.action for update in stage.heard.books] == [BookAction.SNAPSHOT]
        assert len(connection.requests("unsubscribe")) == 1

    play(scenario)


def test_c1_what_is_followed_while_the_stream_comes_back_is_subscribed_too() -> None:
    async def scenario(stage: Stage) -> None:
        held: list[tuple[FakeConnection, Any]] = []

        def hold(connection: FakeConnection, frame: Any) -> bool:
            if connection.name == "public" and not held:
                held.append((connection, frame))
                return True
            return False

        await stage.exchange.follow("BTC-USDT")
        stage.venue.on_subscribe = hold
        stage.venue.last("public").break_off()
        await stage.settle(2)
        await stage.exchange.follow("ETH-USDT")
        ((connection, frame),) = held
        for argument in frame["args"]:
            connection.say({"event": "subscribe", "arg": argument})
        await stage.settle()
        subscribed = {arg.get("instId") for each in connection.requests("subscribe") for arg in each["args"]}
        assert {"BTC-USDT", "ETH-USDT"} <= subscribed
        assert stage.heard.streams[-1] == (MARKET, UP)

    play(scenario)


@pytest.mark.parametrize("channel", ["books5", "bbo-tbt"])
def test_channels_of_few_levels_are_all_snapshots(channel: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        connection = stage.venue.last("public")
        assert connection.sent[-1]["args"][0] == {"channel": channel, "instId": "BTC-USDT"}
        row = {"bids": LEVELS[0], "asks": LEVELS[1], "ts": "1"}
        for sequence in (5, 9):
            push = {"arg": {"channel": channel, "instId": "BTC-USDT"}, "data": [{**row, "seqId": sequence}]}
            connection.say(push)
        await stage.settle()
        actions = [(update.action, update.sequence) for update in stage.heard.books]
        assert actions == [(BookAction.SNAPSHOT, 5), (BookAction.SNAPSHOT, 9)]

    play(scenario, config=dataclasses.replace(CONFIG, book_channel=channel))


def test_c6_keep_alives_and_resets_are_no_gaps() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        connection = stage.venue.last("public")
        connection.say(book_push("snapshot", -1, 50, *LEVELS))
        connection.say(book_push("update", 50, 50, [], []))
        connection.say(book_push("update", 50, 3, [], [["102", "1", "0", "1"]]))
        connection.say(book_push("update", 3, 4, [["98", "1", "0", "1"]], []))
        await stage.settle()
        assert [(update.action, update.sequence) for update in stage.heard.books] == [
            (BookAction.SNAPSHOT, 50),
            (BookAction.UPDATE, 50),
            (BookAction.UPDATE, 3),
            (BookAction.UPDATE, 4),
        ]

    play(scenario)


@pytest.mark.parametrize("level", [["98", "2"], ["98", "2", "0"], ["98", "2", "0", "1", "new"], ["98", "2", None, 1]])
def test_c11_levels_may_gain_and_lose_columns(level: list[Any]) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        stage.venue.last("public").say(book_push("snapshot", -1, 5, [level], []))
        await stage.settle()
        assert [update.bids for update in stage.heard.books] == [((Decimal(98), Decimal(2)),)]

    play(scenario)


@pytest.mark.parametrize(
    "bad", [["NaN", "1"], ["-1", "1"], ["99", "-1"], ["1e400", "1"], ["99"], ["", "1"], ["1e-99", "1"]]
)
def test_c7_a_level_that_cannot_be_invalidates_the_book(bad: list[Any]) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.exchange.follow("BTC-USDT")
        connection = stage.venue.last("public")
        connection.say(book_push("snapshot", -1, 5, *LEVELS))
        connection.say(book_push("update", 5, 6, [bad], []))
        await stage.settle()
        assert [update.action for update in stage.heard.books] == [BookAction.SNAPSHOT, BookAction.INVALID]
        assert len(stage.heard.gaps) == 1
        assert len(connection.requests("unsubscribe")) == 1

    play(scenario)


@pytest.mark.parametrize(
    "poison",
    [
        "not json",
        "[" * 2000,
        '{"arg":{"channel":"orders"},"data":{"not":"a list"}}',
        '{"arg":{"channel":"orders"},"data":[{"instId":5}]}',
        '{"arg":{"channel":"orders"},"data":[{"instId":"BTC-USDT","ordId":"1","accFillSz":"NaN"}]}',
        '{"arg":{"channel":"orders"},"data":[{"instId":"BTC-USDT","ordId":"1","uTime":"yesterday"}]}',
        '{"arg":{"channel":"no-such"},"data":[]}',
        '{"event":"surprise"}',
        '{"data":[]}',
        "17",
        json.dumps({"arg": {"channel": "orders"}, "data": [{"instId": "x", "ordId": "1", "sz": "9" * 1_000_000}]}),
    ],
    ids=lambda text: text[:40],
)
def test_c10_a_poisoned_message_is_quarantined_and_the_stream_goes_on(poison: str) -> None:
    async def scenario(stage: Stage) -> None:
        stage.heard.streams.clear()
        stage.venue.last("private").say(poison)
        stage.venue.last("private").say(order_push())
        await stage.settle()
        assert len(stage.heard.gaps) == 1
        assert len(stage.heard.gaps[0][1]) <= 4096
        assert [report.state for report in stage.heard.orders] == [VenueState.LIVE]
        assert stage.heard.streams == []

    play(scenario)


def test_c10_a_bad_row_does_not_take_its_neighbours_with_it() -> None:
    async def scenario(stage: Stage) -> None:
        push = order_push()
        push["data"] = [{"instId": 1}, *push["data"], {"instId": "BTC-USDT", "ordId": "2", "side": 3}]
        stage.venue.last("private").say(push)
        await stage.settle()
        assert [report.venue_order_id for report in stage.heard.orders] == ["1"]
        assert len(stage.heard.gaps) == 2

    play(scenario)


def test_orders_of_kinds_that_are_not_traded_here_are_not_passed_on() -> None:
    async def scenario(stage: Stage) -> None:
        for number, kind in enumerate(("OPTION", "SPOT", "FUTURES", "SWAP", "MARGIN"), 1):
            stage.venue.last("private").say(order_push(instType=kind, ordId=str(number)))
        await stage.settle()
        assert [report.venue_order_id for report in stage.heard.orders] == ["2", "4"]

    play(scenario)


def test_instruments_pushed_with_new_steps_are_told_and_absent_ones_are_kept() -> None:
    async def scenario(stage: Stage) -> None:
        row = {
            "instType": "SPOT",
            "instId": "BTC-USDT",
            "instIdCode": 10459,
            "baseCcy": "BTC",
            "quoteCcy": "USDT",
            "tickSz": "0.01",
            "lotSz": "0.00000001",
            "minSz": "0.00001",
            "state": "live",
        }
        push = {"arg": {"channel": "instruments", "instType": "SPOT"}, "data": [row]}
        for _ in range(2):
            stage.venue.last("public").say(push)
        await stage.settle()
        assert [str(instrument.tick) for instrument in stage.heard.instruments] == ["0.01"]

    play(scenario)
