"""`stream`: what happens, a line each, until Ctrl-C; after a break it goes on after the last event that it showed."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from app.cli.client import Broken, Client, connect
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, Json, Url, whole
from app.cli.output import shown
from app.clock import SystemClock

PATH = "/api/v1/stream/events"
AGAIN_SECONDS = 1
SHOWN: Mapping[str, tuple[str, ...]] = {
    "order": ("order_id", "instrument_id", "side", "size", "price", "status", "filled_size"),
    "execution": ("parent_id", "strategy", "instrument_id", "side", "filled_size", "size", "status", "reason"),
    "step": ("parent_id", "step", "act", "order_id", "reason"),
    "movement": ("currency", "amount", "kind", "note"),
    "alert": ("detail",),
}
FILL = ("trade_id", "price", "size", "fee", "fee_currency")


def stream(
    after: Annotated[
        int | None, whole("--after", least=0, help="Begin after this event.", show_default="what happens from now on")
    ] = None,
    channels: Annotated[
        str | None, typer.Option("--channels", help="Some of them, by commas, such as orders,fills.")
    ] = None,
    books: Annotated[str | None, typer.Option("--books", help="Order books too, with --json.")] = None,
    for_seconds: Annotated[int | None, whole("--for", least=0, help="End after so many seconds.")] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Follow what happens: orders, fills, executions, money, alerts. --json prints every message, states too."""
    client, last = connect(url, data_dir), after
    query = {"channels": channels, "books": books, "for_seconds": for_seconds}
    try:
        for message in _messages(client, last, query):
            text = json.dumps(message, ensure_ascii=False) if as_json else _line(message)
            if text:
                print(text, flush=True)
    except KeyboardInterrupt:
        return
    except BrokenPipeError:  # whoever read it has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _messages(client: Client, after: int | None, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every message, over breaks. Raises CommandError for a system that is not there, or will not go on."""
    begun = False
    while True:
        try:
            with contextlib.closing(client.lines(PATH, after=after, **query)) as lines:
                for line in lines:
                    if not line.startswith("data: "):
                        continue
                    message = json.loads(line.removeprefix("data: "))
                    begun = True
                    if message["type"] == "hello":
                        after = message["after"]
                    elif message["seq"] is not None or message["type"] == "heartbeat":
                        after = message["seq"] or message["as_of"]
                    yield message
            if query["for_seconds"] is not None:
                return
            why = "the server ended it"
        except Broken as error:
            if not begun:
                raise
            why = str(error)
        except CommandError as error:
            if not begun or error.status == BAD_INPUT:
                raise
            why = str(error)
        print(f"trading-executor: {why}; going on after {after}", file=sys.stderr)
        asyncio.run(SystemClock().sleep(AGAIN_SECONDS))


def _line(message: Mapping[str, Any]) -> str:
    """An event as people read it; "" for what is none."""
    if message["type"] != "event":
        return ""
    parts = [str(message["seq"]), message["at"], message["kind"], message["principal"]]
    for member, fields in SHOWN.items():
        if member in message:
            parts += [shown(message[member].get(name)) for name in fields]
    for fill in message.get("fills", ()):
        parts += ["fill", *(shown(fill.get(name)) for name in FILL)]
    return "  ".join(parts)
