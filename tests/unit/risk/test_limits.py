"""RiskLimits: the specification's keys and defaults, exact decimals out of floats, nothing unknown or absurd."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from app.domain.refusals import InvalidValue
from app.services.trading.risk_checks import RiskLimits
from tests.unit.risk.world import D, World

SPECIFICATION = {
    "max_order_size": 10.0,
    "min_order_size": 0.001,
    "max_order_value": 10000.0,
    "max_price_deviation": 0.05,
    "max_daily_loss": 0.1,
    "max_position_value_pct": 0.5,
    "require_positive_balance": True,
}


def test_the_specification_s_configuration_is_the_default() -> None:
    assert RiskLimits.from_config(SPECIFICATION) == RiskLimits.from_config({}) == RiskLimits.from_config(None)


def test_floats_become_the_decimals_that_a_person_reads() -> None:
    limits = RiskLimits.from_config({"max_price_deviation": 0.07, "max_order_value": 1e4, "max_daily_notional": 0.3})
    assert (limits.max_price_deviation, limits.max_order_value) == (D("0.07"), D(10_000))
    assert limits.max_daily_notional == D("0.3")
    floats = [value for value in asdict(limits).values() if isinstance(value, float)]
    assert floats == []


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("max_order_sise", 1, "is not a key of risk_config: max_order_size, min_order_size"),
        ("max_order_size", -1, "must not be negative"),
        ("max_order_size", float("nan"), "must be finite"),
        ("max_order_value", "Infinity", "must be finite"),
        ("max_order_value", "1e400", "must have at most 24 digits"),
        ("max_order_value", "ten", "must be a decimal number"),
        ("max_order_value", None, "must be a decimal"),
        ("max_order_value", True, "must be a decimal"),
        ("max_price_deviation", 5, "is a fraction (0.05 is 5 %)"),
        ("max_daily_loss", "1.5", "is a fraction"),
        ("max_position_value_pct", 50, "is a fraction"),
        ("min_order_size", 11, "must not be above max_order_size 10"),
        ("require_positive_balance", "yes", "must be true or false"),
        ("require_positive_balance", 1, "must be true or false"),
        ("max_open_orders", 0, "must be a whole number from 1"),
        ("max_open_orders", 2.5, "must be a whole number"),
        ("max_open_orders", True, "must be a whole number"),
        ("allowed_instruments", "BTC-USDT", "must be a list of instrument ids"),
        ("allowed_instruments", [1], "must be a list of instrument ids"),
        ("max_book_age_seconds", -0.5, "must not be negative"),
    ],
)
def test_what_is_no_limit_is_refused_by_name(key: str, value: object, rule: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        RiskLimits.from_config({key: value})
    assert caught.value.refusal.field == key
    assert rule in caught.value.refusal.rule


def test_lists_of_instruments() -> None:
    assert RiskLimits.from_config({"allowed_instruments": ["A", "B"]}).allowed_instruments == frozenset({"A", "B"})
    assert RiskLimits.from_config({"allowed_instruments": []}).allowed_instruments == frozenset()
    assert RiskLimits.from_config({"allowed_instruments": None}).allowed_instruments is None


def test_configure_keeps_the_old_limits_when_the_new_ones_are_wrong() -> None:
    world = World({"max_order_size": 3})
    with pytest.raises(InvalidValue):
        world.risk.configure({"max_order_size": "NaN"})
    assert world.risk.limits.max_order_size == 3
    world.risk.configure({"max_order_size": 4})
    assert world.risk.limits.max_order_size == 4
