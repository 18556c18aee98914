"""Every fault knob does what it says, from its seed, and the ledger keeps the truth."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.simulator import Close
from app.simulator.faults import KNOBS, PROFILES, Faults

from .test_streams import FollowedBook, pushes
from .venue import MAIN, MS, SECOND, SPOT, Venue

ALWAYS = {"probability": 1}
BUY = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "market", "tgtCcy": "base_ccy", "sz": "0.01"}
REST_BUY = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "0.01", "px": "40000"}


def faulty(**knobs: dict[str, Any]) -> tuple[Venue, int]:
    """A venue with a private stream that follows orders, and these knobs set after that."""
    venue = Venue()
    stream = venue.stream("private", MAIN)
    venue.subscribe(stream, {"channel": "orders", "instType": "ANY"})
    venue.taken(stream)
    venue.control("POST", "faults", {"knobs": knobs})
    return venue, stream


def known_orders(venue: Venue) -> list[dict[str, Any]]:
    return venue.control("GET", "ledger")["accounts"]["main"]["orders"]


@pytest.mark.parametrize(
    ("knob", "answered", "taken"),
    [
        ("drop_reply", [], 1),
        ("drop_request", [], 0),
        ("cut_after_accept", [Close(1006, "")], 1),
        ("cut_before_accept", [Close(1006, "")], 0),
        ("error_taken", ["50004"], 1),
        ("error_not_taken", ["50004"], 0),
    ],
)
def test_ambiguous_answers_on_the_stream(knob: str, answered: list[Any], taken: int):
    venue, stream = faulty(**{knob: ALWAYS})
    frames = [f if isinstance(f, Close) else f["code"] for f in venue.operate(stream, "order", BUY) if "arg" not in f]
    assert (frames, len(known_orders(venue))) == (answered, taken)


@pytest.mark.parametrize(
    ("knob", "shape", "taken"),
    [
        ("drop_reply", (True, False), 1),
        ("drop_request", (True, False), 0),
        ("cut_after_accept", (False, True), 1),
        ("cut_before_accept", (False, True), 0),
    ],
)
def test_ambiguous_answers_by_rest(knob: str, shape: tuple[bool, bool], taken: int):
    venue, _ = faulty(**{knob: ALWAYS})
    body = json.dumps(REST_BUY).encode()
    response = venue.raw("POST", "/api/v5/trade/order", venue.headers("POST", "/api/v5/trade/order", body), body)
    assert ((response.drop, response.cut), len(known_orders(venue))) == (shape, taken)


@pytest.mark.parametrize(
    ("code", "status"), [("50004", 400), ("51149", 500), ("50026", 500), ("502", 502), ("503", 503)]
)
def test_errors_that_say_nothing_of_the_order(code: str, status: int):
    for knob, taken in (("error_taken", 1), ("error_not_taken", 0)):
        venue, _ = faulty(**{knob: ALWAYS | {"value": code}})
        body = json.dumps(REST_BUY).encode()
        response = venue.raw("POST", "/api/v5/trade/order", venue.headers("POST", "/api/v5/trade/order", body), body)
        assert (response.status, len(known_orders(venue))) == (status, taken)


def test_a_late_reply():
    venue, stream = faulty(delay_reply=ALWAYS | {"value": 300})
    assert [f for f in venue.operate(stream, "order", BUY) if "op" in f] == []
    venue.wait(301 * MS)
    assert [f["op"] for f in venue.taken(stream) if "op" in f] == ["order"]
    body = json.dumps(REST_BUY).encode()
    response = venue.raw("POST", "/api/v5/trade/order", venue.headers("POST", "/api/v5/trade/order", body), body)
    assert response.delay_ns == 300 * MS


def order_rows(venue: Venue, stream: int) -> list[dict[str, Any]]:
    return [row for push in pushes(venue.operate(stream, "order", BUY), "orders") for row in push["data"]]


def test_pushes_lost_doubled_and_early():
    venue, stream = faulty(lost_push={"at": [2]})
    assert [row["state"] for row in order_rows(venue, stream)] == ["live"]
    venue, stream = faulty(duplicate_push={"at": [2]})
    rows = order_rows(venue, stream)
    assert [row["state"] for row in rows] == ["live", "filled", "filled"]
    assert rows[1]["tradeId"] == rows[2]["tradeId"]
    assert rows[1]["uTime"] != rows[2]["uTime"]
    venue, stream = faulty(push_before_ack=ALWAYS)
    assert ["arg" in frame for frame in venue.operate(stream, "order", BUY)] == [True, True, False]


def test_a_terminal_state_before_its_fill_and_fills_without_an_id():
    venue, stream = faulty(terminal_before_fill=ALWAYS)
    last = order_rows(venue, stream)[-1]
    assert (last["state"], last["accFillSz"], last["fillSz"], last["tradeId"]) == ("filled", "0.01", "0", "")
    assert venue.get("trade/fills")[0]["fillSz"] == "0.01"
    venue, stream = faulty(empty_trade_id=ALWAYS)
    last = order_rows(venue, stream)[-1]
    assert (last["fillSz"], last["tradeId"]) == ("0.01", "")
    assert venue.get("trade/fills")[0]["tradeId"] != ""


def test_overfill_and_unknown_words():
    venue, stream = faulty(overfill=ALWAYS)
    assert order_rows(venue, stream)[-1]["accFillSz"] == "0.01000001"
    venue, stream = faulty(unknown_enum=ALWAYS)
    assert order_rows(venue, stream)[0]["state"] == "suspended_2027"


@pytest.mark.parametrize(("value", "state"), [("-1", "live"), ("1", "canceled")])
def test_amends_that_fail_after_their_ack(value: str, state: str):
    venue, stream = faulty(amend_fails=ALWAYS | {"value": value})
    order_id = venue.place(sz="0.01", px="40000")["ordId"]
    reply = venue.operate(stream, "amend-order", {"instIdCode": SPOT, "ordId": order_id, "newSz": "0.02"})
    assert reply[-1]["data"][0]["sCode"] == "0"
    venue.wait(5 * MS)
    row = pushes(venue.taken(stream), "orders")[-1]["data"][0]
    assert (row["amendResult"], row["state"], venue.order(order_id)["sz"]) == (value, state, "0.01")


def followed(**knobs: dict[str, Any]) -> tuple[Venue, list[Any]]:
    venue = Venue(flow_rate=50.0)
    stream = venue.stream("public")
    venue.subscribe(stream, {"channel": "books", "instId": "BTC-USDT"})
    venue.control("POST", "faults", {"knobs": knobs})
    venue.wait(2 * SECOND)
    return venue, pushes(venue.taken(stream), "books")


def test_a_withheld_update_is_a_gap():
    _, found = followed(seq_gap={"at": [3]})
    numbers = [(f["data"][0]["prevSeqId"], f["data"][0]["seqId"]) for f in found]
    gaps = [later[0] != earlier[1] for earlier, later in pairwise(numbers)]
    assert gaps.count(True) == 1


def test_a_sequence_reset_is_continuous_and_lower():
    _, found = followed(seq_reset={"at": [3]})
    numbers = [(f["data"][0]["prevSeqId"], f["data"][0]["seqId"]) for f in found]
    assert [later[0] for later in numbers[1:]] == [earlier[1] for earlier in numbers[:-1]]
    assert [previous > number for previous, number in numbers].count(True) == 1


def test_a_crossed_book_is_shown_once_and_taken_back():
    venue = Venue()
    stream, book = venue.stream("public"), FollowedBook()
    book.take(venue.subscribe(stream, {"channel": "books", "instId": "BTC-USDT"})[1])
    venue.control("POST", "faults", {"knobs": {"crossed_book": {"at": [1]}}})
    venue.place(sz="0.01", px="40000")
    crossed: list[bool] = []
    for _ in range(5):
        venue.wait(100 * MS)
        for push in pushes(venue.taken(stream), "books"):
            book.take(push)
            crossed.append(book.shown()["bids"][0][0] > book.shown()["asks"][0][0])
    assert crossed == [True, False]


def test_streams_that_close_fall_silent_or_announce_an_upgrade():
    venue, stream = faulty(close_stream=ALWAYS | {"value": 4005})
    venue.place(sz="0.01", px="40000")
    assert [f.code for f in venue.taken(stream)] == [4005]
    venue, stream = faulty(silent_stream=ALWAYS)
    venue.place(sz="0.01", px="40000")
    assert venue.taken(stream) == []
    assert venue.send(stream, "ping") == ["pong"]
    venue, stream = faulty(upgrade_notice={"at": [1], "value": 500})
    venue.place(sz="0.01", px="40000")
    assert venue.taken(stream)[0]["code"] == "64008"
    venue.wait(501 * MS)
    assert venue.taken(stream)[-1].code == 4006


def test_a_subscription_acknowledged_and_then_dropped():
    venue = Venue()
    venue.control("POST", "faults", {"knobs": {"count_error": ALWAYS}})
    stream = venue.stream("private", MAIN)
    frames = venue.subscribe(stream, {"channel": "orders", "instType": "ANY"})
    assert [f["event"] for f in frames] == ["subscribe", "channel-conn-count-error"]
    venue.place(sz="0.01", px="40000")
    assert venue.taken(stream) == []


def test_a_skewed_clock_is_seen_everywhere():
    venue = Venue()
    venue.control("POST", "faults", {"knobs": {"clock_skew": {"value": 40_000}}})
    assert int(venue.get("public/time")[0]["ts"]) == venue.now_ns // MS + 40_000
    assert venue.call("GET", "account/config")["code"] == "50102"
    venue.control("POST", "faults", {"clear": True})
    assert venue.call("GET", "account/config")["code"] == "0"


def test_reads_lag_behind_writes():
    venue, _ = faulty(read_lag=ALWAYS | {"value": 500})
    order_id = venue.place(sz="0.01", px="40000")["ordId"]
    assert venue.call("GET", f"trade/order?instId=BTC-USDT&ordId={order_id}")["code"] == "51603"
    assert venue.get("trade/orders-pending") == []
    venue.wait(501 * MS)
    assert venue.order(order_id)["state"] == "live"


def test_busy_queries():
    venue, _ = faulty(busy=ALWAYS)
    assert venue.call("GET", "trade/orders-pending")["code"] == "50013"
    assert venue.place(sz="0.01", px="40000")["sCode"] == "0"


def test_foreign_orders_and_take_overs():
    venue, _ = faulty(foreign_order={"at": [1]}, liquidation={"at": [1]})
    venue.place(instId="BTC-USDT-SWAP", tdMode="cross", ordType="market", sz="10")
    venue.wait(2 * SECOND)
    categories = sorted((o["instId"], o["category"], o["clOrdId"]) for o in known_orders(venue))
    assert ("BTC-USDT", "normal", "") in categories
    assert ("BTC-USDT-SWAP", "partial_liquidation", "") in categories
    assert venue.get("account/positions")[0]["pos"] == "5"


def test_acts_of_the_venue():
    venue = Venue()
    public = venue.stream("public")
    venue.subscribe(public, {"channel": "instruments", "instType": "SPOT"})
    changed = venue.control(
        "POST", "acts", {"act": "instrument", "instId": "BTC-USDT", "state": "suspend", "minSz": "0.1"}
    )
    assert (changed["state"], changed["minSz"]) == ("suspend", "0.1")
    assert [row["instId"] for row in venue.taken(public)[-1]["data"]] == ["BTC-USDT"]
    assert venue.place(sz="0.01", px="40000")["sCode"] == "51022"
    venue.control("POST", "acts", {"act": "close_streams", "path": "public", "code": 4001})
    assert venue.taken(public)[-1].code == 4001
    bad = venue.raw("POST", "/simulator/v1/acts", {}, b'{"act": "dance"}')
    assert (bad.status, b"dance" in bad.body) == (400, True)


def test_a_late_push_comes_after_those_that_followed_it():
    venue, stream = faulty(late_push={"at": [2], "value": 700})
    price = str(venue.best("asks"))
    order = BUY | {"ordType": "ioc", "px": price, "sz": "1.5", "tgtCcy": ""}
    states = [p["data"][0]["state"] for p in pushes(venue.operate(stream, "order", order), "orders")]
    venue.wait(701 * MS)
    late = pushes(venue.taken(stream), "orders")[-1]["data"][0]
    assert (states[0], states[-1], late["state"]) == ("live", "canceled", "partially_filled")
    assert late["tradeId"] != ""


def test_batch_answers_that_lack_or_reverse_rows():
    batch = [REST_BUY | {"clOrdId": name} for name in ("a", "b", "c")]
    for knob, names in (("batch_row_lost", ["a", "b"]), ("batch_rows_reversed", ["c", "b", "a"])):
        venue, _ = faulty(**{knob: ALWAYS})
        reply = venue.call("POST", "trade/batch-orders", batch)
        assert ([row["clOrdId"] for row in reply["data"]], len(known_orders(venue))) == (names, 3)


def test_an_answer_under_another_id_and_codes_of_any_kind():
    venue, stream = faulty(wrong_reply_id=ALWAYS)
    assert venue.operate(stream, "order", BUY)[0]["id"] == "10"
    venue, stream = faulty(error_taken=ALWAYS | {"value": "51412"})
    assert venue.operate(stream, "order", BUY)[0]["code"] == "51412"


def test_an_outage_a_revoked_key_and_an_empty_book():
    venue, stream = faulty(outage=ALWAYS)
    body = json.dumps(REST_BUY).encode()
    response = venue.raw("POST", "/api/v5/trade/order", venue.headers("POST", "/api/v5/trade/order", body), body)
    assert (response.status, known_orders(venue)) == (503, [])
    venue.control("POST", "faults", {"clear": True})
    venue.control("POST", "acts", {"act": "revoke_key", "code": "50119"})
    assert venue.taken(stream)[-1].code == 4007
    assert venue.call("GET", "account/config")["code"] == "50119"
    venue.control("POST", "acts", {"act": "revoke_key", "code": ""})
    venue.control("POST", "acts", {"act": "empty_book", "instId": "BTC-USDT"})
    book = venue.get("market/books?instId=BTC-USDT&sz=5")[0]
    assert (book["asks"], book["bids"]) == ([], [])
    assert venue.get("market/ticker?instId=BTC-USDT")[0]["askPx"] == ""
    order = venue.order(venue.place(ordType="market", sz="0.01", tgtCcy="base_ccy")["ordId"])
    assert (order["state"], order["accFillSz"]) == ("canceled", "0")


def test_the_control_never_lives_below_the_api():
    venue = Venue()
    assert venue.raw("GET", "/api/v5/ledger", {}).status == 404
    assert venue.raw("GET", "/simulator/v1/nothing", {}).status == 404


def test_scripts_count_chances_and_times_bound_them():
    faults = Faults("none", 1)
    faults.set({"drop_reply": {"at": [2, 4]}, "lost_push": {"probability": 1, "times": 2}})
    assert [faults.fires("drop_reply") for _ in range(5)] == [False, True, False, True, False]
    assert [faults.fires("lost_push") for _ in range(4)] == [True, True, False, False]
    faults.set({"drop_reply": None})
    assert not faults.active("drop_reply")


def test_profiles_and_settings_are_checked():
    for profile in PROFILES:
        assert set(Faults(profile, 1).describe()) <= set(KNOBS)
    for bad in ({"nope": {}}, {"drop_reply": {"probability": 2}}, {"drop_reply": {"often": 1}}):
        with pytest.raises(ValueError, match="fault"):
            Faults("none", 1).set(bad)
    with pytest.raises(ValueError, match="profile"):
        Faults("mayhem", 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("delay_reply", "soon"),
        ("outage", 42),
        ("clock_skew", 1.5),
        ("amend_fails", True),
        ("refused_channel", "trades"),
        ("bad_field", {"field": "pos"}),
        ("bad_field", [{"where": "account/positions", "field": "pos"}, "pos"]),
    ],
)
def test_a_value_that_would_break_the_simulator_itself_is_refused_where_it_is_set(name: str, value: Any) -> None:
    venue, _ = faulty(drop_reply=ALWAYS)
    answer = venue.raw("POST", "/simulator/v1/faults", {}, json.dumps({"knobs": {name: {"value": value}}}).encode())
    assert answer.status == 400
    assert json.loads(answer.body)["error"].startswith(f"fault {name}: value")
    assert list(venue.control("GET", "faults")["knobs"]) == ["drop_reply"], "what was set before stands"


def test_the_same_seed_fires_the_same_faults():
    def run() -> list[bool]:
        faults = Faults("chaos", 7)
        return [faults.fires(name) for _ in range(200) for name in KNOBS]

    assert run() == run()
    assert any(run())


def test_every_knob_is_asked_for_and_none_is_forgotten_in_the_documentation() -> None:
    root = Path(__file__).resolve().parents[3]
    files = [*(root / "backend" / "app" / "simulator").rglob("*.py")]
    asked = "".join(file.read_text("utf-8") for file in files if file.name != "faults.py")
    documented = (root / "docs" / "simulator.md").read_text("utf-8")
    within = {"amend_fails"}  # Faults.amend_result asks for it
    assert [knob for knob in KNOBS if f'"{knob}"' not in asked and knob not in within] == []
    assert [knob for knob in KNOBS if f"`{knob}`" not in documented] == []
