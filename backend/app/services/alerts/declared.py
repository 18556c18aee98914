"""The rules as the settings change them:

[alerts.order_burst]
fires_at = 20
action = "pause"
[alerts.disk]
enabled = false
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from app.domain.alerts import AlertAction, AlertSeverity
from app.domain.money import from_config, plain
from app.domain.refusals import InvalidValue
from app.services.alerts import habits
from app.services.alerts.rule import Rule
from app.services.alerts.rules import RULES, unlike_itself

KEYS = ("enabled", "severity", "action", "fires_at", "ends_at", "fires_after_seconds", "ends_after_seconds")
ACTIONS = [action for action in AlertAction if action is not AlertAction.FAILED]
SECONDS_MAX = 86_400
LEARNED = unlike_itself.RULE.name

E = TypeVar("E", bound=StrEnum)


def declared(said: Mapping[str, Mapping[str, Any]]) -> list[Rule]:
    """Those that are watched. Raises InvalidValue naming the key at fault."""
    for name in said:
        if name not in RULES:
            raise InvalidValue(f"alerts.{name}", name, f"is no rule; there are {', '.join(RULES)}")
    found = [_changed(rule, said[name]) if name in said else rule for name, rule in RULES.items()]
    return [rule for rule in found if rule is not None and (habits.INSTALLED or rule.name != LEARNED)]


def _changed(rule: Rule, given: object) -> Rule | None:
    at = f"alerts.{rule.name}"
    if not isinstance(given, Mapping):
        raise InvalidValue(at, repr(given)[:80], "must be a table")
    for key in given:
        if key not in KEYS:
            raise InvalidValue(f"{at}.{key}", "given", f"is no setting of a rule; known are {', '.join(KEYS)}")
    enabled = given.get("enabled", True)
    if not isinstance(enabled, bool):
        raise InvalidValue(f"{at}.enabled", str(enabled), "must be true or false")
    if enabled and rule.name == LEARNED and not habits.INSTALLED:
        raise InvalidValue(at, "given", "needs the extra detectors: pip install 'trading-executor[detectors]'")
    changed = replace(
        rule,
        severity=_word(f"{at}.severity", given.get("severity", rule.severity), list(AlertSeverity)),
        action=_word(f"{at}.action", given.get("action", rule.action), ACTIONS),
        fires_at=_number(f"{at}.fires_at", given.get("fires_at", rule.fires_at)),
        ends_at=_number(f"{at}.ends_at", given.get("ends_at", rule.ends_at)),
        fires_after_seconds=_seconds(
            f"{at}.fires_after_seconds", given.get("fires_after_seconds", rule.fires_after_seconds)
        ),
        ends_after_seconds=_seconds(
            f"{at}.ends_after_seconds", given.get("ends_after_seconds", rule.ends_after_seconds)
        ),
    )
    if changed.better(changed.fires_at) and changed.fires_at != changed.ends_at:
        side = "at least" if rule.low else "at most"
        raise InvalidValue(
            f"{at}.ends_at", plain(changed.ends_at), f"must be {side} fires_at, {plain(changed.fires_at)}"
        )
    if changed.action is AlertAction.PAUSE and not rule.of_strategy:
        of = ", ".join(name for name, each in RULES.items() if each.of_strategy)
        raise InvalidValue(f"{at}.action", "pause", f"is for the rules of one strategy: {of}")
    return changed if enabled else None


def _word(at: str, said: Any, words: Sequence[E]) -> E:
    for word in words:
        if word == said:
            return word
    raise InvalidValue(at, str(said)[:80], f"must be one of {', '.join(words)}")


def _number(at: str, said: Any) -> Decimal:
    number = from_config(at, said)
    if not number.is_finite() or number < 0:
        raise InvalidValue(at, str(said)[:80], "must be a number from 0 on")
    return number


def _seconds(at: str, said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= SECONDS_MAX:
        raise InvalidValue(at, str(said)[:80], f"must be a whole number from 0 to {SECONDS_MAX}")
    return said
