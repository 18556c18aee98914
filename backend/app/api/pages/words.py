"""Any value of an answer as one line of words."""

from collections.abc import Mapping
from typing import Any


def shown(value: Any) -> str:
    """One printable line for any value; nothing is a dash."""
    if value is None or value == "" or value == []:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={shown(item)}" for key, item in value.items()) or "-"
    if isinstance(value, list):
        return "; ".join(shown(item) for item in value)
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return "".join(char if char.isprintable() else "?" for char in text)
