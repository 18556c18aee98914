"""Structure-aware fuzzing of everything that OKX sends: whatever arrives is read or quarantined, and the next is read.

OKX_FUZZ_CASES sets the number of cases (default 100,000); the seed is printed and TEST_SEED replays it.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import random
from typing import Any

import msgspec
import pytest

from app.domain.conditions import Watched
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, wire
from app.exchanges.okx.beyond import watches
from app.exchanges.okx.beyond.watches import Watches
from app.exchanges.okx.catalogue import Catalogue
from app.exchanges.okx.pushes import Pushes
from tests.contract.support.venues import Recorder
from tests.unit.okx.fake_venue import CONFIG, INSTRUMENT_ROW
from tests.unit.okx.test_codec import FILLED

CASES = int(os.environ.get("OKX_FUZZ_CASES", "100000"))

SEEDS: list[dict[str, Any]] = [
    {"arg": {"channel": "orders", "instType": "ANY", "uid": "7"}, "data": [FILLED]},
    {
        "arg": {"channel": "account", "uid": "7"},
        "eventType": "snapshot",
        "curPage": 1,
        "lastPage": True,
        "data": [{"uTime": "1", "details": [{"ccy": "USDT", "cashBal": "5", "availBal": "4", "uTime": "1"}]}],
    },
    {
        "arg": {"channel": "positions", "instType": "ANY"},
        "data": [{"instId": "BTC-USDT-SWAP", "instType": "SWAP", "posSide": "net", "pos": "-1", "avgPx": "5"}],
    },
    {
        "arg": {"channel": "books", "instId": "BTC-USDT"},
        "action": "snapshot",
        "data": [{"asks": [["101", "1", "0", "1"]], "bids": [["99", "1", "0", "1"]], "ts": "1", "seqId": 5}],
    },
    {
        "arg": {"channel": "books", "instId": "BTC-USDT"},
        "action": "update",
        "data": [{"asks": [], "bids": [["98", "0", "0", "0"]], "ts": "1", "prevSeqId": 5, "seqId": 6}],
    },
    {
        "arg": {"channel": "trades", "instId": "BTC-USDT"},
        "data": [{"instId": "BTC-USDT", "tradeId": "1", "px": "5", "sz": "1", "side": "buy", "ts": "1"}],
    },
    {"arg": {"channel": "instruments", "instType": "SPOT"}, "data": [INSTRUMENT_ROW]},
    {
        "arg": {"channel": "tickers", "instId": "BTC-USDT"},
        "data": [{"instId": "BTC-USDT", "last": "5", "bidPx": "4", "askPx": "6", "ts": "1"}],
    },
    {
        "arg": {"channel": "mark-price", "instId": "BTC-USDT-SWAP"},
        "data": [{"instId": "BTC-USDT-SWAP", "markPx": "5", "ts": "1"}],
    },
    {
        "arg": {"channel": "funding-rate", "instId": "BTC-USDT-SWAP"},
        "data": [{"instId": "BTC-USDT-SWAP", "fundingRate": "-0.0001", "fundingTime": "1", "nextFundingTime": "2"}],
    },
    {
        "arg": {"channel": "candle1m", "instId": "BTC-USDT"},
        "data": [["60000", "5", "6", "4", "5", "7", "35", "35", "0"]],
    },
    {
        "arg": {"channel": "orders-algo", "instType": "ANY", "uid": "7"},
        "data": [
            {
                "instId": "BTC-USDT",
                "algoId": "9",
                "algoClOrdId": "a1",
                "ordType": "oco",
                "state": "live",
                "side": "sell",
                "sz": "1",
                "tpTriggerPx": "6",
                "tpOrdPx": "-1",
                "tpTriggerPxType": "last",
                "slTriggerPx": "4",
                "slOrdPx": "3",
                "slTriggerPxType": "mark",
                "ordIdList": ["8"],
                "linkedOrd": {"ordId": ""},
                "uTime": "1",
            }
        ],
    },
]


def watched() -> Watches:
    """Everything beyond the port that the seeds bring is followed."""
    found = Watches()
    (algo, _), read_algo = watches.algo_channels()
    for one, read in (
        watches.tickers("BTC-USDT"),
        watches.prices("BTC-USDT-SWAP", "BTC-USDT", Watched.MARK),
        watches.prices("BTC-USDT-SWAP", "BTC-USDT", Watched.INDEX),
        watches.funding_rates("BTC-USDT-SWAP"),
        watches.candles("BTC-USDT", "1m"),
        (algo, read_algo),
    ):
        found.add(one, read, lambda value: None)
    return found


POISON: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**70,
    "",
    "0",
    "-0",
    "NaN",
    "Infinity",
    "1e400",
    "1e-400",
    "9" * 30,
    "x" * 1000,
    "\u0000",
    "１",
    [],
    {},
    [[]],
    [["1", "1"]],
    {"a": {"b": []}},
]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(node, dict):
        for key in node:
            found += places(node[key], (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            found += places(value, (*path, index))
    return found


def mutate(message: Any, dice: random.Random) -> str:
    mutated = copy.deepcopy(message)
    for _ in range(dice.randint(1, 3)):
        candidates = places(mutated)
        if not candidates:
            break
        *way, last = dice.choice(candidates)
        parent = mutated
        for step in way:
            parent = parent[step]
        act = dice.random()
        if act < 0.6:
            parent[last] = copy.deepcopy(dice.choice(POISON))
        elif act < 0.8:
            del parent[last]
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
        else:
            parent[str(last) + "X"] = copy.deepcopy(parent[last])
    text = json.dumps(mutated, ensure_ascii=dice.random() < 0.5)
    act = dice.random()
    if act < 0.05:
        return text[: dice.randrange(len(text) + 1)]
    if act < 0.1:
        index = dice.randrange(len(text))
        return text[:index] + chr(dice.randrange(1, 0x2FF)) + text[index + 1 :]
    return text


def readable(text: str) -> wire.Message | None:
    try:
        return wire.read_message(text)
    except ProtocolError:
        return None


class Source:
    """Stands for a connection; only its identity counts."""


def test_c10_fuzzed_frames_are_read_or_quarantined(seed: int) -> None:
    dice = random.Random(seed)
    heard = Recorder()
    source: Any = Source()
    pushes = Pushes(heard, Catalogue(), lambda channel, link: None, CONFIG, watched().reader)
    for _ in range(CASES):
        text = mutate(dice.choice(SEEDS), dice)
        message = readable(text)
        if message is not None and message.arg is not None:
            pushes.take(source, message, text)
    for reason, raw in heard.gaps:
        assert len(reason) <= 500
        assert len(raw) <= 4096
    for seed_message in SEEDS:
        before = len(heard.gaps)
        text = json.dumps(seed_message)
        pushes.take(source, wire.read_message(text), text)
        assert len(heard.gaps) == before
    for update in heard.books:
        for price, size in (*update.bids, *update.asks):
            assert price.is_finite()
            assert price > 0 <= size
    for report in heard.orders:
        assert all(map(str.isprintable, (report.instrument_id, report.client_order_id, report.venue_order_id)))
        if report.fill is not None:
            assert report.fill.size > 0
            assert report.fill.trade_id
            assert (report.fill.trade_id + report.fill.fee_currency).isprintable()


@pytest.mark.parametrize("field", ["instId", "ordId", "clOrdId", "tradeId", "fillFeeCcy", "reqId"])
@pytest.mark.parametrize("bad", ["1\x00", "\x1b[2J", "a\nb", "\x7f", "9" * 3000], ids=repr)
def test_c10_an_id_that_no_table_can_hold_is_quarantined(field: str, bad: str) -> None:
    """PostgreSQL refuses NUL in any text and long keys in an index: one such id would fail every commit it is in."""
    heard = Recorder()
    source: Any = Source()
    pushes = Pushes(heard, Catalogue(), lambda channel, link: None, CONFIG, watched().reader)
    for row in ({**FILLED, field: bad}, FILLED):
        text = json.dumps({**SEEDS[0], "data": [row]})
        pushes.take(source, wire.read_message(text), text)
    assert [field in reason for reason, _ in heard.gaps] == [True]
    assert [report.venue_order_id for report in heard.orders] == [FILLED["ordId"]]
    fill = {**FILLED, "fee": FILLED["fillFee"], "feeCcy": FILLED["fillFeeCcy"]}
    name = {"fillFeeCcy": "feeCcy"}.get(field, field)
    if field != "reqId":
        with pytest.raises(ProtocolError):
            codec.fill_report(wire.read_rows(msgspec.Raw(json.dumps([{**fill, name: bad}]).encode()), wire.FillRow)[0])


def test_c10_fuzzed_replies_and_rest_bodies_are_read_or_refused(seed: int) -> None:
    dice = random.Random(seed)
    row = {"ordId": "1", "clOrdId": "c", "sCode": "0", "sMsg": "", "subCode": "", "ts": "1"}
    seeds = [
        {"id": "1", "op": "order", "code": "0", "msg": "", "data": [row], "inTime": "1", "outTime": "2"},
        {"code": "0", "msg": "", "data": [row]},
    ]
    for _ in range(CASES // 4):
        text = mutate(dice.choice(seeds), dice)
        for read in (wire.read_message, lambda body: wire.read_envelope(body.encode("utf-8", "surrogatepass"))):
            with contextlib.suppress(ProtocolError):
                wire.read_rows(read(text).data, wire.ActionRow)
