"""The rules of alerts: what each takes for out of bounds and what not, when one begins and ends, what settings say."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.clock import NS_PER_SECOND
from app.domain.alerts import AlertAction, AlertSeverity
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import plain
from app.domain.orders import Fill, Liquidity, OrderSide
from app.domain.refusals import InvalidValue
from app.services.alerts.declared import declared
from app.services.alerts.hysteresis import SUBJECTS_MAX, Hysteresis
from app.services.alerts.rule import Rule
from app.services.alerts.rules import RULES
from app.services.alerts.tallies import Tallies
from app.services.alerts.window import ACCOUNT, Charged, Reading, Readings, Second, Slippages, Unlike, Window
from app.services.trading.account.ledger import Ledger
from app.store.group import Group

D = Decimal
MINE = "strategy:mine"


def window(*seconds: dict[str, Any]) -> Window:
    found = Window()
    for number, each in enumerate(seconds):
        found.add(Second(at_ns=number * NS_PER_SECOND, **each))
    return found


def out(name: str, *seconds: dict[str, Any]) -> list[str]:
    """The subjects that the rule takes for out of bounds."""
    rule = RULES[name]
    readings = rule.measure(window(*seconds))
    return [subject for subject, each in readings.items() if each.value is not None and rule.out(each.value)]


MARKETS = "market orders of PEPE-BTC"


def slipped(*bps: int, ended: int = 0) -> dict[str, Any]:
    """ended: the second in which the newest did."""
    usual = tuple(D(4 + number % 3) for number in range(30))
    return {"slipped": {MINE: [Slippages(MARKETS, (*usual, *map(D, bps)), ended * NS_PER_SECOND)]}}


def fees(rate: str, paid: str = "", notional: str = "1000") -> dict[str, Any]:
    charged = {"BTC-EUR taker": Charged(D(paid), D(notional), 1, D("0.00000001"))} if paid else {}
    return {"rates": {"BTC-EUR maker": D("-0.0001"), "BTC-EUR taker": D(rate)}, "charged": charged}


STEADY = [{"asked": {MINE: 5}}] * 290
BAD: dict[str, tuple[list[dict[str, Any]], str]] = {
    "stream_down": ([{"down": {"execution": D(12)}}], "execution"),
    "stream_silent": ([{"silent": {"market": D(20)}}], "market"),
    "book_stale": ([{"stale": {"BTC-EUR": "its book is invalid"}}, {}] * 10, "BTC-EUR"),
    "difference": ([{"differences": {"balance:EUR": "1 here, 2 there"}}], "balance:EUR"),
    "uncompared": ([{"uncompared": D("3.2")}], ACCOUNT),
    "flapping": ([{"happened": {"break": 2}}, *[{}] * 200, {"happened": {"break": 2}}], ACCOUNT),
    "missed_fill": ([{"happened": {"missed": 1}}, *[{}] * 200], ACCOUNT),
    "stranger": ([{"happened": {"stranger": 1}}], ACCOUNT),
    "set_aside": ([{"happened": {"set_aside": 2}}], ACCOUNT),
    "anomaly": ([{"happened": {"anomaly": 1}}], ACCOUNT),
    "unknown_rate": ([{"happened": {"unknown": 1}}, {"happened": {"unknown": 2}}], ACCOUNT),
    "drift": ([{"drifting": {"position:X/net/cross": D("7.5")}}], "position:X/net/cross"),
    "unknown_order": ([{"unknown": 2, "unknown_patiences": D(3)}], ACCOUNT),
    "reject_rate": ([{"answered": {MINE: 8}, "refused": {MINE: 5}}], MINE),
    "order_burst": ([*STEADY, {"asked": {MINE: 700}}], MINE),
    "cancel_burst": ([*[{}] * 69, {"cancelled": {MINE: 120}}], MINE),
    "unlike_itself": ([{"unlike": {MINE: Unlike(D("2.5"), "Its orders in 10 s: 2.5 times more than before")}}], MINE),
    "slippage": ([slipped(40, 4, 45)], MINE),
    "fee_tier": ([fees("0.0008"), *[{}] * 200, fees("0.001")], ACCOUNT),
    "price_gap": ([{"price_gaps": {"PEPE-BTC": D("0.03")}}], "PEPE-BTC"),
    "daily_loss": ([{"daily_loss": D("0.85")}], ACCOUNT),
    "clock_offset": ([{"clock_offset": D("-1.5")}], ACCOUNT),
    "loop_lag": ([{"loop_lag": D("0.4")}] * 15, ACCOUNT),
    "disk": ([{"disk_free": D(100)}], ACCOUNT),
    "lease": ([{"lease_used": D("0.7")}], ACCOUNT),
}
FINE: dict[str, list[dict[str, Any]]] = {
    "stream_down": [{"down": {"execution": D(3)}}],
    "stream_silent": [{"silent": {"market": D(6)}}],
    "book_stale": [*[{"stale": {"BTC-EUR": "its book is invalid"}}] * 9, *[{}] * 11],
    "difference": [{}],
    "uncompared": [{"uncompared": D("1.1")}],
    "flapping": [{"happened": {"break": 2}}, *[{}] * 300, {"happened": {"break": 2}}],
    "missed_fill": [{"happened": {"unknown": 1}}],
    "stranger": [{"happened": {"missed": 1}}],
    "set_aside": [{"happened": {"set_aside": 9}}, *[{}] * 60],
    "anomaly": [{"happened": {"stranger": 1}}],
    "unknown_rate": [{"happened": {"unknown": 2}}],
    "drift": [{"drifting": {"balance:EUR": D(0)}}],
    "unknown_order": [{"unknown": 2, "unknown_patiences": D("0.9")}],
    "reject_rate": [{"answered": {MINE: 4}, "refused": {MINE: 4}}],
    "order_burst": [*STEADY, *[{"asked": {MINE: 30}}] * 9],
    "cancel_burst": [*[{}] * 69, {"cancelled": {MINE: 60}}],
    "unlike_itself": [{"unlike": {MINE: Unlike(D("1.3"), "a little")}}],
    "slippage": [slipped(4, 40, 5)],
    "fee_tier": [fees("0.001"), fees("0.001", "1.00000001")],
    "price_gap": [{"price_gaps": {"BTC-EUR": D("0.001")}}],
    "daily_loss": [{"daily_loss": D("0.5")}],
    "clock_offset": [{"clock_offset": D("-0.3")}],
    "loop_lag": [*[{}] * 14, *[{"loop_lag": D(2)}] * 5],
    "disk": [{"disk_free": D(100_000)}],
    "lease": [{"lease_used": D("0.1")}],
}


def test_every_rule_has_its_cases():
    assert BAD.keys() == FINE.keys() == RULES.keys()


@pytest.mark.parametrize("name", RULES)
def test_what_is_out_of_bounds_and_what_is_not(name: str):
    seconds, subject = BAD[name]
    assert out(name, *seconds) == [subject]
    assert RULES[name].measure(window(*seconds))[subject].what
    assert out(name, *FINE[name]) == []
    assert out(name, {}) == []


@pytest.mark.parametrize("name", ["disk", "daily_loss"])
def test_what_cannot_be_told_is_neither_good_nor_bad(name: str):
    assert RULES[name].measure(window({}))[ACCOUNT].value is None


def test_only_the_last_minutes_count():
    refused = {"answered": {MINE: 9}, "refused": {MINE: 9}}
    assert out("reject_rate", refused, *[{}] * 59) == [MINE]
    assert out("reject_rate", refused, *[{}] * 60) == []
    assert out("cancel_burst", *[{}] * 80, {"cancelled": {MINE: 150}}, *[{}] * 9) == [MINE]
    assert out("cancel_burst", *[{}] * 80, {"cancelled": {MINE: 150}}, *[{}] * 10) == []


@pytest.mark.parametrize("seconds", [1, 9, 10, 30, 60, 70, 100, 299, 300])
@pytest.mark.parametrize("name", ["order_burst", "cancel_burst"])
def test_what_is_usual_is_no_burst_however_soon_after_a_start(name: str, seconds: int):
    """Thirty a second ever since: after a restart as at any other time."""
    counted = "asked" if name == "order_burst" else "cancelled"
    assert out(name, *[{counted: {MINE: 30}}] * seconds) == []


def taken(pair: str, price: str, *fills: tuple[str, str, str]) -> dict[str, Any]:
    """A second in which these (size, fee, its currency) were committed of a pair whose takers pay 0.1%."""
    base, _, quote = pair.partition("-")
    spot = Instrument(pair, InstrumentKind.SPOT, base, quote, quote, D("1e-9"), D("1e-9"), D("1e-9"))
    tallies = Tallies(cast("Ledger", SimpleNamespace(instruments={pair: spot})))
    booked = [
        Fill(pair, str(number), "v", OrderSide.BUY, D(price), D(size), 0, D(fee), currency, Liquidity.TAKER)
        for number, (size, fee, currency) in enumerate(fills)
    ]
    tallies.on_commit(Group(fees=[(fill, 0) for fill in booked]))
    return {"rates": {f"{pair} taker": D("0.001")}, "charged": tallies.take()["charged"]}


@pytest.mark.parametrize(
    ("pair", "price", "fills", "bad"),
    [
        ("BTC-USDT", "50000", [("0.000015", "0.00000002", "BTC")], False),  # 0.000000015, rounded up
        ("BTC-USDT", "50000", [("0.000015", "0.00000002", "BTC")] * 40, False),
        ("BTC-USDT", "50000", [("0.000015", "0", "BTC")], True),
        ("BTC-USDT", "50000", [("0.000015", "0.00000004", "BTC")], True),
        ("BTC-USDT", "50000", [("0.000015", "0.001", "USDT")], True),  # 0.00075 in what is not rounded there
        ("BTC-USDT", "50000", [("0.000001", "0.00005001", "USDT")], False),
        ("PEPE-BTC", "0.000000001", [("1000", "1.5", "PEPE")], True),  # no rounding, though next to nothing in BTC
        ("PEPE-BTC", "0.000000001", [("1000", "1.00000001", "PEPE")], False),
        ("PEPE-BTC", "0.000000001", [("1000", "0", "BTC")], False),  # 1e-9, rounded to nothing
        ("BTC-USDT", "50000", [("0.01", "0", "")], True),
        ("BTC-USDT", "50000", [("0.01", "0.0123", "OKB")], False),
    ],
)
def test_a_fee_is_rounded_in_its_own_currency(pair: str, price: str, fills: list[tuple[str, str, str]], bad: bool):
    assert out("fee_tier", taken(pair, price, *fills)) == ([ACCOUNT] if bad else [])


def test_soon_after_a_start_what_is_usual_is_not_known():
    """Neither does an alert of before end by that."""
    burst = RULES["order_burst"].measure(window(*[{"asked": {MINE: 300}}] * 69))
    assert burst[MINE].value is None
    assert out("order_burst", *[{}] * 60, *[{"asked": {MINE: 30}}] * 10) == [MINE]


FEES: list[tuple[list[dict[str, Any]], str]] = [
    ([fees("0.001", "0.8")], "0.0800%"),  # charged less than the rate says
    ([fees("0.001", "2")], "0.2000%"),
    ([fees("0.001", "-0.1")], "-0.0100%"),  # a rebate where a fee was due
    ([fees("0.001"), *[{}] * 100, fees("0.001", "0.8")], "0.0800%"),
    ([fees("0.001", "1"), fees("0.001", "0.0000001", "0.0001")], ""),  # no more than rounding
    ([fees("0.001", "1.04")], ""),
    ([{}, fees("0.001")], ""),  # known for the first time
    ([fees("0.0008"), *[{}] * 299, fees("0.001"), fees("0.001")], ""),  # long ago
]


@pytest.mark.parametrize(("seconds", "said"), FEES)
def test_fees_that_are_other_than_the_accounts_or_than_before(seconds: list[dict[str, Any]], said: str):
    assert out("fee_tier", *seconds) == ([ACCOUNT] if said else [])
    if said:
        assert said in RULES["fee_tier"].measure(window(*seconds))[ACCOUNT].what


def test_slippage_is_held_against_what_was_usual_for_the_same_kind():
    assert "The last 3 market orders of PEPE-BTC slipped by 40.0 bp, where 5.0 is usual" in (
        RULES["slippage"].measure(window(slipped(40, 4, 45)))[MINE].what
    )
    assert out("slippage", slipped(-40, -40, -40)) == [], "better than usual is no fault"
    few = {"slipped": {MINE: [Slippages(MARKETS, (D(1), D(2), D(90), D(90), D(90)), 0)]}}
    assert out("slippage", few) == [], "of few nothing is usual yet"
    wide = tuple(D(number % 2 * 100) for number in range(40))
    assert out("slippage", {"slipped": {MINE: [Slippages(MARKETS, (*wide, *[D(150)] * 3), 0)]}}) == []
    assert out("slippage", *[{}] * 3_600, slipped(90, 90, 90, ended=0)) == [], "an hour ago says nothing of now"


# --- begin and end ---


def lives(rule: Rule, readings: Iterable[Readings]) -> list[str]:
    """What fires (+) and ends (-), and in which second."""
    steps, open_subjects, found = Hysteresis(rule), set[str](), list[str]()
    for second, each in enumerate(readings):
        change = steps.step(each, open_subjects, second * NS_PER_SECOND)
        open_subjects = (open_subjects | change.fired.keys()) - set(change.ended)
        found += [f"+{name} {second}" for name in change.fired] + [f"-{name} {second}" for name in change.ended]
    return found


def rule(**changes: Any) -> Rule:
    given: dict[str, Any] = {"fires_at": D(10), "ends_at": D(5), "fires_after_seconds": 2, "ends_after_seconds": 3}
    return Rule(name="r", measure=lambda _: {}, unit="u", **(given | changes))


def values(*each: int | None, subject: str = "x") -> list[Readings]:
    return [{subject: Reading(None if value is None else D(value))} for value in each]


@pytest.mark.parametrize(
    ("readings", "found"),
    [
        (values(10, 11, 9, 10, 11), []),  # not long enough without a break
        (values(10, 10, 10, 6, 6, 6, 6, 6), ["+x 2"]),  # between both bounds it goes on
        (values(10, 10, 10, 4, 4, 10, 4, 4, 4, 4), ["+x 2", "-x 9"]),  # swings: one alert
        (values(10, 10, 10, None, None, None, None, None), ["+x 2"]),  # not known: goes on
        (values(10, None, 10), ["+x 2"]),
        ([*values(10, 10, 10), {}, {}, {}, {}], ["+x 2", "-x 6"]),  # no longer named: in order
        (values(10, 10, 10, 4, 4, 4, 4, 10, 10, 10), ["+x 2", "-x 6", "+x 9"]),
    ],
)
def test_when_an_alert_begins_and_ends(readings: list[Readings], found: list[str]):
    assert lives(rule(), readings) == found


def test_where_small_values_are_bad():
    low = rule(low=True, fires_at=D(5), ends_at=D(10), fires_after_seconds=0, ends_after_seconds=0)
    assert lives(low, values(6, 5, 10, 11)) == ["+x 1", "-x 3"]


def test_what_is_wrong_with_everything_is_not_told_of_each():
    everything = {f"s{number}": Reading(D(10)) for number in range(100)}
    assert len(lives(rule(fires_after_seconds=0), [everything] * 3)) == SUBJECTS_MAX


def test_of_many_strategies_that_are_to_be_paused_each_is():
    each = {f"strategy:s{number}": Reading(D(10)) for number in range(100)}
    assert len(lives(rule(fires_after_seconds=0, action=AlertAction.PAUSE), [each] * 3)) == 100


# --- settings ---


def test_settings_change_what_a_rule_goes_by():
    said = {"disk": {"enabled": False}, "order_burst": {"fires_at": 20, "action": "pause", "severity": "critical"}}
    found = {each.name: each for each in declared(said)}
    assert found.keys() == RULES.keys() - {"disk"}
    burst = found["order_burst"]
    assert (burst.fires_at, burst.action, burst.severity) == (D(20), AlertAction.PAUSE, AlertSeverity.CRITICAL)
    assert burst.ends_at == RULES["order_burst"].ends_at


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"nonsense": {}}, "alerts.nonsense"),
        ({"disk": 5}, "alerts.disk"),
        ({"disk": {"fires": 1}}, "alerts.disk.fires"),
        ({"disk": {"enabled": "no"}}, "alerts.disk.enabled"),
        ({"disk": {"severity": "bad"}}, "alerts.disk.severity"),
        ({"disk": {"action": "pause"}}, "alerts.disk.action"),
        ({"disk": {"fires_at": "lots"}}, "alerts.disk.fires_at"),
        ({"disk": {"fires_at": -1}}, "alerts.disk.fires_at"),
        ({"disk": {"fires_at": 1000}}, "alerts.disk.ends_at"),
        ({"drift": {"ends_at": 6}}, "alerts.drift.ends_at"),
        ({"drift": {"fires_after_seconds": 1.5}}, "alerts.drift.fires_after_seconds"),
        ({"drift": {"ends_after_seconds": True}}, "alerts.drift.ends_after_seconds"),
    ],
)
def test_settings_that_cannot_be_meant(said: dict[str, Any], field: str):
    with pytest.raises(InvalidValue) as caught:
        declared(said)
    assert caught.value.refusal.field == field


# --- the page ---


def table() -> str:
    lines = [
        f"| `{each.name}` | {each.severity} | {each.action} | {plain(each.fires_at)} | {plain(each.ends_at)} | "
        f"{each.fires_after_seconds} | {each.ends_after_seconds} | {each.unit} |"
        for each in RULES.values()
    ]
    times = "`fires_at` | `ends_at` | `fires_after_seconds` | `ends_after_seconds`"
    head = f"| rule | severity | action | {times} | measured in |"
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *lines])


def test_the_page_has_every_rule_as_it_is():
    page = (Path(__file__).resolve().parents[3] / "docs" / "alerts.md").read_text("utf-8")
    assert table() in page, f"docs/alerts.md must have this table:\n{table()}"
