"""Signatures: the published vectors, and every way a signed request can be wrong."""

from __future__ import annotations

import json

import pytest

from app.simulator import AccountConfig
from app.simulator.doors.signing import rest_timestamp_ns, sign

from .venue import MAIN, SECOND, Venue

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
STAMP = "2020-12-08T09:08:57.715Z"
BODY = '{"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","px":"2.15","sz":"2"}'


@pytest.mark.parametrize(
    ("stamp", "rest", "expected"),
    [
        (STAMP, "GET/api/v5/account/balance?ccy=BTC", "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY="),
        (STAMP, "POST/api/v5/trade/order" + BODY, "dI6rrL9rXW/HdaPKJ/6LC1OgvH4/PYju6R3CqixMTNQ="),
        ("1704876947", "GET/users/self/verify", "5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU="),
    ],
)
def test_published_vectors(stamp: str, rest: str, expected: str):
    assert sign(SECRET, stamp, rest.encode()) == expected


def test_timestamps():
    assert rest_timestamp_ns(STAMP) == 1607418537715000000
    assert [rest_timestamp_ns(bad) for bad in ("1607418537", "2020-12-08 09:08:57Z", "2020-13-08T09:08:57.715Z")] == [
        None
    ] * 3


PATH = "/api/v5/account/balance?ccy=BTC"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"OK-ACCESS-KEY": ""}, "50103"),
        ({"OK-ACCESS-PASSPHRASE": ""}, "50104"),
        ({"OK-ACCESS-SIGN": ""}, "50106"),
        ({"OK-ACCESS-TIMESTAMP": ""}, "50107"),
        ({"OK-ACCESS-KEY": "nobody"}, "50111"),
        ({"OK-ACCESS-PASSPHRASE": "wrong"}, "50105"),
        ({"OK-ACCESS-TIMESTAMP": "yesterday"}, "50112"),
        ({"OK-ACCESS-TIMESTAMP": "2020-12-08T09:08:57.715Z"}, "50102"),
        ({"OK-ACCESS-SIGN": "AAAA"}, "50113"),
    ],
)
def test_wrong_headers(change: dict[str, str], code: str):
    venue = Venue()
    response = venue.raw("GET", PATH, venue.headers("GET", PATH) | change)
    body = json.loads(response.body)
    assert (response.status, body["code"], set(body)) == (401, code, {"msg", "code"})


def test_the_raw_path_is_signed_as_sent():
    venue, path = Venue(), "/api/v5/account/balance?ccy=BTC%2CUSDT"
    assert venue.raw("GET", path, venue.headers("GET", path)).status == 200
    plain = venue.headers("GET", "/api/v5/account/balance?ccy=BTC,USDT")
    assert json.loads(venue.raw("GET", path, plain).body)["code"] == "50113"


def test_thirty_seconds_of_tolerance():
    venue = Venue()
    headers = venue.headers("GET", PATH)
    venue.wait(30 * SECOND)
    assert venue.raw("GET", PATH, headers).status == 200
    venue.wait(1 * SECOND)
    assert json.loads(venue.raw("GET", PATH, headers).body)["code"] == "50102"


@pytest.mark.parametrize(
    ("environment", "header", "code"),
    [
        ("any", "1", "0"),
        ("any", "0", "0"),
        ("demo", "1", "0"),
        ("demo", "0", "50101"),
        ("live", "1", "50101"),
        ("live", "0", "0"),
    ],
)
def test_demo_and_live_keys(environment: str, header: str, code: str):
    venue = Venue(environment=environment)
    assert venue.call("GET", "account/config", **{"x-simulated-trading": header})["code"] == code


def test_a_read_only_key_reads_and_does_not_trade():
    reader = AccountConfig("reader", "rk", "rs", "rp", permissions="read_only")
    venue = Venue(accounts=(MAIN, reader))
    assert venue.call("GET", "account/config", account=reader)["data"][0]["perm"] == "read_only"
    assert venue.call("POST", "trade/order", {"instId": "BTC-USDT"}, reader)["code"] == "50120"
    stream = venue.stream("private", reader)
    assert venue.operate(stream, "order", {"instIdCode": 20001})[0]["code"] == "50120"


def test_stream_login_refusals():
    venue = Venue()

    def attempt(**change: str) -> list[object]:
        stream, stamp = venue.stream(), str(venue.now_ns // SECOND)
        arg = {"apiKey": "key", "passphrase": "pass", "timestamp": stamp} | change
        arg.setdefault("sign", sign("secret", arg["timestamp"], b"GET/users/self/verify"))
        return [
            f["code"] if isinstance(f, dict) else f.code for f in venue.send(stream, {"op": "login", "args": [arg]})
        ]

    assert attempt() == ["0"]
    assert attempt(apiKey="no") == ["60005", 4001]
    assert attempt(passphrase="no") == ["60024", 4001]
    assert attempt(sign="no") == ["60007", 4001]
    assert attempt(timestamp="now") == ["60004", 4001]
    assert attempt(timestamp="1607418537") == ["60006", 4001]


def test_a_second_login_is_refused_and_the_first_stays():
    venue = Venue()
    stream = venue.stream("private", MAIN)
    stamp = str(venue.now_ns // SECOND)
    arg = {"apiKey": "key", "passphrase": "pass", "timestamp": stamp, "sign": "x"}
    assert venue.send(stream, {"op": "login", "args": [arg]})[0]["code"] == "60031"
    assert venue.subscribe(stream, {"channel": "account"})[0]["event"] == "subscribe"
