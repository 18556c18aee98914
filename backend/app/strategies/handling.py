"""A strategy's handlers, called for what the executor sends. It knows no socket: whoever has messages may ask it.

What a handler raises, or returns and is no Signal, is told as Raised, naming the handler.
"""

import contextlib
import io
import json
import traceback
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from app.domain.money import from_config
from app.domain.orders import PositionSide
from app.domain.parameters import canonical, parse
from app.domain.refusals import InvalidValue
from app.strategies.candles import Candles
from app.strategies.loading import load_class
from app.strategies.messages import (
    STATE_BYTES_MAX,
    Batch,
    Begin,
    Begun,
    Handled,
    Raised,
    decode_book,
    decode_trade,
    plain_signal,
)
from app.strategies.signals import Signal
from app.strategies.strategy import Strategy, handled

SIGNALS_MAX = 100
"""That one handler may return."""
SAID_MAX = 4_000
TRACE_LINES = 12


class Failed(Exception):
    """A handler that raised: where, and what is to be told of it."""

    def __init__(self, where: str, error: BaseException) -> None:
        super().__init__(str(error))
        lines = "".join(traceback.format_exception(error)).strip().splitlines()[-TRACE_LINES:]
        self.told = Raised(where, f"{type(error).__name__}: {error}"[:1_000], "\n".join(lines)[:SAID_MAX])


class Handling:
    """One strategy. begin() first, then handle() for each batch."""

    def __init__(self) -> None:
        self._strategy: Strategy
        self._candles: Candles | None = None
        self._state = "{}"

    def begin(self, begin: Begin) -> Begun | Raised:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                return self._begin(begin)
        except Failed as failed:
            return failed.told

    def handle(self, batch: Batch) -> Handled | Raised:
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                signals = self._handle(batch)
            return Handled(tuple(map(plain_signal, signals)), self._changed(), said.getvalue()[:SAID_MAX])
        except Failed as failed:
            return failed.told

    def _begin(self, begin: Begin) -> Begun:
        kind = _guarded("import", lambda: load_class(begin.source, begin.path, begin.class_name))
        config = _guarded("config", lambda: parse(kind.Config, json.loads(begin.config)))
        timer = _guarded("timer_seconds", lambda: _seconds(kind.timer_seconds))
        self._strategy = strategy = _guarded("__init__", lambda: kind(begin.name, begin.instruments, config))
        strategy.state = json.loads(begin.state)
        strategy.held = {instrument_id: Decimal(size) for instrument_id, size in begin.held.items()}
        strategy.sides = {
            (instrument_id, PositionSide(side)): Decimal(size)
            for instrument_id, sizes in begin.sides.items()
            for side, size in sizes.items()
        }
        strategy.now_ns = begin.now_ns
        if kind.candle_seconds is not None:
            seconds = kind.candle_seconds
            self._candles = _guarded("candle_seconds", lambda: Candles(_length(seconds), begin.now_ns))
        self._state = begin.state
        signals = self._call("on_start", strategy.on_start)
        return Begun(
            tuple(sorted(handled(kind))),
            canonical(config),
            timer,
            self._changed(),
            tuple(map(plain_signal, signals)),
        )

    def _handle(self, batch: Batch) -> list[Signal]:
        strategy, signals = self._strategy, list[Signal]()
        strategy.now_ns = batch.now_ns
        for fill in batch.fills:
            strategy.held = {**strategy.held, fill.instrument_id: fill.held}
            strategy.sides = {**strategy.sides, (fill.instrument_id, fill.position_side): fill.held_side}
            signals += self._call("on_fill", lambda fill=fill: strategy.on_fill(fill))
        for raw in batch.trades:
            trade = decode_trade(raw)
            if self._candles is not None:
                for candle in self._candles.add(trade):
                    signals += self._call("on_candle", lambda candle=candle: strategy.on_candle(candle))
            signals += self._call("on_trade", lambda trade=trade: strategy.on_trade(trade))
        for raw in batch.books:
            book = decode_book(raw)
            signals += self._call("on_book", lambda book=book: strategy.on_book(book))
        if self._candles is not None:
            for candle in self._candles.over(batch.now_ns):
                signals += self._call("on_candle", lambda candle=candle: strategy.on_candle(candle))
        if batch.timer:
            signals += self._call("on_timer", strategy.on_timer)
        return signals

    def _call(self, where: str, handler: Callable[[], Any]) -> list[Signal]:
        return _guarded(where, lambda: _signals(handler()))

    def _changed(self) -> str | None:
        """The state as JSON, when it is another than was told last."""
        state = _guarded("state", lambda: _json(self._strategy.state))
        if state == self._state:
            return None
        self._state = state
        return state


def _guarded(where: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Failed:
        raise
    except BaseException as error:  # noqa: BLE001  whatever a user's code raises is told, SystemExit too
        raise Failed(where, error) from None


def _signals(returned: Any) -> list[Signal]:
    if returned is None:
        return []
    found = [returned] if isinstance(returned, Signal) else list(returned) if isinstance(returned, Iterable) else None
    if found is None or not all(isinstance(each, Signal) for each in found):
        raise TypeError(f"returned {returned!r}: must be a Signal, several, or None")
    if len(found) > SIGNALS_MAX:
        raise ValueError(f"returned {len(found)} signals: must be at most {SIGNALS_MAX}")
    return found


def _json(state: Any) -> str:
    if not isinstance(state, dict):
        raise TypeError(f"state is {type(state).__name__}: must be a dict")
    text = json.dumps(state, sort_keys=True, allow_nan=False)
    if len(text) > STATE_BYTES_MAX:
        raise ValueError(f"state has {len(text)} characters as JSON: must have at most {STATE_BYTES_MAX}")
    return text


def _seconds(said: Any) -> str | None:
    return None if said is None else str(from_config("timer_seconds", said))


def _length(seconds: Any) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= 86_400:
        raise InvalidValue("candle_seconds", seconds, "must be whole seconds from 1 to 86400", check="strategy")
    return seconds
