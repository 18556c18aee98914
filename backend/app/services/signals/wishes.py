"""A wish: a Signal as others send it, with how it is to be worked, in which unit its size counts, and until when.

Values are checked when it is made; InvalidValue names field, value and rule. One form is read by every way in and kept
in the journal.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.clock import to_ns
from app.domain.access import Scope
from app.domain.money import exact, plain, positive
from app.domain.orders import PositionSide, TradeMode
from app.domain.refusals import InvalidValue
from app.services.trading.schemas import member_of
from app.services.trading.working import Worked, worked_by
from app.strategies.signals import Signal, SignalType

CHECK = "signal"
TEXT_MAX = 64
KEY_MAX = 64
PERCENT_MAX = Decimal(1_000)
_STAND_IN = Decimal(1)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:")


class SizeOf(StrEnum):
    """What a size counts: the instrument's own unit (base for spot, contracts for swaps), base, contracts, what it may
    cost in the quote currency, or hundredths of the account's equity; the last two at the price when it is taken."""

    INSTRUMENT = "instrument"
    BASE = "base"
    CONTRACTS = "contracts"
    QUOTE = "quote"
    EQUITY_PERCENT = "equity_percent"


PRICED = frozenset({SizeOf.QUOTE, SizeOf.EQUITY_PERCENT})
_AMOUNTS = ("price", "size", "take_profit", "stop_loss", "decision_price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Fields as Signal and execute_signal have them. size_in: what size counts. expires_at: later it is not wanted any
    more, and nothing is sent. decision_at: when it came, where it does not say. None is not given; amounts are Decimal,
    int or text, a float is refused."""

    type: SignalType
    instrument_id: str
    price: Decimal | None = None
    size: Decimal | None = None
    size_in: SizeOf = SizeOf.INSTRUMENT
    confidence: float = 1.0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    position_side: PositionSide | None = None
    trade_mode: TradeMode | None = None
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    strategy_id: str | None = None
    strategy: str | None = None
    config: Mapping[str, Any] | None = None
    expires_at: datetime | None = None
    decision_at: datetime | None = None
    decision_price: Decimal | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name, value in (
            ("type", self.type),
            ("position_side", self.position_side),
            ("trade_mode", self.trade_mode),
        ):
            put(self, name, value.lower() if isinstance(value, str) else value)
        for name in _AMOUNTS:
            value = getattr(self, name)
            if value is not None:
                put(self, name, positive(name, value))
        put(self, "size_in", member_of(SizeOf, "size_in", self.size_in))
        for name in ("strategy_id", "strategy"):
            _check_text(name, getattr(self, name))
        for name in ("expires_at", "decision_at"):
            put(self, name, _instant(name, getattr(self, name)))
        if self.config is not None:
            put(self, "config", _settings("config", self.config))
        made = self.signal(self.size)
        for name in ("type", "confidence", "position_side", "trade_mode"):
            put(self, name, getattr(made, name))
        put(self, "metadata", dict(made.metadata))
        _check_storable("metadata", self.metadata)
        _check_storable("config", self.config)
        self._check_size()
        self.worked(made)

    def signal(self, size: Decimal | None, came_at: datetime | None = None) -> Signal:
        """The signal, of this size in the instrument's unit. came_at: when it was decided, where it does not say."""
        return Signal(
            self.type,
            self.instrument_id,
            self.price,
            size,
            self.confidence,
            self.metadata,
            self.position_side,
            self.trade_mode,
            self.take_profit,
            self.stop_loss,
            self.decision_at or came_at,
            self.decision_price,
        )

    def worked(self, signal: Signal) -> Worked | None:
        """How the signal is to be worked. Raises InvalidValue for what goes not together."""
        return worked_by(signal, self.strategy, self.config)

    @property
    def scope(self) -> Scope | None:
        """What it asks for: CLOSE to get out, a named strategy an execution, the rest an order; HOLD nothing."""
        if self.type is SignalType.HOLD:
            return None
        if self.type is SignalType.CLOSE:
            return Scope.EXIT
        return Scope.PLACE if self.strategy is None else Scope.EXECUTIONS

    def expired(self, now_ns: int) -> bool:
        return self.expires_at is not None and now_ns >= to_ns(self.expires_at)

    def plain(self) -> dict[str, Any]:
        """As JSON, from which read() makes it again; without what was not given."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: _plain(value) for name, value in said.items() if value not in (None, {})}

    def _check_size(self) -> None:
        if self.size_in is SizeOf.INSTRUMENT:
            return
        if self.size is None:
            raise InvalidValue("size_in", self.size_in, "says what a size counts, and there is no size", check=CHECK)
        if self.type is SignalType.CLOSE and self.size_in in PRICED:
            rule = "goes not with CLOSE: what is held is counted in the instrument's unit"
            raise InvalidValue("size_in", self.size_in, rule, check=CHECK)
        if self.size_in is SizeOf.EQUITY_PERCENT and self.size > PERCENT_MAX:
            raise InvalidValue("size", plain(self.size), f"must be at most {PERCENT_MAX} % of equity", check=CHECK)


FIELDS = tuple(each.name for each in fields(Wish))


def read(given: Mapping[str, Any], *, besides: Iterable[str] = ()) -> Wish:
    """A wish from JSON's members. besides: those that are read elsewhere. Raises InvalidValue, also for a member that
    is not known."""
    known, others = set(FIELDS), set(besides)
    for name, value in given.items():
        if name not in known | others:
            rule = f"unknown key; known are {', '.join((*FIELDS, *sorted(others)))}"
            raise InvalidValue(str(name)[:TEXT_MAX], _shown(value), rule)
    for name in ("type", "instrument_id"):
        if given.get(name) is None:
            raise InvalidValue(name, "missing", "is required")
    return Wish(**{name: value for name, value in given.items() if name in known and value is not None})


def check_key(key: object, name: str = "idempotency_key") -> str:
    """1 to 64 visible ASCII characters. Raises InvalidValue."""
    if not isinstance(key, str) or not 1 <= len(key) <= KEY_MAX or not key.isascii() or not key.isprintable():
        raise InvalidValue(name, _shown(key), f"must be 1 to {KEY_MAX} visible ASCII characters")
    if " " in key:
        raise InvalidValue(name, key, "must have no blanks")
    return key


def _check_text(name: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not 1 <= len(value) <= TEXT_MAX or not value.isprintable():
        raise InvalidValue(name, _shown(value), f"must be printable text of 1 to {TEXT_MAX} characters", check=CHECK)


def _check_storable(name: str, value: object) -> None:
    """No database takes half a character."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidValue(name, repr(value)[:TEXT_MAX], "must be text of whole characters", check=CHECK) from None


def _instant(name: str, value: object) -> datetime | None:
    if value is None:
        return None
    found = value if isinstance(value, datetime) else None
    if isinstance(value, str) and _ISO.match(value):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            found = None
    if found is None or found.tzinfo is None or not 1970 <= found.year <= 2261:
        rule = "must be an ISO 8601 instant with its zone, such as 2026-01-31T14:30:00Z"
        raise InvalidValue(name, _shown(value), rule, check=CHECK)
    return found.astimezone(UTC)


def _settings(name: str, value: object) -> dict[str, Any]:
    """A strategy's configuration: its floats become the decimals that they show; the strategy checks its keys."""
    if not isinstance(value, Mapping):
        raise InvalidValue(name, _shown(value), "must be an object", check=CHECK)
    return {str(key): _setting(f"{name}.{key}", item) for key, item in value.items()}


def _setting(name: str, value: object) -> Any:
    if isinstance(value, float):
        return exact(name, repr(value))
    if value is None or isinstance(value, (bool, int, str, Decimal)):
        return value
    if isinstance(value, (list, tuple)):
        return [_setting(name, item) for item in value]
    rule = "must be a number, text, true, false, null or a list of them"
    raise InvalidValue(name, _shown(value), rule, check=CHECK)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def _shown(value: object) -> str:
    return value if isinstance(value, str) else repr(value)[:TEXT_MAX]
