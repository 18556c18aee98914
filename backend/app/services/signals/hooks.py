"""A hook: how the alerts of one tool become signals, as the settings declare it, and what makes an alert one.

    [hooks.tv]
    secret = "{secret}"              where in the alert the hook's secret stands; else in a header
    time = "{time}"                  when it was sent; window_seconds later it is too old
    id = "{alert}"                   what makes it one; without, all of it but the secret, and its time
    [hooks.tv.symbols]
    BTCUSDT = "BTC-USDT"
    [hooks.tv.signal]
    type = "{action}"
    instrument_id = "{ticker}"
    size = "{contracts}"

Pure: an alert and the time give a wish and its key, or an InvalidValue that names the field.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.clock import utc
from app.domain.access_keys import PREFIX
from app.domain.money import plain
from app.domain.refusals import InvalidValue
from app.services.signals.messages import BYTES_MAX, read_json
from app.services.signals.templates import CHECK, Template, TextForm, filled, made, without
from app.services.signals.wishes import FIELDS, SizeOf, Wish, read
from app.services.trading.schemas import member_of
from app.strategies.signals import SignalType

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,26}")
WINDOW_SECONDS = 300
WINDOW_MAX = 7 * 86_400
PER_MINUTE = 60
PER_MINUTE_MAX = 6_000
ALERT_BYTES = 8 * 1024
AHEAD = timedelta(seconds=60)
"""So far a sender's clock may be ahead of ours."""
MASK = "***"
_KEY_LIKE = re.compile(re.escape(PREFIX) + r"[0-9a-f]+_[A-Za-z0-9_-]{8,}")
_EPOCH = re.compile(r"[0-9]{10}([0-9]{3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert taken apart. fields: without the secret, wherever it stood in them."""

    fields: Mapping[str, Any]
    secret: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """text: how a line of text is taken apart; without, an alert is a JSON object. alerts_per_minute: more are
    refused. max_bytes: of one alert. words: what its type is called there."""

    name: str
    signal: Mapping[str, Any]
    text: TextForm | None = None
    secret: Template | None = None
    id: Template | None = None
    time: Template | None = None
    window_seconds: int = WINDOW_SECONDS
    alerts_per_minute: int = PER_MINUTE
    max_bytes: int = ALERT_BYTES
    symbols: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, said: object) -> "Hook":
        """From the settings. Raises InvalidValue naming the key at fault."""
        at = f"hooks.{name}"
        if not NAME.fullmatch(name):
            raise InvalidValue(at, name, "must be 1 to 27 of a-z, 0-9, '_' and '-'")
        given = _table(at, said)
        known = [each.name for each in fields(cls) if each.name != "name"]
        for key in given:
            if key not in known:
                raise InvalidValue(f"{at}.{key}", "given", f"is no setting of a hook; known are {', '.join(known)}")
        signal = _table(f"{at}.signal", given.get("signal", {}))
        for key in signal:
            if key not in FIELDS:
                raise InvalidValue(f"{at}.signal.{key}", "given", f"is no field of a signal: {', '.join(FIELDS)}")
        for key in ("type", "instrument_id"):
            if key not in signal:
                raise InvalidValue(f"{at}.signal.{key}", "missing", "is required")
        for key in ("type", "instrument_id"):
            _text(f"{at}.signal.{key}", signal[key])
        size_in = signal.get("size_in")
        if isinstance(size_in, str) and "{" not in size_in:
            member_of(SizeOf, f"{at}.signal.size_in", size_in)
        templates = {key: _template(f"{at}.{key}", given[key]) for key in ("secret", "id", "time") if key in given}
        if not templates.keys() & {"id", "time"}:
            raise InvalidValue(
                f"{at}.id", "missing", "say id, or time: else a repeated alert is not told from a new one"
            )
        if "secret" in templates and templates["secret"].literals != ("", ""):
            raise InvalidValue(f"{at}.secret", templates["secret"].said, "must be one {field}")
        text = given.get("text")
        return cls(
            name=name,
            signal=made(f"{at}.signal", signal),
            text=None if text is None else TextForm.of(f"{at}.text", _text(f"{at}.text", text)),
            **templates,
            window_seconds=_whole(at, given, "window_seconds", WINDOW_SECONDS, WINDOW_MAX),
            alerts_per_minute=_whole(at, given, "alerts_per_minute", PER_MINUTE, PER_MINUTE_MAX),
            max_bytes=_whole(at, given, "max_bytes", ALERT_BYTES, BYTES_MAX),
            symbols=_texts(f"{at}.symbols", given.get("symbols", {})),
            words=_words(f"{at}.words", given.get("words", {})),
        )

    def alert(self, raw: bytes) -> Alert:
        """Raises InvalidValue, which shows nothing of what was sent."""
        if len(raw) > self.max_bytes:
            raise InvalidValue("body", f"{len(raw)} bytes", f"must have at most {self.max_bytes}", check=CHECK)
        if self.text is None:
            found = read_json(raw, exact_numbers=True)
        else:
            try:
                found = self.text.fields(raw.decode("utf-8"))
            except UnicodeDecodeError:
                raise InvalidValue("body", f"{len(raw)} bytes", "must be UTF-8", check=CHECK) from None
        if self.secret is None:
            return Alert(cut(found, None), None)
        path = self.secret.places[0][0]
        try:
            secret = self.secret.filled(found)
        except InvalidValue:
            secret = None
        secret = secret if isinstance(secret, str) else None
        return Alert(cut(without(found, path), secret), secret)

    def wish(self, alert: Alert, now_ns: int) -> tuple[Wish, str]:
        """What it asks for, and the key that makes it one. Raises InvalidValue."""
        said = {key: filled(template, alert.fields) for key, template in self.signal.items()}
        said["type"] = self._word(said["type"])
        if self.signal["instrument_id"].places:
            said["instrument_id"] = self._symbol(said["instrument_id"])
        if isinstance(said.get("metadata"), Mapping):
            said["metadata"] = {key: _scalar(item) for key, item in said["metadata"].items()}
        sent_at = self._sent_at(alert, now_ns)
        if sent_at is not None and said.get("expires_at") is None:
            said["expires_at"] = sent_at + timedelta(seconds=self.window_seconds)
        if sent_at is not None and said.get("decision_at") is None:
            said["decision_at"] = sent_at
        what = [self.name, alert.fields if self.id is None else self.id.filled(alert.fields)]
        digest = hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode("utf-8", "surrogatepass"))
        return read(said), f"alert-{digest.hexdigest()[:40]}"

    def _sent_at(self, alert: Alert, now_ns: int) -> datetime | None:
        if self.time is None:
            return None
        at, now = _moment(self.time.filled(alert.fields)), utc(now_ns)
        if at is None:
            rule = "must be when it was sent: ISO 8601 with its zone, or seconds or milliseconds since 1970"
            raise InvalidValue("time", str(self.time.filled(alert.fields)), rule, check=CHECK)
        if at - now > AHEAD:
            rule = f"must not lie in the future; here it is {now.isoformat()}"
            raise InvalidValue("time", at.isoformat(), rule, check=CHECK)
        return at

    def _word(self, value: object) -> object:
        if not isinstance(value, str):
            raise InvalidValue("type", _shown(value), "must be text", check=CHECK)
        return self.words.get(value.lower(), value)

    def _symbol(self, value: object) -> object:
        if not self.symbols:
            return value
        found = self.symbols.get(value) if isinstance(value, str) else None
        if found is None:
            rule = f"is in no line of symbols; known are {', '.join(self.symbols)}"
            raise InvalidValue("instrument_id", _shown(value), rule, check=CHECK)
        return found


def cut(value: Any, secret: str | None) -> Any:
    """The value with the secret, and whatever else looks like a key of ours, masked in every text, names too."""
    if isinstance(value, str):
        found = value.replace(secret, MASK) if secret else value
        return _KEY_LIKE.sub(MASK, found)
    if isinstance(value, Mapping):
        return {cut(key, secret): cut(item, secret) for key, item in value.items()}
    return [cut(item, secret) for item in value] if isinstance(value, list) else value


def _moment(value: object) -> datetime | None:
    text = str(value)
    if isinstance(value, (str, int)) and _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC) + timedelta(milliseconds=int(text[10:] or 0))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None or not 1970 <= found.year <= 2261 else found.astimezone(UTC)


def _scalar(value: object) -> Any:
    return plain(value) if isinstance(value, Decimal) else value


def _table(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidValue(name, _shown(value), "must be a table")
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 500:
        raise InvalidValue(name, _shown(value), "must be text of 1 to 500 characters")
    return value


def _template(name: str, value: object) -> Template:
    found = Template.of(name, _text(name, value))
    if not found.places:
        raise InvalidValue(name, found.said, "must name a {field} of the alert")
    return found


def _texts(name: str, value: object) -> dict[str, str]:
    return {str(key): _text(f"{name}.{key}", item) for key, item in _table(name, value).items()}


def _words(name: str, value: object) -> dict[str, str]:
    found = _texts(name, value)
    return {key.lower(): member_of(SignalType, f"{name}.{key}", word).value for key, word in found.items()}


def _whole(name: str, given: Mapping[str, Any], key: str, default: int, most: int) -> int:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidValue(f"{name}.{key}", _shown(value), f"must be a whole number from 1 to {most}")
    return value


def _shown(value: object) -> str:
    return value if isinstance(value, str) else repr(value)[:64]
