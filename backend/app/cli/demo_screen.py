"""The demo's terminal: lines of what happened, and on a terminal a status below them that keeps itself up to date.

Where standard output is no terminal, the status is a line every ten seconds.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from app.clock import NS_PER_SECOND, Clock, utc

PLAIN_STATUS_SECONDS = 10
NAME_WIDTH = 11

STYLES: Mapping[str, str] = {
    "start": "dim",
    "end": "dim",
    "signal": "cyan",
    "risk": "green",
    "refused": "bold red",
    "order": "blue",
    "fill": "bold yellow",
    "position": "magenta",
    "kill": "bold red",
    "performance": "bold",
    "summary": "bold",
}


class Screen:
    """A context: the terminal is given back at its end, whatever ends it."""

    def __init__(self, clock: Clock, console: Console | None = None) -> None:
        self._clock = clock
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._live: Live | None = None
        self._status_ns = clock.now_ns()

    def __enter__(self) -> "Screen":
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_status()

    def end_status(self) -> None:
        """No status from here on: the summary is the last that is seen."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def line(self, name: str, text: str) -> None:
        """One thing that happened, now."""
        moment = utc(self._clock.now_ns()).strftime("%H:%M:%S")
        style = STYLES.get(name, "")
        safe = "".join(char if char.isprintable() else "?" for char in text)
        line = Text.assemble((f"{moment}  ", "dim"), (name.ljust(NAME_WIDTH), style), safe)
        self._console.print(line)

    def status(self, facts: Sequence[tuple[str, str]]) -> None:
        """How things stand: (name, value) pairs."""
        if self._live is not None:
            self._live.update(_grid(facts), refresh=True)
            return
        now_ns = self._clock.now_ns()
        if now_ns - self._status_ns >= PLAIN_STATUS_SECONDS * NS_PER_SECOND:
            self._status_ns = now_ns
            self.line("status", "; ".join(f"{name} {value}" for name, value in facts))

    def table(self, title: str, facts: Sequence[tuple[str, str]]) -> None:
        """A block of the summary."""
        self._console.print(Text(title, style="bold"))
        width = max((len(name) for name, _ in facts), default=0)
        for name, value in facts:
            self._console.print(Text.assemble(("  " + name.ljust(width + 2), "dim"), value))


def _grid(facts: Sequence[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    for name, value in facts:
        grid.add_row(name, value)
    return grid
