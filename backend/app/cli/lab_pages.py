"""What the lab found as one page: each strategy's costs, their parts, its differences from the baselines."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from statistics import quantiles
from typing import TYPE_CHECKING

from app.api.pages.page import page, section, table
from app.api.pages.plots import bars, boxes

if TYPE_CHECKING:
    from app.lab.tables import ArmRow, Market

D = Decimal
PARTS = ("strategy", "blocks", "pairs", "unmeasured", "spread", "execution", "opportunity", "fees", "cleanup", "total")
FIGURES = ("strategy", "completion", "maker share", "participation", "schedule error", "seconds")
DIFFERENCES = ("strategy", "less", "blocks", "bps", "95 % at one look")


def lab_page(markets: "Sequence[Market]") -> str:
    """Of all that a folder holds."""
    said = (
        "A buy and a sell from the same starts, by every strategy over the same market; the mean of both, so that what "
        "the market did meanwhile cancels out. Basis points of what was ordered; positive is bad."
    )
    parts = ["<h1>What execution strategies cost</h1>", f"<p class='quiet'>{said}</p>"]
    return page("Execution lab", [*parts, *(each for market in markets for each in _market(market))])


def _market(market: "Market") -> list[str]:
    title = f"{market.instrument_id}, {market.source}"
    how = f"{market.world}; {market.notional} a side every {market.block_seconds} s"
    dark = f"; nothing was begun in {market.dark} blocks in which the book did not change" if market.dark else ""
    costs = [(each.name, _spread(each.costs), D(str(each.bps["total"])), None) for each in market.arms if each.costs]
    named = "p5 to p95 of the blocks, the middle half, the median; the dot is the mean"
    return [
        f"<h1>{escape(title)}</h1><p class='quiet'>{escape(how + dark)}</p>",
        section("Cost by block", f"{boxes(costs, 'Cost by strategy') if costs else ''}<p class='quiet'>{named}</p>"),
        section("Parts of the mean", table(PARTS, [_parts(each) for each in market.arms]) + _unmeasured(market.arms)),
        section("Differences from the baselines", _differences(market.arms)),
        section("How they were worked", table(FIGURES, [_figures(each) for each in market.arms])),
    ]


def _unmeasured(arms: "Sequence[ArmRow]") -> str:
    said = (f"{each.unmeasured} orders of {each.name} are not measured: {each.why}" for each in arms if each.unmeasured)
    return "".join(f"<p class='quiet'>{escape(each)}</p>" for each in said)


def _differences(arms: "Sequence[ArmRow]") -> str:
    rows, drawn = list[tuple[object, ...]](), list[tuple[str, Decimal, str, str]]()
    for arm in arms:
        for each in arm.against:
            interval = each.why if each.interval is None else f"{each.interval.low:.3f} to {each.interval.high:.3f}"
            rows.append((arm.name, each.baseline, each.blocks, _number(each.mean), interval))
            if each.mean is not None and each.baseline == arms[0].name:
                clear = each.interval is not None and not each.interval.low <= 0 <= each.interval.high
                css = ("bad" if each.mean > 0 else "good") if clear else "box"
                drawn.append((arm.name[:14], D(str(each.mean)), f"{each.mean:.2f} bps", css))
    said = f"against {arms[0].name}; green or red where the interval leaves zero out" if drawn else ""
    plot = f"{bars(drawn, 'Differences')}<p class='quiet'>{escape(said)}</p>" if drawn else ""
    return plot + table(DIFFERENCES, rows)


def _parts(arm: "ArmRow") -> tuple[object, ...]:
    return (arm.name, arm.blocks, arm.pairs, arm.unmeasured, *(_number(arm.bps[part]) for part in PARTS[4:]))


def _figures(arm: "ArmRow") -> tuple[object, ...]:
    return (arm.name, *(_number(value) for value in arm.figures.values()))


def _spread(costs: Sequence[float]) -> list[Decimal]:
    """p5, p25, the median, p75, p95."""
    cuts = quantiles(costs, n=20, method="inclusive") if len(costs) > 1 else [costs[0]] * 19
    return [D(str(cuts[place])) for place in (0, 4, 9, 14, 18)]


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"
