"""A parent order of every registered strategy, drawn from a seed, that is over within minutes of market time.

Whoever goes through the registry fails here for a strategy without a sample: `sample` names it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.orders import OrderSide
from app.services.trading.execution_strategies import STRATEGIES

D = Decimal
Config = dict[str, Any]


@dataclass(frozen=True)
class Around:
    """The market that a sample is drawn for. last: its price, on the tick."""

    draw: random.Random
    last: Decimal
    tick: Decimal
    side: OrderSide

    @property
    def seconds(self) -> int:
        return self.draw.choice((10, 60, 200))

    @property
    def coin(self) -> bool:
        return self.draw.random() < 0.5

    def behind(self, part: str) -> Decimal:
        """The price so much behind the last one, on the own side."""
        return self.last - self.side.sign * max(round(self.last * D(part) / self.tick), 1) * self.tick

    def beyond(self, part: str) -> Decimal:
        """The price so much beyond it, where one of this side trades later and worse."""
        return self.last + self.side.sign * max(round(self.last * D(part) / self.tick), 1) * self.tick


def _watching(around: Around) -> Config:
    return {"trigger_by": "book" if around.coin else "last", "timeout": around.seconds}


def _schedule(around: Around) -> Config:
    config: Config = {"duration": around.seconds, "num_slices": 5, **_manner(around)}
    if around.coin:
        config |= {"time_jitter": "0.5", "size_jitter": "0.1", "would_price": str(around.behind("0.0005"))}
    return config


def _manner(around: Around) -> Config:
    style = around.draw.choice((None, "passive", "passive_then_cross", "taker"))
    return {"use_limit_orders": around.coin} if style is None else {"style": style}


def _adaptive(around: Around) -> Config:
    patience = around.draw.choice(("0.3", "1"))
    return {"duration": around.seconds, "num_slices": 5, "patience": patience, "cross_imbalance": "0.7"}


def _scale(around: Around) -> Config:
    near, far = around.behind("0.0002"), around.behind("0.003") - around.side.sign * 8 * around.tick
    return {"price_from": str(near), "price_to": str(far), "levels": 3, "size_skew": 2, "timeout": around.seconds}


SAMPLES: Mapping[str, Callable[[Around], Config]] = {
    "market": lambda _: {"timeout": 20},
    "limit": lambda around: {
        "timeout": around.seconds,
        "fallback_to_market": around.coin,
        "chase_time": 5 * around.coin,
    },
    "twap": _schedule,
    "vwap": lambda around: _schedule(around) | {"volume_curve": list(range(1, 25)), "curve_unit": "0.5"},
    "implementation_shortfall": lambda around: _schedule(around) | {"urgency": "high", "size_jitter": "0"},
    "adaptive": _adaptive,
    "iceberg": lambda around: {
        "visible_pct": "0.25",
        "use_limit_orders": around.coin,
        "timeout": 200,
        "size_jitter": "0.3",
        "refresh_delay": around.draw.choice((0, 2)),
        "layers": around.draw.choice((1, 3)),
    },
    "pov": lambda around: {"participation": "0.3", "window": 30, "duration": 200, "force_completion": around.coin},
    "sniper": lambda around: {"timeout": around.seconds, "take_pct": "0.5"},
    "chase": lambda around: {"timeout": around.seconds, "finish": around.draw.choice(("cancel", "cross"))},
    "scale": _scale,
    "stop": lambda around: {"trigger_price": str(around.beyond("0.0005")), **_watching(around)},
    "take_profit": lambda around: {"trigger_price": str(around.behind("0.0005")), **_watching(around)},
    "trailing_stop": lambda around: {"distance_pct": "0.0005", **_watching(around)},
    "oco": lambda around: {
        "stop_loss": str(around.beyond("0.0005")),
        "take_profit": str(around.behind("0.0005")),
        **_watching(around),
    },
    "bracket": lambda around: {
        "stop_loss": str(around.behind("0.002")),
        "take_profit": str(around.beyond("0.002")),
        "exit_timeout": around.seconds,
        **_watching(around),
    },
    "exit": lambda _: {"timeout": 60},
}
PRICED = frozenset({"sniper"})
"""Those that cannot be without a price."""


def sample(name: str, around: Around) -> Config:
    """A configuration of the strategy; fails for one that has no sample."""
    assert name in SAMPLES, f"{name} is registered without a sample in {__file__}: the soak cannot run it"
    return SAMPLES[name](around)


def without_a_sample() -> set[str]:
    """What is registered, or has a sample, without the other."""
    return set(STRATEGIES) ^ set(SAMPLES)
