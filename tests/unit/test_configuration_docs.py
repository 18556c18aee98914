"""The docs name every setting and every parameter of a strategy, with the defaults in force, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.execution_strategies.parameters import table
from app.settings import Settings, Timing, environment_name

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "configuration.md").read_text("utf-8")


def test_every_setting_and_no_other_is_documented():
    head, _, _ = TEXT.partition("## Timing")
    rows = [line.split("|")[1] for line in head.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == {environment_name(field) for field in Settings.model_fields}


def test_every_time_constant_is_documented_with_its_default():
    documented = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", TEXT.partition("## Timing")[2], re.MULTILINE))
    assert documented == {name: f"{getattr(Timing(), name):g}" for name in Timing.model_fields}


def test_plain_defaults_are_as_documented():
    documented = dict(re.findall(r"^\| `TRADING_EXECUTOR_(\w+)` \| `([^`]+)` \|", TEXT, re.MULTILINE))
    defaults = {name.upper(): str(field.default) for name, field in Settings.model_fields.items()}
    assert documented == {name: defaults[name] for name in documented}
    assert len(documented) >= 8


def test_the_table_of_strategies_is_what_they_declare():
    declared = table(STRATEGIES)
    assert declared in (DOCS / "execution.md").read_text("utf-8"), (
        f"docs/execution.md must have this table:\n{declared}"
    )
