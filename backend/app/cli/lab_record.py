"""`lab record`: an exchange's live book and trades into a file that is replayed."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, Json, number, settings
from app.cli.output import print_json
from app.cli.serving import logging_to

if TYPE_CHECKING:
    from app.clock import Clock
    from app.lab.recording import Recorded
    from app.settings import Settings

WEEK_SECONDS = 7 * 86_400


def record(
    instrument: Annotated[str, typer.Argument(help="Such as BTC-USDT.")],
    out: Annotated[Path, typer.Option("--out", help="A new file; packed where its name ends in .gz.")],
    seconds: Annotated[float, number("--seconds", least=1, most=WEEK_SECONDS, help="How long, unless Ctrl-C ends it.")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Record the book and the trades of the exchange that the settings name, for `lab run` and `simulator --replay`.
    While it goes on the file's name ends in .part."""
    from app.cli import local_exchange
    from app.clock import SystemClock

    if out.exists():
        raise CommandError(f"out={out}: is there already", BAD_INPUT)
    clock = SystemClock()
    found = local_exchange.pointed_at(settings(data_dir=data_dir), clock)
    with logging_to(found.model_copy(update={"log_level": "ERROR"})):
        done = asyncio.run(_recorded(found, clock, instrument, out, seconds))
    if as_json:
        from app.api.encoding import json_ready

        print_json(json_ready(done))
        return
    print(
        f"{done.path}: {done.seconds:.0f} s of {done.instrument_id}, {done.books} changes of the book, "
        f"{done.trades} trades, {done.gaps} gaps"
    )


async def _recorded(found: "Settings", clock: "Clock", instrument: str, out: Path, seconds: float) -> "Recorded":
    from app.chosen_exchange import make_exchange
    from app.domain.refusals import InvalidValue
    from app.exchanges.errors import ExchangeError
    from app.lab.recording import RecordingFailed
    from app.lab.recording import record as recorded
    from app.settings import SettingsError

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number_of in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number_of, stop.set)
    try:
        print(f"recording {instrument} into {out}; Ctrl-C ends it", file=sys.stderr)
        return await recorded(make_exchange(found, clock), clock, instrument, out, seconds, stop)
    except SettingsError as error:
        raise CommandError("; ".join(error.problems), BAD_INPUT) from None
    except InvalidValue as error:
        raise CommandError(str(error), BAD_INPUT) from None
    except (ExchangeError, RecordingFailed) as error:
        raise CommandError(f"exchange: {error}") from None
    except OSError as error:
        raise CommandError(f"out={error.filename or out}: {error.strerror}") from None
