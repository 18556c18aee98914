"""Secrets never appear: masked by the name of their key and, wherever they turn up, by their registered value.

`register_secret` is called once for each secret at start; every log line passes through `redact` last, tracebacks
included.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
VALUE_LENGTH_MIN = 4  # shorter ones would mask ordinary words
_DEPTH_MAX = 8
SHAPE = r"(?:ext_|eyJ)[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
"""Any token of a page (app.api.tokens) or of single sign-on: there are so many that each is masked by its shape, none
by its value."""

_SECRET_NAMES = {
    *("authorization", "cookie", "set_cookie", "passphrase", "password", "passwd", "secret", "token", "sign"),
    *("signature", "credentials", "private_key"),
}
_SECRET_ENDINGS = ("_passphrase", "_password", "_secret", "_token", "api_key", "apikey", "secret_key", "secretkey")


class Redactor:
    """Masks registered values and tokens in any text, by one pattern, which is built anew for the first text after new
    values: building takes milliseconds, and a server that makes a key has nothing to mask yet."""

    def __init__(self) -> None:
        self._forms: frozenset[str] = frozenset()
        self._built = (self._forms, re.compile(SHAPE))

    def register(self, value: str) -> None:
        """Mask the value from now on: raw, escaped, URL-quoted, hexadecimal, and inside any base64 text."""
        if len(value) < VALUE_LENGTH_MIN:
            return
        forms = _forms(value)
        if not forms <= self._forms:
            self._forms |= forms

    def redact(self, text: str) -> str:
        forms, built = self._forms, self._built
        if built[0] is not forms:  # another thread may register meanwhile: then the next text finds that it did
            built = self._built = (forms, _pattern(forms))
        return built[1].sub(MASK, text)


_process = Redactor()


def register_secret(value: str) -> None:
    """Mask this value in every log line of the process; values below four characters are left alone."""
    _process.register(value)


def redact(text: str) -> str:
    """The text with every registered secret replaced by three asterisks."""
    return _process.redact(text)


def is_secret_name(name: str) -> bool:
    """Whether a key of this name holds a secret: header names, credentials, signatures."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("-", "_")
    return plain in _SECRET_NAMES or plain.startswith("ok_access_") or plain.endswith(_SECRET_ENDINGS)


def mask_by_name(value: Any, depth: int = 0) -> Any:
    """The value with everything that stands under a secret name masked; the argument is left as it was."""
    if depth > _DEPTH_MAX:
        return "(nested too deeply to show)"
    if isinstance(value, Mapping):
        return {
            key: MASK if isinstance(key, str) and is_secret_name(key) and item else mask_by_name(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        items = [mask_by_name(item, depth + 1) for item in value]
        return items if isinstance(value, list) else tuple(items)
    return value


def _pattern(forms: Collection[str]) -> re.Pattern[str]:
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join((SHAPE, *map(re.escape, longest_first))))


def _forms(value: str) -> set[str]:
    raw = value.encode()
    forms = {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        raw.hex(),
        raw.hex().upper(),
    }
    forms |= {re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), form) for form in forms}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms.add(encode(raw).decode())
        # In the middle of a longer base64 text the value starts at one of three offsets, and its outermost characters
        # depend on the neighbours: look for what lies between.
        for offset in range(3):
            start, stop = -(-offset * 8 // 6), (offset + len(raw)) * 8 // 6
            forms.add(encode(b"\0" * offset + raw + b"\0\0").decode()[start:stop])
    return {form for form in forms if len(form) >= VALUE_LENGTH_MIN}
