"""The levers on parent orders of a running system: lay aside, go on, change, end, settle."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.client import connect
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import By, DataDir, Json, Key, Url, Why, who_says
from app.cli.output import print_fields, print_json
from trading_executor.client import calls

ParentId = Annotated[str, typer.Argument(help="The parent order's id.")]
Reason = Annotated[str | None, typer.Option("--why", help="The reason; it stands in the journal.")]

app = typer.Typer(help="Lay a parent order aside, go on with it, change it, end it, settle an overfill.")


@app.command()
def pause(
    parent_id: ParentId,
    clock: Annotated[
        str, typer.Option("--clock", help="kept: its time goes on; frozen: its schedule and end move by the pause.")
    ] = "kept",
    why: Reason = None,
    idempotency_key: Key = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Take its open orders back and lay it aside."""
    wanted = calls.pause_execution(parent_id, clock=clock, reason=why, idempotency_key=idempotency_key)
    show(connect(url, data_dir).ask(wanted), as_json)


@app.command()
def resume(
    parent_id: ParentId,
    why: Reason = None,
    idempotency_key: Key = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Go on with one that was paused, or suspended by the kill switch or a refusal."""
    wanted = calls.resume_execution(parent_id, reason=why, idempotency_key=idempotency_key)
    show(connect(url, data_dir).ask(wanted), as_json)


@app.command()
def amend(
    parent_id: ParentId,
    size: Annotated[str | None, typer.Option("--size", help="New size in all, what has filled included.")] = None,
    price: Annotated[str | None, typer.Option("--price", help="New limit price.")] = None,
    limit_offset: Annotated[
        str | None, typer.Option("--limit-offset", help="New limit, so far beyond the arrival's mid, such as 0.002.")
    ] = None,
    end_at: Annotated[str | None, typer.Option("--end-at", help="New end, such as 2026-01-31T16:00:00Z.")] = None,
    config: Annotated[
        list[str] | None, typer.Option("--config", help="KEY=VALUE of its strategy, such as duration=600; may repeat.")
    ] = None,
    why: Reason = None,
    idempotency_key: Key = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Change its size, limit, end or configuration; what is laid aside stays so until it is resumed."""
    wanted = calls.amend_execution(
        parent_id,
        size=size,
        price=price,
        limit_offset_pct=limit_offset,
        end_at=end_at,
        config=dict(setting(text) for text in config or []),
        reason=why,
        idempotency_key=idempotency_key,
    )
    show(connect(url, data_dir).ask(wanted), as_json)


@app.command()
def cancel(
    parent_id: ParentId,
    why: Reason = None,
    idempotency_key: Key = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Cancel its open orders and end it."""
    wanted = calls.cancel_execution(parent_id, reason=why, idempotency_key=idempotency_key)
    show(connect(url, data_dir).ask(wanted), as_json)


@app.command()
def settle(
    parent_id: ParentId, why: Why, by: By = None, url: Url = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Accept that one that is over has filled beyond its size; nothing is reversed, and the audit goes by it."""
    wanted = calls.settle_execution(parent_id, by=who_says(by), why=why)
    show(connect(url, data_dir, control=True).ask(wanted), as_json)


_WORDS: dict[str, bool | None] = {"true": True, "false": False, "none": None}


def setting(text: str, instrument: str | None = None) -> tuple[str, Any]:
    """Key and value of KEY=VALUE; a list stands in commas, or as JSON in a file: KEY=@FILE. instrument: what a file
    that names one must be about. Raises CommandError."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise CommandError(f"config={text}: must be KEY=VALUE, such as duration=600", BAD_INPUT)
    if value.startswith("@"):
        return key, _from_file(key, value[1:], instrument)
    return key, value.split(",") if "," in value else _WORDS.get(value.lower(), value)


def _from_file(key: str, name: str, instrument: str | None) -> Any:
    """A JSON file's value, or of an object what stands under the key. Raises CommandError."""
    try:
        held = json.loads(Path(name).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"config={key}=@{name}: {error}", BAD_INPUT) from None
    if not isinstance(held, dict):
        return held
    if key not in held:
        raise CommandError(f"config={key}=@{name}: holds no {key}", BAD_INPUT)
    about = held.get("instrument_id", instrument)
    if instrument is not None and about != instrument:
        raise CommandError(f"config={key}=@{name}: is about {about}, not {instrument}", BAD_INPUT)
    return held[key]


def show(answer: Any, as_json: bool) -> None:
    """A parent order, for programs or people."""
    if as_json:
        print_json(answer)
    else:
        print_fields(answer)
