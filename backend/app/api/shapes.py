"""The JSON schemas of single values, as bodies.py and parameters.py read them: a schema refuses what a route refuses.

What a schema cannot say stays with the route: which instruments there are, and what the moment allows.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

TEXT_MAX, REASON_MAX = 64, 500

BEYOND_ASCII = "\u00a1-\u00ac\u00ae-\u0377\u0400-\u052f\u3041-\u3096\u3099-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
PRINTABLE = f"^[ -~{BEYOND_ASCII}]*$"
"""Only printable letters; a route takes those of the other scripts too, which no pattern names in few words."""
WORD = PRINTABLE.replace(" -~", "!-~")
"""The same without spaces."""
VISIBLE = "^[!-~]*$"
INSTANT = (
    r"^(19[7-9][0-9]|2[01][0-9][0-9]|22[0-5][0-9]|226[01])-[0-9]{2}-[0-9]{2}[Tt ]"
    r"[0-9]{2}:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
OFFSET = r"^-?0(\.([0-4][0-9]{0,23}|50{0,23}))?$"
"""From -0.5 to 0.5."""
TAG = "^[a-z0-9][a-z0-9._:-]*$"
POSITIVE = r"^(0*[1-9][0-9]{0,23}(\.[0-9]{1,24})?|0+\.[0-9]{0,23}[1-9])$"
SIGNED = r"^-?[0-9]{1,24}(\.[0-9]{1,24})?$"
INTEGER_MAX = 10**22
"""The largest power of ten that a reader of JSON who knows only doubles has exactly."""


def text(most: int = TEXT_MAX, **more: Any) -> dict[str, Any]:
    """Printable text."""
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": PRINTABLE, **more}


def nullable(schema: Schema) -> dict[str, Any]:
    return {"anyOf": [dict(schema), {"type": "null"}]}


def amount(**more: Any) -> dict[str, Any]:
    """A positive decimal."""
    return {
        "oneOf": [
            {"type": "string", "pattern": POSITIVE},
            {"type": "integer", "minimum": 1, "maximum": INTEGER_MAX},
        ],
        "description": "Exact decimal as text, or an integer; a JSON number with a fraction is refused",
        "examples": ["0.001"],
        **more,
    }


def signed(**more: Any) -> dict[str, Any]:
    """A decimal of either sign."""
    return {
        "oneOf": [
            {"type": "string", "pattern": SIGNED},
            {"type": "integer", "minimum": -INTEGER_MAX, "maximum": INTEGER_MAX},
        ],
        **more,
    }


def moment(**more: Any) -> dict[str, Any]:
    """An instant with its zone."""
    return {"type": "string", "format": "date-time", "pattern": INSTANT, **more}


def told(name: str) -> dict[str, Any]:
    """An object in which this member is given, and not as null."""
    return {"properties": {name: {"not": {"type": "null"}}}, "required": [name]}


SETTING: Schema = {"type": ["number", "string", "boolean", "null"]}
SETTINGS: Schema = {
    "type": "object",
    "additionalProperties": {"anyOf": [SETTING, {"type": "array", "items": SETTING}]},
}
"""A configuration whose keys somebody else checks."""
