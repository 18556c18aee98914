"""Named keys of a running system: made, listed, rotated, laid aside, revoked; by its control socket or an admin key."""

import re
from datetime import timedelta
from typing import Annotated, Any

import typer

from app.cli.client import connect
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, Json, Url
from app.cli.output import print_json, print_table
from app.clock import SystemClock, utc
from trading_executor.client import calls

COLUMNS = (
    "name", "state", "scopes", "instruments", "strategies", "max_order_notional", "max_daily_notional", "addresses",
    "expires_at", "used_at",
)  # fmt: skip
_SPAN = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

Name = Annotated[str, typer.Argument(help="The key's name; the journal calls its caller api:NAME.")]
Many = list[str] | None

Instruments = Annotated[Many, typer.Option("--instrument", help="Only this one; may be repeated.")]
Strategies = Annotated[Many, typer.Option("--strategy", help="Only for this one; may be repeated.")]
OrderNotional = Annotated[
    str | None, typer.Option("--max-order-notional", help="The most an order is worth, in the valuation currency.")
]
DailyNotional = Annotated[
    str | None, typer.Option("--max-daily-notional", help="The most its orders of a UTC day are worth.")
]
Addresses = Annotated[Many, typer.Option("--address", help="Only from this network; may be repeated.")]
ExpiresIn = Annotated[str | None, typer.Option("--expires-in", help="Such as 12h or 90d.")]
Overlap = Annotated[str | None, typer.Option("--overlap", help="How long the old one goes on: 1h.")]

app = typer.Typer(help="Make, list, rotate, lay aside and revoke named keys of the API.")


@app.command()
def create(
    name: Name,
    role: Annotated[str | None, typer.Option("--role", help="viewer, trader, risk or admin.")] = None,
    scope: Annotated[Many, typer.Option("--scope", help="Instead of a role; may be repeated.")] = None,
    instrument: Instruments = None,
    strategy: Strategies = None,
    max_order_notional: OrderNotional = None,
    max_daily_notional: DailyNotional = None,
    address: Addresses = None,
    expires_in: ExpiresIn = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a key and show it, this once."""
    expires = None if expires_in is None else utc(SystemClock().now_ns()) + _span("expires-in", expires_in)
    wanted = calls.create_key(
        name,
        role=role,
        scopes=scope or None,
        instruments=instrument or None,
        strategies=strategy or None,
        max_order_notional=max_order_notional,
        max_daily_notional=max_daily_notional,
        addresses=address or None,
        expires_at=None if expires is None else expires.isoformat(timespec="seconds"),
    )
    _show(connect(url, data_dir, control=True).ask(wanted), as_json)


@app.command("list")
def list_keys(url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the keys, with those that open nothing any more."""
    _list(connect(url, data_dir, control=True).ask(calls.keys()), as_json)


@app.command()
def rotate(
    name: Name,
    overlap: Overlap = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Give a name a new key and show it, this once."""
    seconds = 0 if overlap is None else int(_span("overlap", overlap).total_seconds())
    answer = connect(url, data_dir, control=True).ask(calls.rotate_key(name, overlap_seconds=seconds))
    _show(answer, as_json)


@app.command()
def revoke(name: Name, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """End a key, at once and for ever; `legacy` is the installation's own."""
    _list(connect(url, data_dir, control=True).ask(calls.revoke_key(name)), as_json)


@app.command()
def disable(name: Name, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Lay a key aside; `enable` takes it up again."""
    _list(connect(url, data_dir, control=True).ask(calls.disable_key(name)), as_json)


@app.command()
def enable(name: Name, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Take a key up again."""
    _list(connect(url, data_dir, control=True).ask(calls.enable_key(name)), as_json)


@app.command()
def limit(
    name: Name,
    instrument: Instruments = None,
    strategy: Strategies = None,
    max_order_notional: OrderNotional = None,
    max_daily_notional: DailyNotional = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Give a key other limits, all of them: what is not given is not limited."""
    wanted = calls.limit_key(
        name,
        instruments=instrument or None,
        strategies=strategy or None,
        max_order_notional=max_order_notional,
        max_daily_notional=max_daily_notional,
    )
    _list(connect(url, data_dir, control=True).ask(wanted), as_json)


def _span(name: str, text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise CommandError(f"{name}={text}: must be a whole number and s, m, h or d, such as 90d", BAD_INPUT)
    try:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    except OverflowError:
        raise CommandError(f"{name}={text}: is too long", BAD_INPUT) from None


def _show(answer: Any, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    key = answer["key"]
    print(f"{key['name']}: {', '.join(key['scopes'])}")
    print(f"shown this once: {answer['secret']}")
    _waits(answer)


def _list(answer: Any, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    rows = [
        {**row, **{name: _words(row[name]) for name in ("scopes", "instruments", "strategies", "addresses")}}
        for row in answer["keys"]
    ]
    print_table(rows, COLUMNS, empty="no named keys")
    _waits(answer)


def _waits(answer: Any) -> None:
    if approval := answer.get("approval"):
        print(f"waits for a second person: trading-executor approvals confirm {approval['approval_id']}")


def _words(values: list[str] | None) -> str:
    return " ".join(values or [])
