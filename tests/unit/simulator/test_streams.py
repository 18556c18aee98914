"""The WebSocket side: acks, snapshots, continuity of books, private pushes, idle closes, bad frames."""

from __future__ import annotations

from typing import Any

import pytest

from app.simulator import AccountConfig, Close

from .venue import MAIN, MS, SECOND, SPOT, Venue

VIP = AccountConfig("vip", "key2", "secret2", "pass2", vip=5)


def pushes(frames: list[Any], channel: str) -> list[Any]:
    return [f for f in frames if isinstance(f, dict) and f.get("arg", {}).get("channel") == channel and "data" in f]


class FollowedBook:
    """A book kept from pushes alone, by the continuity rule."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}
        self.seq = -1
        self.updates = 0

    def take(self, push: dict[str, Any]) -> None:
        data = push["data"][0]
        if push["action"] == "snapshot":
            assert data["prevSeqId"] == -1
            self.sides = {"bids": {}, "asks": {}}
        else:
            assert data["prevSeqId"] == self.seq, "gap"
        self.seq, self.updates = data["seqId"], self.updates + 1
        assert data["checksum"] == 0
        for side in ("bids", "asks"):
            for price, size, zero, _ in data[side]:
                assert zero == "0"
                if size == "0":
                    del self.sides[side][price]
                else:
                    self.sides[side][price] = size

    def shown(self) -> dict[str, list[tuple[float, str]]]:
        return {
            "bids": sorted(((float(p), s) for p, s in self.sides["bids"].items()), reverse=True),
            "asks": sorted((float(p), s) for p, s in self.sides["asks"].items()),
        }


def test_books_follow_without_a_gap_and_agree_with_rest():
    venue, book = Venue(flow_rate=50.0), FollowedBook()
    stream = venue.stream("public")
    arg = {"channel": "books", "instId": "BTC-USDT"}
    ack, snapshot = venue.subscribe(stream, arg)
    assert ack == {"event": "subscribe", "arg": arg, "connId": ack["connId"]}
    book.take(snapshot)
    for _ in range(100):
        venue.wait(100 * MS)
        for push in pushes(venue.send(stream, "ping"), "books"):
            book.take(push)
    venue.wait(200 * MS)
    for push in pushes(venue.taken(stream), "books"):
        book.take(push)
    rest = venue.get("market/books?instId=BTC-USDT&sz=400")[0]
    assert book.updates > 80
    if rest["seqId"] == book.seq:
        assert book.shown() == {side: [(float(r[0]), r[1]) for r in rest[side]] for side in ("bids", "asks")}


def test_a_late_subscriber_continues_the_same_sequence():
    venue = Venue(flow_rate=50.0)
    first, second = venue.stream("public"), venue.stream("public")
    arg = {"channel": "books", "instId": "BTC-USDT"}
    venue.subscribe(first, arg)
    venue.wait(SECOND)
    venue.taken(first)
    late = FollowedBook()
    late.take(venue.subscribe(second, arg)[1])
    venue.wait(SECOND)
    seen = [push["data"][0]["seqId"] for push in pushes(venue.taken(first), "books")]
    for push in pushes(venue.taken(second), "books"):
        late.take(push)
    assert seen
    assert late.seq == seen[-1]


def test_a_quiet_book_sends_a_keep_alive_each_minute():
    venue = Venue()
    stream = venue.stream("public")
    venue.subscribe(stream, {"channel": "books", "instId": "BTC-USDT"})
    frames: list[Any] = []
    for _ in range(7):
        venue.wait(20 * SECOND)
        frames += [push["data"][0] for push in pushes(venue.send(stream, "ping"), "books")]
    assert len(frames) == 2
    assert all(f["asks"] == [] == f["bids"] and f["seqId"] == f["prevSeqId"] for f in frames)


def test_depth_channels_and_their_rights():
    venue = Venue(accounts=(MAIN, VIP))
    stream = venue.stream("public")

    def ask(target: int, channel: str) -> Any:
        return venue.subscribe(target, {"channel": channel, "instId": "BTC-USDT"})

    five = ask(stream, "books5")[1]
    assert (len(five["data"][0]["asks"]), "action" in five) == (5, False)
    assert len(ask(stream, "bbo-tbt")[1]["data"][0]["bids"]) == 1
    assert ask(stream, "books-l2-tbt")[0]["code"] == "60011"
    assert ask(venue.stream("public", MAIN), "books-l2-tbt")[0]["code"] == "64003"
    vip = venue.stream("public", VIP)
    assert ask(vip, "books-l2-tbt")[1]["action"] == "snapshot"
    assert ask(vip, "books")[0]["code"] == "64004"


@pytest.mark.parametrize(
    ("path", "arg", "code"),
    [
        ("public", {"channel": "books", "instId": "NO-PAIR"}, "60018"),
        ("public", {"channel": "nothing"}, "60018"),
        ("public", {"channel": "orders", "instType": "ANY"}, "60018"),
        ("private", {"channel": "orders", "instType": "ANY"}, "60011"),
        ("public", {"channel": "candle1m", "instId": "BTC-USDT"}, "60018"),
        ("public", {"channel": "funding-rate", "instId": "BTC-USDT"}, "60018"),
    ],
)
def test_refused_subscriptions(path: str, arg: dict[str, str], code: str):
    venue = Venue()
    frames = venue.subscribe(venue.stream(path), arg)
    assert [(f["event"], f["code"]) for f in frames] == [("error", code)]


def test_public_channels_start_with_their_present_state():
    venue = Venue(flow_rate=50.0)
    public, business = venue.stream("public"), venue.stream("business")
    swap = "BTC-USDT-SWAP"
    for channel in ("tickers", "mark-price", "price-limit", "funding-rate"):
        first = venue.subscribe(public, {"channel": channel, "instId": swap, "uly": None})[1]
        assert first["arg"] == {"channel": channel, "instId": swap}
        assert first["data"][0]["instId"] == swap
    spots = venue.subscribe(public, {"channel": "instruments", "instType": "SPOT"})[1]["data"]
    assert [row["instId"] for row in spots] == ["BTC-USDT", "ETH-USDT"]
    assert len(venue.subscribe(business, {"channel": "candle1m", "instId": swap})[1]["data"][0]) == 9
    venue.subscribe(public, {"channel": "trades", "instId": swap})
    venue.subscribe(business, {"channel": "trades-all", "instId": swap})
    venue.taken(public)
    venue.wait(5 * SECOND)
    trades = [row for push in pushes(venue.taken(public), "trades") for row in push["data"]]
    rest = venue.get(f"market/trades?instId={swap}&limit=500")
    assert [t["tradeId"] for t in trades] == [t["tradeId"] for t in reversed(rest)]
    assert {"count", "seqId"} <= set(trades[0])


def test_the_life_of_an_order_in_pushes():
    venue = Venue()
    stream = venue.stream("private", MAIN)
    frames = venue.subscribe(
        stream,
        {"channel": "orders", "instType": "ANY", "instFamily": ""},
        {"channel": "account"},
        {"channel": "positions", "instType": "ANY"},
        {"channel": "balance_and_position"},
    )
    assert [f["channel"] for f in frames if f.get("event") == "channel-conn-count"] == [
        "orders", "account", "positions", "balance_and_position",
    ]  # fmt: skip
    assert pushes(frames, "orders") == []
    assert pushes(frames, "account")[0]["eventType"] == "snapshot"
    order = {
        "instIdCode": SPOT,
        "tdMode": "cash",
        "side": "buy",
        "ordType": "market",
        "tgtCcy": "base_ccy",
        "sz": "0.9",
        "clOrdId": "x1",
    }
    frames = venue.operate(stream, "order", order)
    assert frames[0]["data"][0]["sCode"] == "0"
    rows = [push["data"][0] for push in pushes(frames, "orders")]
    assert [r["state"] for r in rows[:2]] == ["live", "partially_filled"]
    assert (rows[-1]["state"], rows[-1]["accFillSz"], rows[-1]["clOrdId"]) == ("filled", "0.9", "x1")
    assert rows[0]["avgPx"] == "0" == rows[0]["fillSz"]
    assert len({r["tradeId"] for r in rows[1:]}) == len(rows) - 1
    assert float(sum(float(r["fillSz"]) for r in rows)) == pytest.approx(0.9)
    assert rows[-1]["fee"] == venue.order(rows[-1]["ordId"])["fee"]
    details = pushes(frames, "account")[0]["data"][0]["details"]
    assert {d["ccy"] for d in details} == {"BTC", "USDT"}
    both = pushes(frames, "balance_and_position")[0]["data"][0]
    assert (both["eventType"], len(both["trades"])) == ("filled", len(rows) - 1)


def test_unsubscribing_stops_pushes():
    venue = Venue()
    stream = venue.stream("private", MAIN)
    arg = {"channel": "orders", "instType": "SPOT", "instId": "BTC-USDT"}
    venue.subscribe(stream, arg)
    venue.send(stream, {"op": "unsubscribe", "args": [arg]})
    venue.place(sz="0.01", px="40000")
    assert pushes(venue.taken(stream), "orders") == []


def test_idle_connections_are_closed_and_ping_keeps_them():
    venue = Venue()
    idle, kept = venue.stream("public"), venue.stream("public")
    for _ in range(4):
        venue.wait(10 * SECOND)
        assert venue.send(kept, "ping") == ["pong"]
    assert venue.taken(idle) == [Close(4004, "No data received in 30s.")]


def test_the_entry_leg_delays_and_the_feed_leg_keeps_a_streams_order():
    from app.simulator import LatencyLeg

    venue = Venue(flow_rate=50.0, entry=LatencyLeg(5 * MS), feed=LatencyLeg(MS, 20 * MS), response=LatencyLeg(3 * MS))
    stream = venue.stream("public")
    assert venue.subscribe(stream, {"channel": "books", "instId": "BTC-USDT"}) == []
    book = FollowedBook()
    venue.wait(5 * SECOND)
    for push in pushes(venue.taken(stream), "books"):
        book.take(push)
    assert book.updates > 30


BAD_FRAMES = [
    ("not json", "60012"),
    ("[]", "60012"),
    ("null", "60012"),
    ('{"op": 1}', "60012"),
    ('{"op": "fly", "args": [{}]}', "60019"),
    ('{"op": "subscribe"}', "60012"),
    ('{"op": "subscribe", "args": []}', "60012"),
    ('{"op": "subscribe", "args": ["books"]}', "60012"),
    ("[" * 5000, "60012"),
    ('{"op": "login", "args": [{}]}', "60005"),
]


@pytest.mark.parametrize(("text", "code"), BAD_FRAMES, ids=range(len(BAD_FRAMES)))
def test_bad_frames_get_an_error(text: str, code: str):
    venue = Venue()
    assert venue.send(venue.stream(), text)[0]["code"] == code


def test_a_frame_beyond_64_kib_closes_the_connection():
    venue = Venue()
    assert venue.send(venue.stream(), "x" * 65_537)[0].code == 1009


def test_operations_need_login_an_id_and_arguments():
    venue = Venue()
    assert venue.operate(venue.stream(), "order", {"instIdCode": SPOT})[0]["code"] == "60011"
    stream = venue.stream("private", MAIN)
    for message in (
        {"op": "order", "args": [{}]},
        {"id": "a-b", "op": "order", "args": [{}]},
        {"id": "1", "op": "order"},
        {"id": "1", "op": "order", "args": [{}, {}]},
    ):
        reply = venue.send(stream, message)[0]
        assert (reply["code"], reply["data"]) == ("60013", [])


def test_an_unknown_path_has_no_stream():
    with pytest.raises(ValueError, match="/ws/v5/elsewhere"):
        Venue().stream("elsewhere")
