"""Draw what every execution strategy makes of one order: how much was done when, and each child that it placed.

`make plots` writes the pictures of docs/execution.md. All of them buy the same size over five minutes on the market of
the examples, in simulated time: five minutes take seconds.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.market import PublicTrade
from app.domain.orders import OrderSide, OrderType
from app.services.trading import OrderParams
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.parents.orders import ParentOrders
from app.system import System
from examples.world import INSTRUMENT, program

SIZE = Decimal("0.02")
SECONDS = 300
SHOWN_SECONDS = 330
FOLDER = Path(__file__).parents[1] / "docs" / "images" / "execution"
SCHEDULE: dict[str, Any] = {"duration": SECONDS, "num_slices": 10}
CONFIGS: dict[str, dict[str, Any]] = {
    "market": {},
    "limit": {"timeout": 120},
    "twap": SCHEDULE | {"time_jitter": "0.4", "size_jitter": "0.2"},
    "vwap": SCHEDULE | {"volume_curve": [1, *[8] * 23]},
    "implementation_shortfall": SCHEDULE | {"urgency": "high"},
    "adaptive": SCHEDULE,
    "iceberg": {"visible_pct": "0.2", "timeout": SECONDS},
    "pov": {"participation": "0.1", "window": 60, "duration": SECONDS},
    "sniper": {"timeout": SECONDS, "take_pct": "0.001", "cooldown": 20},
    "chase": {"timeout": SECONDS, "finish": "cross"},
    "scale": {"price_from": "49999", "price_to": "49996", "levels": 4, "timeout": SECONDS},
}
"""Of each strategy that works an order over time."""
OTHERS = frozenset({"exit", "stop", "take_profit", "trailing_stop", "oco", "bracket"})
"""What gets out at once, or waits for a price, has no schedule to draw."""
PRICED = {"sniper": Decimal("49998")}


@dataclass(frozen=True, slots=True)
class Drawn:
    """done: (seconds since the start, part of the size). placed: when each child was, and whether it may rest."""

    name: str
    done: Sequence[tuple[float, float]]
    placed: Sequence[tuple[float, bool]]
    end: str


async def main(system: System) -> list[Drawn]:
    """Every strategy beside every other, once."""
    parents, began_ns = system.parents, system.clock.now_ns()
    begun: dict[str, str] = {}
    for name, config in CONFIGS.items():
        price = PRICED.get(name)
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        order = OrderParams(instrument_id=INSTRUMENT, side=OrderSide.BUY, order_type=kind, size=SIZE, price=price)
        begun[name] = (await parents.start(name, config, order, principal="example")).parent_id
    done: dict[str, list[tuple[float, float]]] = {name: [(0.0, 0.0)] for name in begun}
    for second in range(1, SHOWN_SECONDS + 1):
        await system.clock.sleep(1)
        _trade(system, second)
        for name, parent_id in begun.items():
            part = float(parents.get(parent_id).filled_size / SIZE)
            if part != done[name][-1][1]:
                done[name] += [(float(second), done[name][-1][1]), (float(second), part)]
    return [_drawn(parents, name, parent_id, done[name], began_ns) for name, parent_id in begun.items()]


def _trade(system: System, second: int) -> None:
    """Somebody else trades, more in the third minute."""
    size = Decimal("0.002") * (3 if 120 <= second < 180 else 1)
    trade = PublicTrade(INSTRUMENT, f"other{second}", Decimal(50_000), size, True, system.clock.now_ns())
    system.market.on_trade(trade)


def _drawn(
    parents: ParentOrders, name: str, parent_id: str, done: Sequence[tuple[float, float]], began_ns: int
) -> Drawn:
    placed = [
        (child.created_at.timestamp() - began_ns / 1e9, child.order_type is not OrderType.IOC)
        for child in parents.orders(parent_id)
    ]
    last = (float(SHOWN_SECONDS), done[-1][1])
    return Drawn(name, [*done, last], placed, parents.get(parent_id).status.value)


# --- the picture ---

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 200, 52, 16, 30, 34


def svg(drawn: Drawn) -> str:
    """A line of what was done, a dot for each child where it was placed: full when it crosses, open when it rests."""
    line = " ".join(f"{_x(at):.1f},{_y(part):.1f}" for at, part in drawn.done)
    dots = [_dot(at, _at(drawn.done, at), "rests" if rests else "crosses") for at, rests in drawn.placed]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            f"<title>{drawn.name}: part of the size that was done, over time</title>",
            "<style>text{font:12px sans-serif;fill:#555}.name{font-weight:bold}.grid{stroke:#ccc}"
            ".done{fill:none;stroke:#1769aa;stroke-width:2}.crosses{fill:#1769aa}"
            ".rests{fill:#fff;stroke:#1769aa;stroke-width:1.5}</style>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            *_axes(),
            f'<text x="{LEFT}" y="18"><tspan class="name">{drawn.name}</tspan> {drawn.end}, '
            f"{len(drawn.placed)} order{'' if len(drawn.placed) == 1 else 's'}</text>",
            f'<polyline class="done" points="{line}"/>',
            *dots,
            "</svg>\n",
        )
    )


def _dot(seconds: float, part: float, kind: str) -> str:
    return f'<circle cx="{_x(seconds):.1f}" cy="{_y(part):.1f}" r="3.5" class="{kind}"/>'


def _axes() -> Iterable[str]:
    for part in (0, 0.5, 1):
        y = f"{_y(part):.1f}"
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{LEFT - 8}" y="{_y(part) + 4:.1f}" text-anchor="end">{part:.0%}</text>'
    for seconds in range(0, SHOWN_SECONDS, 60):
        yield f'<text x="{_x(seconds):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{seconds // 60} min</text>'


def _x(seconds: float) -> float:
    return LEFT + seconds / SHOWN_SECONDS * (WIDTH - LEFT - RIGHT)


def _y(part: float) -> float:
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)


def _at(done: Sequence[tuple[float, float]], seconds: float) -> float:
    """How much was done by then."""
    return max((part for at, part in done if at <= seconds), default=0.0)


def pictures(all_drawn: Iterable[Drawn]) -> dict[str, str]:
    """By file name."""
    return {f"{drawn.name}.svg": svg(drawn) for drawn in all_drawn}


def missing() -> set[str]:
    """Registered strategies that are neither drawn nor left out on purpose."""
    return set(STRATEGIES) - set(CONFIGS) - OTHERS


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, text in pictures(program(main)).items():
        (folder / file_name).write_text(text, "utf-8")
        print(folder / file_name)
