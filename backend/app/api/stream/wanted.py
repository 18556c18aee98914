"""What a client asks for, from the address or the first message: channels, the event after which to begin, books."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from app.api.errors import Problem, invalid
from app.api.parameters import SEQ_MAX
from app.api.stream.limits import StreamLimits
from app.api.stream.messages import CHANNELS
from app.domain.refusals import Refusal

ALL = frozenset(CHANNELS)
TEXT_MAX = 2_000
KEY_NAMES = frozenset({"key", "api_key", "apikey", "x-api-key", "token", "access_token", "authorization", "bearer"})
NO_KEY_HERE = "a key in an address ends in logs: send it as a header, in the first message, or get a ticket for it"


@dataclass(frozen=True, slots=True)
class Wanted:
    """after: events with a higher seq; None: what happens from now on. for_seconds: how long; None: without end."""

    channels: frozenset[str] = ALL
    after: int | None = None
    books: tuple[str, ...] = ()
    for_seconds: int | None = None


def query_of(query: bytes, names: Iterable[str]) -> dict[str, str]:
    """The address's parameters. Raises Problem for a key among them (whose value is not repeated), one that is not
    known, or one that comes twice."""
    given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    if any(name.lower() in KEY_NAMES for name, _ in given):
        raise Problem(400, NO_KEY_HERE, kind="key-in-address")
    errors = [Refusal("input", name, value, "unknown parameter") for name, value in given if name not in names]
    found = dict(given)
    errors += [Refusal("input", name, found[name], "may come once") for name in found if len(found) < len(given)]
    if errors:
        raise invalid(errors)
    return found


def read(given: Mapping[str, Any], limits: StreamLimits) -> Wanted:
    """Raises Problem naming every value at fault."""
    errors = list[Refusal]()
    wanted = Wanted(
        _channels(given.get("channels"), errors),
        _whole("after", given.get("after"), SEQ_MAX, errors),
        _books(given.get("books"), limits.books, errors),
        _whole("for_seconds", given.get("for_seconds"), 86_400, errors),
    )
    if errors:
        raise invalid(errors)
    return wanted


class FirstMessage(msgspec.Struct, forbid_unknown_fields=True):
    """What a client without a header says first: its key or its ticket, and what it wants, unless the address says."""

    key: str | None = None
    ticket: str | None = None
    channels: list[str] | str | None = None
    after: int | None = None
    books: list[str] | str | None = None


_decode_first = msgspec.json.Decoder(FirstMessage).decode


def first_message(text: str | bytes) -> FirstMessage:
    """Raises Problem."""
    try:
        return _decode_first(text)
    except (msgspec.MsgspecError, UnicodeError) as error:
        names = ", ".join(FirstMessage.__struct_fields__)
        detail = f"the first message must be a JSON object with some of {names}: {error}"
        raise Problem(400, detail, kind="bad-first-message") from None


def _names(given: Any) -> list[str]:
    return given.split(",") if isinstance(given, str) else list(given)


def _channels(given: Any, errors: list[Refusal]) -> frozenset[str]:
    if given is None:
        return ALL
    names = _names(given)
    rule = f"must be some of {', '.join(CHANNELS)}"
    errors += [Refusal("input", "channels", name[:TEXT_MAX], rule) for name in names[:10] if name not in CHANNELS]
    if not names:
        errors.append(Refusal("input", "channels", "none", rule))
    return frozenset(names)


def _books(given: Any, most: int, errors: list[Refusal]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(_names(given))) if given else ()
    if len(names) > most:
        errors.append(Refusal("input", "books", str(len(names)), f"at most {most} instruments"))
    return names


def _whole(field: str, given: Any, most: int, errors: list[Refusal]) -> int | None:
    if given is None:
        return None
    text = str(given)
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) > most:
        errors.append(Refusal("input", field, text, f"must be a whole number from 0 to {most}"))
        return None
    return int(text)
