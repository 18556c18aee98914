"""Faults of the simulated exchange: named knobs, fired by probability or by script, from one seed.

A knob is off unless set. `at` counts the knob's own chances from 1: {"drop_reply": {"at": [3]}} hits the third
place request that could have been dropped.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KNOBS: dict[str, str] = {
    "drop_reply": "an order request is taken and never answered",
    "drop_request": "an order request is neither taken nor answered",
    "delay_reply": "the answer to an order request comes `value` ms late (default 2000)",
    "cut_after_accept": "an order request is taken and the connection closed without an answer",
    "cut_before_accept": "the connection is closed and the order request not taken",
    "error_taken": "an order request is taken and answered with code `value` (default 50004)",
    "error_not_taken": "an order request is not taken and answered with code `value` (default 50004)",
    "duplicate_push": "an orders push is sent twice, the second with a later uTime",
    "push_before_ack": "an order's pushes leave before the answer to its request",
    "lost_push": "an orders push is never sent",
    "terminal_before_fill": "a filled order is shown filled with fillSz 0 and no tradeId, the fill by REST only",
    "empty_trade_id": "an orders push about a fill has no tradeId, the fill by REST has",
    "unknown_enum": "an orders push carries a state, category and cancelSource no document lists",
    "overfill": "accFillSz of a filled order is one lot more than sz",
    "late_push": "an orders push leaves `value` ms late (default 1000), after those that follow it",
    "batch_row_lost": "the answer to a batch lacks its last row",
    "batch_rows_reversed": "the answer to a batch has its rows in reverse order",
    "wrong_reply_id": "a WebSocket operation is answered under another id",
    "outage": "any REST request is answered with HTTP status `value` (default 503) and not taken",
    "amend_fails": "an amend is acknowledged and then fails: amendResult -1, or 1 (cancelled) with value 1",
    "seq_gap": "one book update is withheld",
    "seq_reset": "a book's sequence number starts again from a lower one",
    "crossed_book": "a book update shows the best bid above the best ask",
    "silent_stream": "a connection gets no more pushes but still answers ping",
    "count_error": "a private subscription is acknowledged, then dropped with channel-conn-count-error",
    "upgrade_notice": "a connection gets notice 64008 and is closed `value` ms later (default 60000)",
    "close_stream": "a connection is closed with code `value` (default 4006)",
    "busy": "any private request is answered 50013 and not taken",
    "read_lag": "queries of orders and fills show the state of `value` ms ago (default 1000)",
    "clock_skew": "the clock clients see is `value` ms ahead of the real one (negative: behind); needs no probability",
    "foreign_order": "a second client of the account places and fills an order of its own",
    "bad_field": "members of rows are not as documented: `value` says which (spoil.py)",
    "refused_channel": "subscriptions of channel and instId as in `value` are refused with 60018; needs no probability",
    "split_algo": "an algo order that fires becomes `value` orders (default 2), a second apart",
    "liquidation": "part of a swap position is taken over: a fill with negative tradeId",
}

SPLIT_MAX = 20
_WHOLE = frozenset(
    {
        "delay_reply",
        "late_push",
        "outage",
        "upgrade_notice",
        "close_stream",
        "read_lag",
        "clock_skew",
        "amend_fails",
        "split_algo",
    }
)
"""Whose value is a whole number."""
_OBJECTS: Mapping[str, frozenset[str]] = {"refused_channel": frozenset(), "bad_field": frozenset({"where", "field"})}
"""Whose value is an object with at least these members; of bad_field also a list of them."""

PROFILES: dict[str, dict[str, dict[str, Any]]] = {
    "none": {},
    "lossy": {
        "drop_reply": {"probability": 0.02},
        "lost_push": {"probability": 0.02},
        "duplicate_push": {"probability": 0.05},
        "push_before_ack": {"probability": 0.2},
    },
    "ambiguous": {
        "error_taken": {"probability": 0.03},
        "error_not_taken": {"probability": 0.03},
        "cut_after_accept": {"probability": 0.01},
        "cut_before_accept": {"probability": 0.01},
        "delay_reply": {"probability": 0.05, "value": 500},
    },
    "streams": {
        "seq_gap": {"probability": 0.01},
        "seq_reset": {"probability": 0.002},
        "crossed_book": {"probability": 0.002},
        "close_stream": {"probability": 0.001},
        "count_error": {"probability": 0.05},
        "silent_stream": {"probability": 0.0005},
    },
    "reports": {
        "terminal_before_fill": {"probability": 0.05},
        "empty_trade_id": {"probability": 0.02},
        "amend_fails": {"probability": 0.1},
        "read_lag": {"probability": 0.3, "value": 700},
        "foreign_order": {"probability": 0.01},
    },
}
PROFILES["chaos"] = {
    name: dict(knob)
    for profile in ("lossy", "ambiguous", "streams", "reports")
    for name, knob in PROFILES[profile].items()
}


@dataclass(slots=True)
class Knob:
    """One fault's setting. It fires with `probability`, or at the listed chances, at most `times` in all."""

    probability: float = 0.0
    at: frozenset[int] = frozenset()
    times: int | None = None
    value: Any = None
    chances: int = 0
    fired: int = 0


def read_knob(name: str, raw: Mapping[str, Any]) -> Knob:
    """Parse {"probability", "at", "times", "value"}; ValueError names what is wrong."""
    if name not in KNOBS:
        raise ValueError(f"fault {name!r} is unknown; known: {', '.join(sorted(KNOBS))}")
    unknown = set(raw) - {"probability", "at", "times", "value"}
    if unknown:
        raise ValueError(f"fault {name}: unknown key {sorted(unknown)[0]!r}")
    probability = float(raw.get("probability", 0))
    if not 0 <= probability <= 1:
        raise ValueError(f"fault {name}: probability {probability} is not within 0..1")
    times, value = raw.get("times"), raw.get("value")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 0):
        raise ValueError(f"fault {name}: times {times!r} is not a whole number from 0 on")
    if value is not None:
        _check_value(name, value)
    return Knob(probability, frozenset(int(n) for n in raw.get("at", ())), times, value)


def _check_value(name: str, value: Any) -> None:
    """Raises ValueError: what is taken here is relied on in the middle of an answer."""
    if name in _WHOLE and (isinstance(value, (bool, float)) or not str(value).lstrip("-").isdecimal()):
        raise ValueError(f"fault {name}: value {value!r} is not a whole number")
    if name == "outage" and not 100 <= int(value) <= 599:
        raise ValueError(f"fault outage: value {value!r} is not an HTTP status")
    if name == "split_algo" and not 2 <= int(value) <= SPLIT_MAX:
        raise ValueError(f"fault split_algo: value {value!r} is not from 2 to {SPLIT_MAX}")
    if name in _OBJECTS:
        given = value if name == "bad_field" and isinstance(value, list) else [value]
        if not all(isinstance(each, Mapping) and _OBJECTS[name] <= set(each) for each in given):
            members = f" with {', '.join(sorted(_OBJECTS[name]))}" if _OBJECTS[name] else ""
            raise ValueError(f"fault {name}: value {value!r} is not an object{members}")


class Faults:
    """All knobs. `fires` is asked once per chance and answers the same for the same seed and calls."""

    def __init__(self, profile: str, seed: int) -> None:
        if profile not in PROFILES:
            raise ValueError(f"fault profile {profile!r} is unknown; known: {', '.join(PROFILES)}")
        self._random = random.Random(f"faults:{seed}")
        self._knobs = {name: read_knob(name, raw) for name, raw in PROFILES[profile].items()}

    def set(self, settings: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Replace the named knobs; None switches one off."""
        parsed = {name: read_knob(name, raw or {}) for name, raw in settings.items()}
        for name, knob in parsed.items():
            if settings[name] is None:
                self._knobs.pop(name, None)
            else:
                self._knobs[name] = knob

    def clear(self) -> None:
        self._knobs.clear()

    def describe(self) -> dict[str, dict[str, Any]]:
        return {
            name: {
                "probability": knob.probability,
                "at": sorted(knob.at),
                "times": knob.times,
                "value": knob.value,
                "chances": knob.chances,
                "fired": knob.fired,
            }
            for name, knob in sorted(self._knobs.items())
        }

    def fires(self, name: str) -> bool:
        knob = self._knobs.get(name)
        if knob is None or (knob.times is not None and knob.fired >= knob.times):
            return False
        knob.chances += 1
        hit = knob.chances in knob.at or (knob.probability > 0 and self._random.random() < knob.probability)
        knob.fired += hit
        return hit

    @property
    def any(self) -> bool:
        """Is any knob set at all?"""
        return bool(self._knobs)

    def value(self, name: str, default: Any) -> Any:
        knob = self._knobs.get(name)
        return default if knob is None or knob.value is None else knob.value

    def active(self, name: str) -> bool:
        return name in self._knobs

    def amend_result(self) -> str:
        """ "" to let an amend be, else the amendResult it must end with."""
        if not self.fires("amend_fails"):
            return ""
        return "1" if str(self.value("amend_fails", "-1")) == "1" else "-1"
