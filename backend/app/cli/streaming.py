"""`stream`: what happens, a line each, until Ctrl-C; after a break it goes on after the last event that it showed."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.api.pages.words import shown
from app.cli.client import connect
from app.cli.options import DataDir, Json, Url, whole

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
    told = connect(url, data_dir).messages(
        after=after, channels=_words(channels), books=_words(books), for_seconds=for_seconds, on_break=_broken
    )
    try:
        for message in told:
            text = json.dumps(message, ensure_ascii=False) if as_json else _line(message)
            if text:
                print(text, flush=True)
    except KeyboardInterrupt:
        return
    except BrokenPipeError:  # whoever read it has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _broken(why: str, after: int | None) -> None:
    print(f"trading-executor: {why}; going on after {after}", file=sys.stderr)


def _words(text: str | None) -> list[str]:
    return text.split(",") if text else []


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
