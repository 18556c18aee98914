"""The command line as users type it: a served system over an exchange in memory, and every command against it.

Errors are one line on standard error with status 2 for bad input and 1 for the rest; nothing prints a traceback.
"""

from __future__ import annotations

import contextlib
import csv
import getpass
import http.client
import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from app.api import control_socket
from app.cli import main
from app.cli.client import connect
from app.cli.options import who_says
from app.journal.findings import PROMISES
from tests.support.demo_run import environment
from trading_executor.client import Client, calls

COMMANDS = (
    *("serve", "demo", "simulator", "migrate", "audit", "backup", "reconcile", "status", "orders", "positions"),
    *(
        "trades",
        "performance",
        "tax-lots",
        "tca",
        "estimate",
        "executions",
        "execution",
        "account",
        "instruments",
        "events",
        "place",
        "modify",
        "cancel",
        "cancel-all",
        "flatten",
        "leverage",
        "kill",
        "resume",
        "resolve",
    ),
    *("venue-check", "doctor", "restore", "drill"),
)
SERVE = """
import asyncio
import sys
from decimal import Decimal
from app.chosen_exchange import EXCHANGES
from app.domain.volume_curves import HOUR_NS, HourVolume
from app.domain.refusals import RefusalClass
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.port import Outcome, OutcomeKind

class Remembers(MemoryExchange):
    async def start(self, listener):
        await super().start(listener)
        self.quote_again()

    def quote_again(self):
        self.set_book("BTC-USDT", Decimal("49999.9"), Decimal("50000.1"), Decimal(5))
        asyncio.get_running_loop().call_later(0.5, self.quote_again)

    async def hourly_volumes(self, instrument_id, since_ns):
        hours = range(since_ns, self._clock.now_ns() - HOUR_NS, HOUR_NS) if instrument_id == "BTC-USDT" else ()
        return [HourVolume(at, Decimal(1 + at // HOUR_NS % 24)) for at in hours]

    async def amend(self, intent):
        refusal = REFUSED_AT.get(intent.amendment.price)
        if refusal is None:
            return await super().amend(intent)
        return Outcome(OutcomeKind.REJECTED, code="50000", message="refused", refusal=refusal)

REFUSED_AT = {Decimal(48_001): RefusalClass.PASSING, Decimal(48_002): RefusalClass.STANDING}

def with_a_book(settings, clock):
    return Remembers(clock, balances={"USDT": Decimal(100_000), "BTC": Decimal(1)})

EXCHANGES["okx"] = with_a_book
from app.cli import main
main()
"""


@dataclass
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Served:
    """A running `serve`. Calling it runs a command against it, in this process."""

    url: str
    data_dir: Path

    def __call__(self, *arguments: str) -> Said:
        return run(*arguments, "--data-dir", str(self.data_dir), "--url", self.url)


def run(*arguments: str) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(list(arguments))
    status = ended.value.code
    said = Said(status if isinstance(status, int) else 0, out.getvalue(), err.getvalue())
    assert "Traceback" not in said.out + said.err
    if said.status:
        assert len(said.err.splitlines()) == 1, said.err
        assert said.err.startswith("trading-executor: ")
    else:
        assert said.err == ""
    return said


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@contextlib.contextmanager
def serving(data_dir: Path, *arguments: str, **changes: str) -> Iterator[str]:
    """`serve` as a process of its own; its address."""
    settings = {
        "TRADING_EXECUTOR_DATA_DIR": str(data_dir),
        "TRADING_EXECUTOR_RISK": json.dumps({"max_book_age_seconds": 3600}),
        "TRADING_EXECUTOR_TIMING": json.dumps({"book_age_max_seconds": 3600}),
    }
    port = free_port()
    log = data_dir / "serve.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", "--port", str(port), *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment() | settings | changes,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        while line.startswith(("API key", "hooks alone")):
            line = process.stdout.readline()
        assert line.startswith("serving "), log.read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        assert process.wait(30) == 0, log.read_text()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data_dir = tmp_path_factory.mktemp("served")
    with serving(data_dir) as url:
        yield Served(url, data_dir)


def test_the_market_and_the_limits_are_shown(served: Served) -> None:
    taker = served("instrument", "BTC-USDT", "--json").json["fees"]["taker"]
    assert ["taker", taker] in [line.split() for line in served("instrument", "BTC-USDT").out.splitlines()]
    assert "does not tell what was traded" in served("candles", "BTC-USDT", "--bar", "1h").err
    assert served("candles", "BTC-USDT", "--bar", "7m").status == 2
    sides = [line.split()[0] for line in served("book", "BTC-USDT", "--depth", "2").out.splitlines()[:3]]
    assert sides == ["side", "ask", "bid"]
    assert any(line.startswith("max_open_orders") for line in served("risk").out.splitlines())


def test_a_stop_says_where_it_waits(served: Served) -> None:
    stop = ("place", "BTC-USDT", "sell", "stop", "0.01", "--trigger", "40000", "--json")
    here = served(*stop, "--held", "here").json
    assert (here["status"], here["order_type"]) == ("pending", "stop")
    assert served("cancel", here["order_id"], "--json").json["cancel_requested"]
    there = served(*stop, "--held", "exchange")
    assert (there.status, "this exchange holds no conditional orders" in there.err) == (2, True), there.err
    assert "must be one of here, exchange" in served(*stop, "--held", "there").err


def test_what_a_program_proposed_is_confirmed_and_refused(served: Served) -> None:
    made = served("keys", "create", "proposer", "--scope", "read", "--scope", "propose", "--json")
    program = Client(served.url, made.json["secret"])
    bought = program.propose_order("BTC-USDT", "buy", "market", "0.001", strategy_id="a")
    larger = program.propose_order("BTC-USDT", "buy", "market", "0.002")
    done = served("proposals", "confirm", bought.proposal_id, "--json").json
    assert (done["order"]["strategy_id"], done["proposal"]["became"]) == ("a", done["order"]["order_id"])
    assert "refused" in served("proposals", "refuse", larger.proposal_id, "--reason", "not today").out
    shown = served("proposals", "list", "--json").json["proposals"]
    assert served("proposals", "show", bought.proposal_id, "--json").json == shown[1]
    assert bought.proposal_id in served("proposals", "show", bought.proposal_id).out
    assert [each["state"] for each in shown] == ["refused", "confirmed"]
    assert served("proposals", "confirm", larger.proposal_id).status == 2


def test_place_modify_cancel(served: Served) -> None:
    placed = served(
        "place", "BTC-USDT", "buy", "limit", "0.01", "--price", "49000", "--strategy", "hand", "--json"
    ).json
    assert (placed["status"], placed["strategy_id"]) == ("live", "hand")
    order_id = placed["order_id"]
    assert served("modify", order_id, "--price", "49100", "--json").json["order_id"] == order_id
    assert [o["order_id"] for o in served("orders", "--active", "--json").json["orders"]] == [order_id]
    assert served("cancel", placed["client_order_id"], "--json").json["status"] == "canceled"
    again = served("cancel", order_id)
    assert (again.status, again.err) == (
        2,
        f"trading-executor: order_id={order_id}: is canceled, so it is over\n",
    )


def test_a_market_order_shows_in_orders_trades_and_positions(served: Served, tmp_path: Path) -> None:
    order_id = served("place", "BTC-USDT", "buy", "market", "0.01", "--json").json["order_id"]
    shown = served("orders", order_id)
    assert any(line.split() == ["status", "filled"] for line in shown.out.splitlines())
    assert order_id in served("orders", "--status", "filled", "--status", "live").out
    trade = served("trades", "--order", order_id, "--json").json["trades"][0]
    assert (trade["price"], trade["size"]) == ("50000.1", "0.01")
    assert served("trades", "--trade", trade["trade_id"], "--json").json["trades"] == [trade]
    of = served("orders", order_id, "--json").json["exchange_order_id"]
    assert [each["order_id"] for each in served("orders", "--exchange-order", of, "--json").json["orders"]] == [
        order_id
    ]
    table = served("positions", "--instrument", "BTC-USDT").out.splitlines()
    assert table[0].split()[:3] == ["instrument", "position", "side"]
    assert table[1].startswith("BTC-USDT")
    assert served("performance", "--json").json["valuation_currency"] == "USDT"
    assert served("performance", "--statistics", "--json").json["fill_count"] >= 1
    page = tmp_path / "p.html"
    assert served("performance", "--html", str(page), "--period", "week", "--json").json["period"] == "week"
    assert "<title>Performance</title>" in page.read_text()
    assert any(line.startswith("none of ratios of risk") for line in served("performance", "--sheet").out.splitlines())
    # The fee in base is a disposal.
    told = served("tax-lots", "--asset", "BTC", "--json").json
    assert told["currency"] == "USDT"
    lots = [lot for lot in told["tax_lots"] if lot["disposal"] == "fee"]
    assert lots
    assert all(lot["asset"] == "BTC" and lot["instrument_id"] == "BTC-USDT" for lot in lots)
    table = served("tax-lots", "--asset", "BTC").out.splitlines()
    assert table[0].split()[:2] == ["asset", "quantity"]
    assert table[-1].startswith("BTC: gain ")
    assert served("tax-lots", "--end", "2001-01-01T00:00:00Z").out == "no disposals\n"


def test_tables_are_exported_out_of_the_database_while_it_is_served(served: Served, tmp_path: Path) -> None:
    order_id = served("place", "BTC-USDT", "buy", "market", "0.01", "--strategy", "exported", "--json").json["order_id"]

    def export(what: str, *options: str) -> list[dict[str, str]]:
        place = tmp_path / f"{what}.csv"
        told = run("export", what, "--csv", str(place), *options, "--json", "--data-dir", str(served.data_dir)).json
        with place.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert told == {"what": what, "rows": len(rows), "files": [str(place)]}
        return rows

    (trade,) = export("trades", "--strategy", "exported")
    assert (trade["order_id"], trade["size"], trade["price"], trade["fee_currency"]) == (
        order_id, "0.01", "50000.1", "BTC"
    )  # fmt: skip
    (order,) = export("orders", "--strategy", "exported")
    assert (order["order_id"], order["status"], order["filled_size"]) == (order_id, "filled", "0.01")
    assert trade["traded_at"].endswith("Z")
    assert any(row["instrument_id"] == "BTC-USDT" for row in export("positions"))
    assert {row["kind"] for row in export("bills")} >= {"opening"}
    sold = export("tax", "--strategy", "exported", "--method", "average")
    assert [(row["asset"], row["disposal"], row["method"], row["acquired_at"]) for row in sold] == [
        ("BTC", "fee", "average", "")
    ]  # fmt: skip
    assert Decimal(sold[0]["gain"]) == Decimal(sold[0]["proceeds"]) - Decimal(sold[0]["cost"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bonds", "--csv", "x"), "what=bonds: must be one of trades, orders, positions, bills, tax"),
        (("trades",), "give --csv FILE, --parquet FILE or both"),
        (("trades", "--csv", "x", "--start", "May"), "start=May: must be an ISO 8601 instant"),
        (("trades", "--csv", "x", "--strategy", "nobody"), "strategy_id=nobody: has never ordered"),
        (("bills", "--csv", "x", "--strategy", "a"), "--strategy does not go with bills"),
        (("tax", "--csv", "x", "--method", "lifo"), "method=lifo: must be one of fifo, average"),
        (
            ("tax", "--csv", "x", "--start", "2026-02-01T00:00:00Z", "--end", "2026-01-01T00:00:00Z"),
            "end_date=2026-01-01 00:00:00+00:00: must be after start_date",
        ),
    ],
)
def test_a_wrong_export_is_refused_by_name_and_writes_nothing(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("export", *arguments, "--data-dir", str(served.data_dir))
    assert found.status == 2
    assert said in found.err
    assert list(tmp_path.iterdir()) == []


def test_what_an_order_cost_is_told_by_its_id(served: Served, tmp_path: Path) -> None:
    order_id = served("place", "BTC-USDT", "buy", "market", "0.001", "--json").json["order_id"]
    found = served("tca", order_id, "--html", str(tmp_path / "o.html"), "--json").json
    assert f"<title>Cost of {order_id}</title>" in (tmp_path / "o.html").read_text()
    assert (found["id"], found["kind"], found["currency"]) == (order_id, "order", "USDT")
    assert any(line.split()[:2] == ["currency", "USDT"] for line in served("tca", order_id).out.splitlines())


def test_what_many_orders_cost_is_told_by_group(served: Served, tmp_path: Path) -> None:
    assert served("tca", "--by", "strategy", "--until", "2001-01-01T00:00:00Z").out == "no order ended in this period\n"
    told = served("tca", "--by", "day", "--instrument", "BTC-USDT", "--csv", str(tmp_path / "c.csv"), "--json").json
    assert (told["by"], told["instrument_id"]) == ("day", "BTC-USDT")
    assert (tmp_path / "c.csv").read_text().startswith("group,currency,orders,unmeasured,notional,cost,figure,")
    nowhere = str(tmp_path / "no folder" / "c.csv")
    for arguments, said in (
        (("--by", "colour"), "by=colour: must be one of day, strategy, label, instrument, side, size, exchange, arm"),
        (("--by", "day", "--since", "yesterday"), "start_date=yesterday: must be an ISO 8601 instant"),
        (("--by", "day", "--instrument", "NO-SUCH"), "instrument_id=NO-SUCH: is not an instrument of this exchange"),
        (("--by", "day", "--html", nowhere), f"html={nowhere}: No such file or directory"),
        (("--by", "day", "--csv", nowhere), f"csv={nowhere}: No such file or directory"),
        (("--by", "day", "--parquet", nowhere), f"parquet={nowhere}: No such file or directory"),
        ((), "give an ID, or --by"),
        (("ord-1", "--since", "2026-01-01T00:00:00Z"), "--since goes with --by"),
    ):
        refused = served("tca", *arguments)
        assert (refused.status, said in refused.err) == (2, True), refused.err


def test_what_an_order_would_cost_is_told_beforehand(served: Served) -> None:
    found = served("estimate", "BTC-USDT", "buy", "0.5", "--json").json
    assert (found["mid"], found["walk_price"], found["walk_bps"]) == ("50000", "50000.1", "0.02")
    assert any(
        line.split() == ["walk_bps", "0.02"] for line in served("estimate", "BTC-USDT", "buy", "0.5").out.splitlines()
    )
    for arguments, said in (
        (("BTC-USDT", "both", "1"), "side=both: must be one of buy, sell"),
        (("BTC-USDT", "buy", "-1"), "size=-1: must be above zero"),
        (("NO-SUCH", "buy", "1"), "instrument_id=NO-SUCH: "),
    ):
        refused = served("estimate", *arguments)
        assert (refused.status, said in refused.err) == (2, True), refused.err


def test_a_wheel_that_the_settings_do_not_have_assigns_nothing(served: Served) -> None:
    for more, said in (
        (("--strategy", "mine"), "strategy_id=mine: must be the label of a wheel of the settings (none)"),
        (("--strategy", "mine", "--duration", "30m"), "--duration goes not with a wheel"),
        ((), "strategy_id=none: must be the label of a wheel"),
    ):
        refused = served("execute", "wheel", "BTC-USDT", "buy", "0.01", *more)
        assert (refused.status, said in refused.err) == (2, True), refused.err


def test_pages(served: Served) -> None:
    for price in ("41000", "42000"):
        served("place", "BTC-USDT", "buy", "limit", "0.001", "--price", price)
    first = served("orders", "--limit", "1")
    cursor = first.out.splitlines()[-1].removeprefix("more: --cursor ")
    assert served("orders", "--limit", "1", "--cursor", cursor, "--json").json["orders"]


def test_a_market_order_with_a_price_is_shown_as_ioc(served: Served) -> None:
    placed = served("place", "BTC-USDT", "buy", "market", "0.001", "--price", "50000", "--json").json
    assert (placed["order_type"], placed["price"]) == ("ioc", "50000")


def test_leverage_is_shown_and_set(served: Served) -> None:
    swap = "BTC-USDT-SWAP"
    (before,) = served("leverage", swap, "--json").json["leverages"]
    assert (before["leverage"], before["trade_mode"], before["position_side"]) == ("1", "cross", "net")
    said = served("leverage", swap, "3", "--trade-mode", "isolated")
    assert [line.split()[:4] for line in said.out.splitlines() if swap in line] == [[swap, "isolated", "net", "3"]]
    (shown,) = served("leverage", swap, "--trade-mode", "isolated", "--json").json["leverages"]
    assert shown["leverage"] == "3"
    assert served("leverage", "BTC-USDT", "3").status == 2


def test_a_volume_curve_is_shown_and_goes_into_vwap_as_it_is(served: Served) -> None:
    learned = served("volume-curve", "BTC-USDT", "--days", "7", "--json").json
    assert (learned["days"], len(learned["volume_curve"])) == (7, 168)
    said = served("volume-curve", "BTC-USDT", "--days", "7").out.splitlines()
    assert said[0].startswith("BTC-USDT: 7 whole days, ")
    assert len([line for line in said if "#" in line]) == 24
    option, curve = said[-1].split(" ")
    assert (option, curve) == ("--config", "volume_curve=" + ",".join(learned["volume_curve"]))
    started = served("execute", "vwap", "BTC-USDT", "buy", "0.1", "--duration", "1h", option, curve, "--json").json
    assert started["config"]["volume_curve"] == learned["volume_curve"]
    served("execution", "cancel", started["parent_id"])


def test_a_volume_curve_goes_by_a_file_into_vwap(served: Served, tmp_path: Path) -> None:
    kept = tmp_path / "btc.json"
    learned = served("volume-curve", "BTC-USDT", "--days", "7", "--out", str(kept), "--json").json
    assert json.loads(kept.read_text()) == learned
    assert (learned["samples"], learned["average_hour"]) == ([1] * 7, "12.5")
    option = ("--config", f"volume_curve=@{kept}")
    started = served("execute", "vwap", "BTC-USDT", "buy", "0.1", "--duration", "1h", *option, "--json").json
    assert started["config"]["volume_curve"] == learned["volume_curve"]
    served("execution", "cancel", started["parent_id"])
    other = served("execute", "vwap", "ETH-USDT", "buy", "0.1", "--duration", "1h", *option)
    assert (other.status, "is about BTC-USDT, not ETH-USDT" in other.err) == (2, True)


def test_a_volume_curve_that_cannot_be_learned_is_said(served: Served) -> None:
    nothing = served("volume-curve", "ETH-USDT")
    assert nothing.status == 2
    assert "remembers no whole UTC day of ETH-USDT" in nothing.err
    assert served("volume-curve", "BTC-USDT", "--days", "0").status == 2
    assert served("volume-curve", "BTC-USDT", "--days", "91").status == 2
    assert served("volume-curve", "NO-SUCH").status == 2


def test_kill_resume_and_cancel_all(served: Served) -> None:
    served("place", "BTC-USDT", "buy", "limit", "0.001", "--price", "48000")
    assert served("kill", "--why", "drill", "--json").json["engaged"] is True
    refused = served("place", "BTC-USDT", "buy", "market", "0.01")
    assert refused.status == 3
    assert "kill_switch" in refused.err
    assert served("orders", "--active").out == "no orders\n"
    assert served("resume", "--why", "drill over", "--json").json["engaged"] is False
    served("place", "BTC-USDT", "buy", "limit", "0.001", "--price", "48000")
    assert len(served("cancel-all", "--json").json["orders"]) == 1


def test_flatten_asks_closes_and_says_what_is_left(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served("place", "BTC-USDT", "buy", "market", "0.01")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    said = served("flatten")
    assert (said.status, "nothing was done" in said.err) == (2, True)
    assert "closed at market:" in said.out
    assert "BTC-USDT" in said.out
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    assert served("flatten").status == 1
    assert served("flatten", "--json").status == 2
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    said = served("flatten")
    assert (said.status, "left out:" in said.out) == (5, True), "the coins of before us stay, and are named"
    assert "1 BTC-USDT (is unattributed" in said.err
    (held,) = served("positions", "--json").json["positions"]
    # An execution's odd sizes, and the fees on them, may have left less than a lot.
    assert held["books"].pop("unattributed") == "1"
    assert sum(map(Decimal, held["books"].values())) < Decimal("0.00000001")
    assert served("flatten", "--yes", "--all").status == 0
    assert served("positions").out == "no positions\n"
    assert served("flatten", "--yes").status == 4
    served("place", "BTC-USDT", "buy", "market", "0.05")
    done = served("flatten", "--yes", "--json")
    assert (done.status, done.json["left"], {order["side"] for order in done.json["orders"]}) == (0, [], {"sell"})


def test_resolve_an_order_and_declare_a_balance(served: Served) -> None:
    order_id = served("place", "BTC-USDT", "buy", "limit", "0.001", "--price", "47500", "--json").json["order_id"]
    said = served("resolve", order_id, "--state", "canceled", "--by", "alice", "--why", "by mail", "--json").json
    assert said["status"] == "canceled"
    declared = served("resolve", "--balance", "USDT=-5", "--by", "alice", "--why", "a withdrawal", "--json").json
    assert declared["currency"] == "USDT"
    # Back again: the exchange knows nothing of it, and a difference that stays would close the currency.
    assert served("resolve", "--balance", "USDT=5", "--by", "alice", "--why", "a mistake").status == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("place", "BTC-USDT", "buy", "market", "NaN"), "size=NaN: must be finite"),
        (("place", "BTC-USDT", "buy", "market", "-1"), "size=-1: must be above zero"),
        (("place", "BTC-USDT", "buy", "market", "1e400"), "size=1e400: must have at most 24 digits"),
        (("place", "BTC-USDT", "hold", "market", "1"), "side=hold: must be one of buy, sell"),
        (("place", "BTC-USDT", "buy", "limit", "1"), "price=none: is required"),
        (("place", "NO-USDT", "buy", "market", "1"), "instrument_id=NO-USDT: is not an instrument"),
        (("place", "BTC-USDT", "buy", "limit", "0.01", "--price", "49000.03"), "price=49000.03: must be a multiple"),
        (("place", "BTC-USDT", "buy", "market", "0.000001"), "size=0.000001: is below minimum size"),
        (("place", "BTC-USDT", "buy"), "Missing argument"),
        (("cancel", "nosuch"), "order_id=nosuch: is not an order of this account"),
        (("modify", "nosuch", "--price", "1"), "order_id=nosuch: is not an order of this account"),
        (("orders", "--status", "bogus"), "status=bogus: must be one of pending, denied"),
        (("orders", "--side", "hold"), "side=hold: must be one of buy, sell"),
        (("trades", "--side", "hold"), "side=hold: must be one of buy, sell"),
        (("trades", "--cursor", "nonsense"), "cursor=nonsense: is not one that a page of this list gave out"),
        (("orders", "--active", "--side", "buy"), "active: goes with --instrument alone"),
        (("orders", "--limit", "0"), "limit=0: "),
        (("orders", "--limit", "1_0"), "Invalid value for '--limit': '1_0' is not a valid integer, in plain digits"),
        (("orders", "--limit", " 5 "), "Invalid value for '--limit': ' 5 ' is not a valid integer"),
        (("events", "--after", "\u0661"), "Invalid value for '--after': '\u0661' is not a valid integer"),
        (("events", "--after", "1", "--strategy", "a"), "after: goes with --order and --kind alone"),
        (("events", "--execution", "nosuch", "--cursor", "bogus"), "cursor=bogus: "),
        (("events", "--after", "-1"), "Invalid value for '--after': -1 is below 0"),
        (("orders", "--cursor", "bogus"), "cursor=bogus: "),
        (("trades", "--start", "yesterday"), "start_date=yesterday: "),
        (("tax-lots", "--asset", "NOSUCH"), "asset=NOSUCH: was never held"),
        (("accept", "balance", "USDT", "--why", "x"), "difference=balance:USDT: is no difference that stands"),
        (("resolve", "--why", "x"), "order_id: give an order"),
        (("resolve", "x", "--why", "x"), "state: is required"),
        (("resolve", "--balance", "USDT", "--why", "x"), "balance=USDT: must be CURRENCY=AMOUNT"),
        (("resolve", "x", "--state", "filled", "--fill", "1", "--why", "x"), "fill=1: must be TRADE_ID"),
    ],
)
def test_bad_input_is_one_line_and_status_2(served: Served, arguments: tuple[str, ...], message: str) -> None:
    said = served(*arguments)
    assert said.status == 2
    assert said.err.startswith(f"trading-executor: {message}"), said.err


@pytest.mark.parametrize(
    ("hours", "why"),
    [
        ("2_4", "'2_4' is not a valid number"),
        ("nan", "'nan' is not a valid number"),
        ("73", "73 is not from 0.1 to 72"),
    ],
)
def test_a_number_of_an_option_has_plain_digits_and_bounds(hours: str, why: str) -> None:
    said = run("reconcile", "--hours", hours)
    assert (said.status, said.err.startswith(f"trading-executor: Invalid value for '--hours': {why}")) == (2, True)


def test_status_and_offline_commands(served: Served, tmp_path: Path) -> None:
    assert served("status", "--json").json["ready"] is True
    here = ("--data-dir", str(served.data_dir))
    assert run("status", "--offline", *here, "--json").json["account"] == "main"
    assert run("migrate", "--check", *here).out.startswith("nothing to do")
    assert run("migrate", *here, "--json").json["applied"] == []
    audited = run("audit", *here, "--json").json
    assert (audited["clean"], audited["replay"]["unchecked"]) == (True, [])
    assert run("audit", *here).out.rstrip().endswith("clean")
    target = tmp_path / "copy.db"
    assert run("backup", str(target), *here, "--json").json["path"] == str(target)
    assert run("backup", str(target), *here).status == 1
    assert target.stat().st_mode & 0o777 == 0o600


def test_an_audit_says_what_was_promised_of_what_it_finds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("migrate", "--data-dir", str(tmp_path))
    with contextlib.closing(sqlite3.connect(tmp_path / "trading-executor.db")) as database, database:
        database.execute("INSERT INTO kill_switch VALUES ('main', 1, 'why', 'nobody', 1)")
    with pytest.raises(SystemExit) as ended:
        main(["audit", "--data-dir", str(tmp_path)])
    first, *said = capsys.readouterr().out.splitlines()
    assert (ended.value.code, first.endswith("NOT CLEAN")) == (1, True)
    rules = sorted({line[3:].partition("]")[0] for line in said if line.startswith("  [")})
    assert "P4" in rules
    assert said[-len(rules) :] == [f"{rule}: {PROMISES[rule]}" for rule in rules]


def test_a_read_only_server_reads_and_changes_nothing(served: Served) -> None:
    served("place", "BTC-USDT", "buy", "limit", "0.001", "--price", "48300")
    with serving(served.data_dir, "--read-only") as url:
        reader = Served(url, served.data_dir)
        assert reader("status", "--json").json["phase"] == "read-only"
        assert reader("orders", "--json").json["orders"]
        refused = reader("place", "BTC-USDT", "buy", "market", "0.01")
        assert refused.status == 2
        assert "only reads" in refused.err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("orders", "--json"), 0),
        (("events", "--limit", "500"), 0),
        (("--help",), 0),
        (("--version",), 0),
        (("audit", "--json"), 0),
        (("orders", "nosuch", "--json"), 2),
        (("place", "BTC-USDT", "buy", "limit", "1", "--price", "49000", "--json"), 3),
        (("flatten", "--json"), 2),
    ],
)
@pytest.mark.parametrize("taken", ["nothing", "closed", "full"])
def test_the_status_does_not_hang_on_who_reads_the_output(
    served: Served, arguments: tuple[str, ...], status: int, taken: str
) -> None:
    """`| head`, `>&-` and a full disk."""
    here = () if arguments[0].startswith("--") else ("--data-dir", str(served.data_dir))
    reading, writing = os.pipe()
    os.close(reading)
    full = os.open("/dev/full", os.O_WRONLY)
    shell = ["sh", "-c", 'exec "$@" >&-', "sh"] if taken == "closed" else []
    ended = subprocess.run(
        [*shell, sys.executable, "-c", "from app.cli import main; main()", *arguments, *here],
        stdout=full if taken == "full" else writing,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    os.close(writing)
    os.close(full)
    lines = ended.stderr.splitlines()
    if taken == "full" and not status:
        assert (ended.returncode, lines) == (1, ["trading-executor: standard output: No space left on device"])
        return
    assert ended.returncode == status, ended.stderr
    assert all(line.startswith("trading-executor: ") for line in lines)


def test_a_user_without_a_login_name_is_named_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")  # Python 3.13 raises OSError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert (who_says(None), who_says("ann")) == (f"uid-{os.getuid()}", "ann")
    said = run("accept", "balance", "USDT", "--why", "x", "--url", f"http://127.0.0.1:{free_port()}")
    assert "Connection refused" in said.err


def test_nobody_answers() -> None:
    said = run("status", "--url", f"http://127.0.0.1:{free_port()}")
    assert said.status == 1
    assert "Connection refused; is it running?" in said.err


def test_what_risk_refuses_has_a_status_of_its_own_and_errors_are_json_where_asked(served: Served) -> None:
    said = served("place", "BTC-USDT", "buy", "limit", "1", "--price", "49000", "--json")
    assert said.status == 3
    assert said.json["error"]["status"] == 3
    assert {error["check"] for error in said.json["error"]["errors"]} >= {"max_order_value"}
    assert said.json["error"]["message"] in said.err
    assert served("place", "BTC-USDT", "buy", "limit", "1", "--price", "49000").status == 3
    execution = served(
        *("execute", "market", "BTC-USDT", "buy", "5", "--price", "50001", "--config", "max_book_age=60", "--json")
    )
    assert (execution.status, execution.json["error"]["errors"][0]["check"]) == (3, "max_order_value")
    for arguments in (
        ("place", "BTC-USDT", "hold", "market", "1"),
        ("place", "BTC-USDT"),
        ("cancel", "nosuch"),
        ("execute", "twap", "BTC-USDT", "buy", "0.000001"),
    ):
        said = served(*arguments, "--json")
        assert (said.status, said.json["error"]["status"]) == (2, 2)
    nobody = run("status", "--url", f"http://127.0.0.1:{free_port()}", "--json")
    assert (nobody.status, nobody.json["error"]["status"]) == (1, 1)


@pytest.mark.parametrize(("price", "status"), [("48001", 1), ("48002", 2), ("1", 3)])
def test_only_what_risk_refused_of_an_amend_has_the_status_of_risk(served: Served, price: str, status: int) -> None:
    """48001: the exchange has no time now. 48002: it will not have it. 1: too far from the market for risk."""
    order_id = served("place", "BTC-USDT", "buy", "limit", "0.001", "--price", "49000", "--json").json["order_id"]
    assert served("modify", order_id, "--price", price).status == status
    assert served("cancel", order_id).status == 0


def test_without_an_address_the_system_of_the_data_folder_is_asked(served: Served) -> None:
    said = run("status", "--data-dir", str(served.data_dir), "--json")
    assert said.json["ready"] is True
    assert (served.data_dir / "serving.url").read_text().strip() == served.url


def test_an_address_that_is_no_more_is_left_by_nobody(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        assert (tmp_path / "serving.url").read_text() == f"{url}\n"
    assert not (tmp_path / "serving.url").exists()


def test_executions_account_instruments_and_events(served: Served) -> None:
    assert served("executions", "--open", "--json").json == {"executions": []}
    assert served("executions", "--open").out == "no executions\n"
    unknown = served("executions", "nosuch")
    assert (unknown.status, "nosuch" in unknown.err) == (2, True)
    assert served("account", "--json").json["id"] == "main"
    listed = served("instruments", "BTC-USDT", "--json").json["instruments"]
    assert "BTC-USDT" in [item["instrument_id"] for item in listed]
    assert all("BTC-USDT" in item["instrument_id"] for item in listed)
    assert "BTC-USDT" in served("instruments").out
    kinds = [event["kind"] for event in served("events", "--limit", "2", "--json").json["events"]]
    assert kinds == ["session.started", "account.recorded"]
    only = served("events", "--kind", "session.started", "--json").json["events"]
    assert {event["kind"] for event in only} <= {"session.started"}
    nope = served("events", "--kind", "nope")
    assert (nope.status, "kind" in nope.err, "order.intent" in nope.err) == (2, True, True)


def test_an_execution_is_laid_aside_amended_resumed_and_ended(served: Served) -> None:
    started = calls.start_execution("iceberg", "BTC-USDT", "buy", "0.01", price="49000")
    parent_id = connect(served.url, None).ask(started)["parent_id"]
    assert served("execution", "pause", parent_id, "--why", "lunch", "--json").json["reason"] == "lunch"
    options = ("--size", "0.02", "--config", "timeout=600", "--config", "use_limit_orders=true")
    amended = served("execution", "amend", parent_id, *options, "--json").json
    assert (amended["size"], amended["config"]["timeout"], amended["status"]) == ("0.02", "600", "paused")
    assert served("execution", "resume", parent_id, "--json").json["status"] == "running"
    refused = served("execution", "settle", parent_id, "--by", "me", "--why", "no need")
    assert (refused.status, "still open" in refused.err) == (2, True)
    assert served("execution", "amend", parent_id, "--config", "timeout").status == 2
    assert served("execution", "cancel", parent_id, "--json").json["status"] in ("canceling", "canceled")


def look_at_what_it_did(served: Served, parent_id: str) -> None:
    """Its orders, trades and events, by its id."""
    orders = served("orders", "--execution", parent_id, "--json").json["orders"]
    trades = served("trades", "--execution", parent_id, "--json").json["trades"]
    assert len(orders) == 2
    assert {trade["order_id"] for trade in trades} == {order["order_id"] for order in orders}
    newest = served("events", "--execution", parent_id, "--limit", "2", "--json").json
    older = served("events", "--execution", parent_id, "--cursor", newest["next_cursor"], "--json").json["events"]
    numbers = [event["seq"] for event in newest["events"] + older]
    assert numbers == sorted(numbers, reverse=True)
    assert {"parent.changed", "order.intent"} <= {event["kind"] for event in older}


def test_execute_starts_a_strategy_and_watches_it_to_its_end(tmp_path: Path) -> None:
    config = ("--config", "num_slices=2", "--config", "max_book_age=60")
    wanted = ("execute", "twap", "BTC-USDT", "buy", "0.02", "--duration", "1", *config, "--watch")
    with serving(tmp_path) as url:  # one of its own: its book, which stands still, is young
        served = Served(url, tmp_path)
        watched = served(*wanted)
        ended = served(*wanted, "--json").json
        look_at_what_it_did(served, ended["parent_id"])
    assert watched.status == 0
    assert "[##############################] 100.0 % 0.02 of 0.02 completed all filled" in watched.out.splitlines()
    assert (ended["status"], ended["filled_size"], ended["config"]["duration"]) == ("completed", "0.02", "1")


def test_execute_can_be_looked_at_beforehand_and_asked_for_with_terms(served: Served) -> None:
    wanted = ("execute", "twap", "BTC-USDT", "buy", "1000", "--in", "quote", "--duration", "1h", "--price", "40000")
    shown = served(*wanted, "--preview")
    assert (shown.status, "slice 10/10" in shown.out, "at_once_price" in shown.out) == (0, True, True)
    planned = served(*wanted, "--preview", "--json").json
    assert (planned["quote_size"], len(planned["children"])) == ("1000", 10)
    terms = ("--start-at", "2099-01-01T00:00:00Z", "--decision-price", "41000", "--tag", "later")
    refused = served(*wanted, *terms)
    assert (refused.status, "start_at" in refused.err) == (2, True)
    started = served(*wanted, *terms[2:], "--json").json
    assert (started["tags"], started["decision_price"], started["quote_size"]) == (["later"], "41000", "1000")
    listed = served("executions", "--tag", "later", "--json").json["executions"]
    assert [each["parent_id"] for each in listed] == [started["parent_id"]]
    paused = served("execution", "pause", started["parent_id"], "--clock", "frozen", "--json").json
    assert (paused["status"], paused["frozen_since"] is not None) == ("paused", True)
    amended = served("execution", "amend", started["parent_id"], "--size", "900", "--why", "less", "--json").json
    assert amended["quote_size"] == "900"
    ended = served("execution", "cancel", started["parent_id"], "--why", "enough", "--json").json
    assert ended["reason"] == "enough"


def test_what_an_execution_leaves_has_a_status_of_its_own(served: Served) -> None:
    left = served("execute", "sniper", "BTC-USDT", "buy", "0.02", "--price", "40000", "--duration", "1s", "--watch")
    assert (left.status, "0.02 is left: partial_expired" in left.err) == (5, True)


def test_execute_goes_on_by_itself_without_watch(served: Served) -> None:
    curve = ",".join(["1"] * 24)
    options = ("--price", "40000", "--duration", "1h30m", "--config", f"volume_curve={curve}", "--json")
    started = served("execute", "vwap", "BTC-USDT", "buy", "0.5", *options).json
    assert (started["status"], started["config"]["duration"]) == ("running", "5400")
    assert started["config"]["volume_curve"] == ["1"] * 24
    shown = served("executions", started["parent_id"], "--json").json
    assert (shown["scheduled_size"], shown["children"], shown["expected_end"]) == ("0.05", [], shown["end_at"])
    assert served("execution", "cancel", started["parent_id"], "--json").json["status"] in ("canceling", "canceled")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("twop", "BTC-USDT", "buy", "1", "--duration", "5"), "strategy=twop: must be one of market, limit, twap"),
        (("twap", "BTC-USDT", "buy", "1", "--duration", "5 m"), "duration=5 m: must be seconds, or such as 30m"),
        (("twap", "BTC-USDT", "buy", "1", "--duration", "m"), "duration=m: must be"),
        (("twap", "BTC-USDT", "buy", "1", "--config", "num_slice=3"), "num_slice='3': unknown key"),
        (("vwap", "BTC-USDT", "buy", "1", "--config", "volume_curve=1,2"), "none, or 24 or 168 of them"),
        (("sniper", "BTC-USDT", "buy", "1"), "price=None: is needed"),
    ],
)
def test_an_execution_that_cannot_be_names_what_is_wrong(
    served: Served, arguments: tuple[str, ...], message: str
) -> None:
    said = served("execute", *arguments)
    assert (said.status, message in said.err) == (2, True), said.err


def test_strategies_are_listed_with_what_they_may_be_told(served: Served) -> None:
    assert "Equal slices at equal times" in run("strategies").out
    assert "participation" in run("strategies", "pov").out
    listed = json.loads(run("strategies", "--json").out)
    answer = connect(served.url, None).ask(calls.strategies())["strategies"]
    assert [{key: each[key] for key in ("name", "summary", "parameters")} for each in answer] == listed
    twap = next(each for each in answer if each["name"] == "twap")
    assert twap["config"]["properties"]["num_slices"]["maximum"] == 5000
    assert run("strategies", "nosuch").status == 2


def test_what_ends_risk_goes_by_the_control_socket(served: Served) -> None:
    here = ("--data-dir", str(served.data_dir), "--json")
    assert (served.data_dir / "control.sock").stat().st_mode & 0o777 == 0o600
    order_id = served("place", "BTC-USDT", "buy", "limit", "0.001", "--price", "48100", "--json").json["order_id"]
    served("place", "BTC-USDT", "buy", "limit", "0.001", "--price", "48200")
    assert run("cancel", order_id, *here).json["status"] == "canceled"
    assert {order["status"] for order in run("cancel-all", *here).json["orders"]} == {"canceled"}
    assert run("kill", "--why", "a drill by socket", *here).json["principal"] == "local:control"
    assert run("resume", "--why", "drill over", *here).json["principal"] == "local:control"


def test_the_control_socket_places_nothing(served: Served) -> None:
    line = control_socket.connected(served.data_dir, 10)
    assert line is not None
    connection = http.client.HTTPConnection("control.local")
    connection.sock = line
    body = json.dumps({"instrument_id": "BTC-USDT", "side": "buy", "order_type": "market", "size": "0.01"})
    connection.request("POST", "/api/v1/trading/orders", body)
    assert connection.getresponse().status == 403
    connection.close()


@pytest.mark.parametrize("folder", ["short", "x" * 150])
def test_a_control_socket_in_any_folder_for_one_system(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    with control_socket.listening(tmp_path / folder):
        line = control_socket.connected(tmp_path / folder, 10)
        assert line is not None
        line.close()
        with pytest.raises(OSError, match="another system"), control_socket.listening(tmp_path / folder):
            raise AssertionError("two listen")
    assert control_socket.connected(tmp_path / folder, 10) is None
    assert list((tmp_path / folder).iterdir()) == []
    left = tmp_path / folder / "control.sock"
    left.touch()
    with control_socket.listening(tmp_path / folder):
        assert left.is_socket()


def test_the_version() -> None:
    assert run("--version").out == f"trading-executor {version('trading-executor')}\n"


@pytest.mark.parametrize("url", ["foo", "ftp://127.0.0.1", "http://", "http://h:99999", "http://h/?a=b"])
def test_a_bad_address(url: str) -> None:
    assert run("status", "--url", url).status == 2


def test_without_a_database(tmp_path: Path) -> None:
    for command in (("audit",), ("backup", str(tmp_path / "x")), ("reconcile",), ("status", "--offline")):
        said = run(*command, "--data-dir", str(tmp_path))
        assert said.status == 1
        assert "there is none" in said.err
    assert list(tmp_path.iterdir()) == [], "looking made nothing"


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_PROT", "1")
    said = run("status")
    assert said.status == 2
    assert "TRADING_EXECUTOR_PROT: unknown setting; did you mean TRADING_EXECUTOR_PORT?" in said.err


def test_the_api_key_is_found_and_never_shown(tmp_path: Path, planted: Any, searched: Any) -> None:
    with serving(tmp_path, TRADING_EXECUTOR_API_KEY=planted.api_key) as url:
        refused = run("status", "--url", url, "--data-dir", str(tmp_path))
        assert refused.status == 1
        assert "API key" in refused.err
        key = tmp_path / "api.key"
        key.touch(0o600)
        key.write_text(planted.api_key)
        key.chmod(0o600)
        said = run("status", "--url", url, "--data-dir", str(tmp_path), "--json")
        assert said.json["ready"] is True
        searched(said.out + said.err + (tmp_path / "serve.log").read_text())
        key.chmod(0o644)
        assert "must be 0600" in run("status", "--url", url, "--data-dir", str(tmp_path)).err


def test_every_command_has_help() -> None:
    listed = run("--help").out
    for name in COMMANDS:
        assert f"\n  {name} " in listed
        if name != "simulator":
            assert run(name, "--help").out.startswith("Usage: ")


@pytest.mark.parametrize(("arguments", "status"), [(("--help",), 0), (("--bogus",), 2), (("--port", "0"), 2)])
def test_the_simulator_is_handed_its_own_options(
    arguments: tuple[str, ...], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulator", *arguments])
    assert ended.value.code == status
    said = capsys.readouterr()
    assert "simulator" in said.out + said.err


def test_an_interrupted_serve_ends_cleanly(tmp_path: Path) -> None:
    with serving(tmp_path):
        time.sleep(0.1)
    assert os.listdir(tmp_path)
