"""Which notices a rule takes and when it tells them; what a message says. Known answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from typing import Any

import pytest

from app.clock import NS_PER_SECOND, to_ns
from app.domain.events import Event, EventKind
from app.domain.refusals import InvalidValue
from app.notifications.chosen import rules_and_channels
from app.notifications.rules import LINES_MAX, Quiet, Rule, message
from app.notifications.words import KINDS, Notice, Severity, notice_of

NOON = to_ns(datetime(2026, 11, 29, 12, tzinfo=UTC))


def event(kind: str, payload: dict[str, Any] | None = None, seq: int = 7, **named: Any) -> Event:
    return Event("main", seq, NOON, kind, "api:desk", json.dumps(payload or {}), **named)


def notice(severity: Severity = Severity.WARNING, at_ns: int = NOON, **changes: Any) -> Notice:
    given = {"seq": 1, "kind": "order.denied", "key": "k", "what": "refused"} | changes
    return Notice(at_ns=at_ns, severity=severity, **given)


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_that_is_told_has_words_even_with_an_empty_payload(kind: str) -> None:
    found = notice_of(event(kind))
    assert found is None or (found.what and found.seq == 7 and found.kind == kind)


def test_what_concerns_nobody_has_no_words() -> None:
    assert notice_of(event(EventKind.WATERMARK)) is None
    assert notice_of(event(EventKind.ORDER_REPORT, {"state": "live", "fill": None})) is None
    assert notice_of(event(EventKind.PARENT_CHANGED, {"status": "running"})) is None


def test_a_fill_a_refusal_and_the_kill_switch_in_words() -> None:
    fill = {"side": "buy", "instrument_id": "PEPE-USDT", "fill": {"size": "1000", "price": "0.000000001"}}
    told = notice_of(event(EventKind.ORDER_REPORT, fill, order_id="ord-1"))
    assert told is not None
    assert (told.severity, told.instrument_id) == (Severity.INFO, "PEPE-USDT")
    assert told.what == "Buy 1000 PEPE-USDT filled at 0.000000001 (order ord-1)"
    request = {"side": "sell", "size": "2", "instrument_id": "ETH-BTC", "order_type": "post_only", "price": "0.05"}
    reasons = [{"field": "size", "value": "2", "rule": "is above 1"}]
    told = notice_of(event(EventKind.ORDER_DENIED, {"request": request, "risk_decision": {"reasons": reasons}}))
    assert told is not None
    assert told.what == "Risk refused: sell 2 ETH-BTC post only at 0.05: size=2: is above 1"
    told = notice_of(event(EventKind.KILL_SWITCH_ON, {"reason": "enough"}))
    assert told is not None
    assert (told.severity, told.what) == (Severity.CRITICAL, "The kill switch is on, by api:desk: enough")
    assert "resume" in told.do


def test_what_waits_for_a_person_says_what_it_is_and_how_it_is_confirmed() -> None:
    request = {"instrument_id": "BTC-USDT", "side": "buy", "order_type": "limit", "size": "0.1", "price": "49000"}
    asked = {"approval_id": "ap-1", "act": "order.place", "subject": "BTC-USDT"}
    told = notice_of(event(EventKind.APPROVAL_ASKED, asked | {"wanted": json.dumps({"request": json.dumps(request)})}))
    assert told is not None
    assert (told.what, told.instrument_id) == (
        "api:desk proposes an order: buy 0.1 BTC-USDT limit at 49000",
        "BTC-USDT",
    )
    assert "`trading-executor proposals confirm ap-1`" in told.do
    again = asked | {"wanted": json.dumps({"request": json.dumps(request)}), "asked_by": "api:bot", "reason": "busy"}
    told = notice_of(event(EventKind.APPROVAL_REOPENED, again))
    assert told is not None
    assert told.what == "What api:bot proposed was not done: an order: buy 0.1 BTC-USDT limit at 49000. busy"
    assert (told.severity, "proposals confirm ap-1` once more" in told.do) == (Severity.WARNING, True)
    for reason, said in (("busy", "busy"), ("", "Nobody decided in time.")):
        told = notice_of(event(EventKind.APPROVAL_EXPIRED, again | {"reason": reason}))
        assert told is not None
        assert told.what == f"What api:bot asked for has expired: an order: buy 0.1 BTC-USDT limit at 49000. {said}"
    asked |= {"act": "key.create", "subject": "dora", "wanted": "{}"}
    told = notice_of(event(EventKind.APPROVAL_ASKED, asked))
    assert told is not None
    assert told.what == "api:desk asks for key.create: dora"
    assert "approvals confirm ap-1" in told.do


@pytest.mark.parametrize(
    ("rule", "taken"),
    [
        ({}, True),
        ({"severity": Severity.CRITICAL}, False),
        ({"events": ("order.*",)}, True),
        ({"events": ("kill_switch.*",)}, False),
        ({"strategies": ("a",)}, False),
        ({"instruments": ("BTC-USDT",)}, True),
        ({"instruments": ("ETH-USDT",)}, False),
    ],
)
def test_what_a_rule_takes(rule: dict[str, Any], taken: bool) -> None:
    assert Rule("r", ("c",), **rule).takes(notice(instrument_id="BTC-USDT")) is taken


def at(hour: int, minute: int = 0, day: int = 29) -> int:
    return to_ns(datetime(2026, 11, day, hour, minute, tzinfo=UTC))


@pytest.mark.parametrize(
    ("quiet", "now", "ends"),
    [
        (("22:00", "06:30"), at(21, 59), None),
        (("22:00", "06:30"), at(22), at(6, 30, day=30)),
        (("22:00", "06:30"), at(6, 29), at(6, 30)),
        (("22:00", "06:30"), at(6, 30), None),
        (("12:00", "13:00"), at(12, 30), at(13)),
        (("12:00", "13:00"), at(13), None),
    ],
)
def test_quiet_hours_over_midnight_and_within_a_day(quiet: tuple[str, str], now: int, ends: int | None) -> None:
    begins, over = map(time.fromisoformat, quiet)
    assert Quiet(begins, over).ends_ns(now) == ends


def test_when_it_is_told() -> None:
    quiet = Quiet(time(22), time(6))
    plain, digest, still = Rule("r", ("c",)), Rule("r", ("c",), digest_seconds=600), Rule("r", ("c",), quiet=quiet)
    assert plain.due_ns([notice()], NOON + 5) == NOON + 5
    assert digest.due_ns([notice(), notice(at_ns=NOON + 1)], NOON + 5) == NOON + 600 * NS_PER_SECOND
    assert digest.due_ns([notice(), notice(Severity.CRITICAL)], NOON + 5) == NOON + 5
    assert still.due_ns([notice()], at(23)) == at(6, day=30)
    assert still.due_ns([notice(Severity.CRITICAL)], at(23)) == at(23)


def test_one_message_for_many_is_bounded() -> None:
    many = [(notice(seq=number, what=f"number {number}"), 0) for number in range(LINES_MAX + 5)]
    told = message(many, "main", "live")
    assert told.title == f"WARNING [main, live] {LINES_MAX + 5} notices"
    assert told.body.splitlines()[-1].startswith("and 5 more, up to event 24")
    one = message([(notice(what="it happened", means="it means", do="do it"), 3)], "main", "live")
    assert one.body.splitlines()[:4] == ["it happened", "(and 3 times since it was told last)", "it means", "do it"]


@pytest.mark.parametrize(
    ("notices", "channels", "said"),
    [
        ({}, {"A": {}}, "channels.A=A: must be"),
        ({}, {"a": {"url": "x"}}, "channels.a.url=given: is no setting here"),
        ({}, {"a": {"url_file": "/nowhere/x"}}, "channels.a.url_file=/nowhere/x: No such file"),
        ({"r": {}}, {}, "notices.r.channels=none: must name one"),
        ({"r": {"channels": ["b"]}}, {}, "notices.r.channels=b: is no channel"),
        ({"r": {"channels": ["ok"], "severity": "loud"}}, {}, "notices.r.severity=loud: must be one of"),
        ({"r": {"channels": ["ok"], "events": ["order.exploded"]}}, {}, "matches no event"),
        ({"r": {"channels": ["ok"], "quiet": "25:00-26:00"}}, {}, "must be HH:MM-HH:MM"),
        ({"r": {"channels": ["ok"], "digest_seconds": True}}, {}, "must be a whole number"),
        ({"r": {"channels": ["ok"], "digets": 1}}, {}, "notices.r.digets=given: is no setting here"),
    ],
)
def test_a_bad_rule_or_channel_is_named(tmp_path: Any, notices: Any, channels: Any, said: str) -> None:
    path = tmp_path / "ok.url"
    path.write_text("json://127.0.0.1:1/x")
    path.chmod(0o600)
    with pytest.raises(InvalidValue) as error:
        rules_and_channels(notices, {"ok": {"url_file": str(path)}} | channels, lambda _: None)
    assert said in str(error.value)


@pytest.mark.parametrize("address", ["nonsense://user:hunter2@host", "hunter2", "user:hunter2://host"])
def test_an_address_is_never_repeated_nor_a_token_alone_and_its_file_is_private(tmp_path: Any, address: str) -> None:
    hidden: list[str] = []
    path = tmp_path / "desk.url"
    path.write_text(address)
    path.chmod(0o644)
    with pytest.raises(InvalidValue, match="must be 0600"):
        rules_and_channels({}, {"desk": {"url_file": str(path)}}, hidden.append)
    path.chmod(0o600)
    with pytest.raises(InvalidValue, match="is no address") as error:
        rules_and_channels({}, {"desk": {"url_file": str(path)}}, hidden.append)
    assert "hunter2" not in str(error.value)
    assert hidden == [address]
