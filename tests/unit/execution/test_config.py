"""A strategy's configuration: the specification's keys and defaults, exact decimals, nothing unknown."""

import json
from decimal import Decimal
from typing import Any

import pytest

from app.domain.refusals import InvalidValue
from app.services.trading.execution_strategies import (
    STRATEGIES,
    AdaptiveExecution,
    BracketExecution,
    ChaseExecution,
    ExecutionStrategy,
    ExitExecution,
    IcebergExecution,
    ImplementationShortfallExecution,
    LimitExecution,
    MarketExecution,
    OcoExecution,
    POVExecution,
    ScaleExecution,
    SniperExecution,
    StopExecution,
    TakeProfitExecution,
    TrailingStopExecution,
    TWAPExecution,
    VWAPExecution,
)
from app.services.trading.execution_strategies.config import canonical, parse
from app.services.trading.execution_strategies.styled import Style
from app.services.trading.execution_strategies.terms import ParentTerms

D = Decimal


def test_registry_holds_every_strategy_by_its_name() -> None:
    assert dict(STRATEGIES) == {
        "market": MarketExecution,
        "limit": LimitExecution,
        "twap": TWAPExecution,
        "iceberg": IcebergExecution,
        "vwap": VWAPExecution,
        "pov": POVExecution,
        "implementation_shortfall": ImplementationShortfallExecution,
        "adaptive": AdaptiveExecution,
        "sniper": SniperExecution,
        "chase": ChaseExecution,
        "scale": ScaleExecution,
        "stop": StopExecution,
        "take_profit": TakeProfitExecution,
        "trailing_stop": TrailingStopExecution,
        "oco": OcoExecution,
        "bracket": BracketExecution,
        "exit": ExitExecution,
    }


def test_the_specifications_keys_are_the_defaults() -> None:
    limit = {"timeout": 60, "fallback_to_market": True}
    twap = {"duration": 300, "num_slices": 10, "use_limit_orders": False, "price_offset_pct": 0.001}
    iceberg = {"visible_pct": 0.1, "max_refresh_time": 30, "use_limit_orders": True, "min_visible_size": 0.001}
    assert LimitExecution(None, limit).config == LimitExecution(None).config
    assert TWAPExecution(None, twap).config == TWAPExecution(None).config
    assert IcebergExecution(None, iceberg).config == IcebergExecution(None).config


def test_floats_become_the_decimals_that_a_person_reads() -> None:
    assert TWAPExecution(None, {"price_offset_pct": 0.1}).config.price_offset_pct == D("0.1")
    assert IcebergExecution(None, {"visible_pct": "0.25"}).config.visible_pct == D("0.25")


@pytest.mark.parametrize("strategy", STRATEGIES.values())
def test_canonical_text_reads_back(strategy: type[ExecutionStrategy]) -> None:
    config = strategy(None, {"max_slippage_pct": 0.002, "on_restart": "cancel"}).config
    text = canonical(config)
    assert parse(strategy.Config, json.loads(text)) == config
    assert canonical(parse(strategy.Config, json.loads(text))) == text


def test_a_choice_may_be_none_and_reads_back() -> None:
    assert TWAPExecution(None, {"style": None}).config == TWAPExecution(None).config
    chosen = TWAPExecution(None, {"style": "passive"})
    assert chosen.config.style is Style.PASSIVE
    assert parse(TWAPExecution.Config, json.loads(canonical(chosen.config))) == chosen.config


@pytest.mark.parametrize(
    ("strategy", "config", "field", "rule"),
    [
        (TWAPExecution, {"num_slice": 10}, "num_slice", "unknown key"),
        (TWAPExecution, {"num_slices": 0}, "num_slices", "at least 1"),
        (TWAPExecution, {"num_slices": 2.5}, "num_slices", "whole number"),
        (TWAPExecution, {"num_slices": True}, "num_slices", "decimal"),
        (TWAPExecution, {"duration": 0}, "duration", "above 0"),
        (TWAPExecution, {"duration": float("nan")}, "duration", "finite"),
        (TWAPExecution, {"duration": "1e400"}, "duration", "digits"),
        (TWAPExecution, {"duration": None}, "duration", "decimal"),
        (TWAPExecution, {"use_limit_orders": "yes"}, "use_limit_orders", "True or False"),
        (TWAPExecution, {"style": "bold"}, "style", "one of passive, passive_then_cross, taker"),
        (TWAPExecution, {"style": "taker", "use_limit_orders": True}, "use_limit_orders", "goes not with style taker"),
        (AdaptiveExecution, {"use_limit_orders": True}, "use_limit_orders", "unknown key"),
        (AdaptiveExecution, {"cross_imbalance": 0.4}, "cross_imbalance", "at least 0.5"),
        (IcebergExecution, {"visible_pct": 1.1}, "visible_pct", "at most 1"),
        (IcebergExecution, {"visible_pct": 0}, "visible_pct", "above 0"),
        (LimitExecution, {"on_restart": "hope"}, "on_restart", "one of resume, cancel"),
        (MarketExecution, {"max_slippage_pct": -0.1}, "max_slippage_pct", "at least 0"),
        (MarketExecution, [("timeout", 1)], "config", "mapping"),
    ],
)
def test_bad_configuration_names_key_value_and_rule(
    strategy: type[ExecutionStrategy], config: Any, field: str, rule: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        strategy(None, config)
    assert caught.value.refusal.field == field
    assert rule in caught.value.refusal.rule


async def test_execute_hands_over_name_configuration_and_order() -> None:
    class Runner:
        async def run(self, strategy: str, config: object, params: object, *, terms: ParentTerms) -> list[object]:
            return [strategy, config, params, terms]

    class FakeExecutor:
        parent_orders = Runner()

    strategy = MarketExecution(FakeExecutor(), {"timeout": 5})  # type: ignore[arg-type]
    terms = ParentTerms(tags=["rebalance"])
    handed = await strategy.execute("params", terms=terms)  # type: ignore[arg-type]
    assert handed == ["market", {"timeout": "5"}, "params", terms]  # type: ignore[comparison-overlap]
