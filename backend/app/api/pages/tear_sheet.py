"""A tear sheet as one page, out of what the API answers: plots as inline SVG, no script, light and dark."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from html import escape
from itertools import groupby
from typing import Any

from app.api.pages.page import legend, page, section, table
from app.api.pages.plots import Plot, Point, bars
from app.api.pages.words import shown
from app.domain.money import rounded

D = Decimal
Answer = Mapping[str, Any]
PLACES = 4
RATIOS = (
    ("Sharpe ratio", "sharpe_ratio"), ("its standard error", "sharpe_standard_error"),
    ("probability that it is above 0", "probabilistic_sharpe_ratio"), ("Sortino ratio", "sortino_ratio"),
    ("Calmar ratio", "calmar_ratio"), ("Omega ratio", "omega_ratio"), ("tail ratio", "tail_ratio"),
    ("stability", "stability"), ("turnover", "turnover"), ("profit factor", "profit_factor"),
    ("payoff ratio", "payoff_ratio"), ("R multiple", "r_multiple"),
)  # fmt: skip
SHARES = (
    ("total return", "total_return"), ("growth a year", "cagr"), ("volatility a year", "volatility"),
    ("deepest drawdown", "max_drawdown"), ("value at risk, a day", "value_at_risk"),
    ("mean beyond it", "conditional_value_at_risk"), ("win rate", "win_rate"),
    ("time with something held", "exposure_time"),
)  # fmt: skip
AMOUNTS = (
    ("net profit", "net_profit"), ("unrealised", "unrealized_pnl"), ("fees", "total_fees"),
    ("funding", "total_funding"),
    ("volume", "total_volume"), ("expectancy of a trip", "expectancy"), ("average win", "average_win"),
    ("average loss", "average_loss"), ("largest win", "largest_win"), ("largest loss", "largest_loss"),
    ("deepest fall in money", "max_drawdown_amount"), ("equity at the start", "starting_equity"),
    ("equity at the end", "ending_equity"),
)  # fmt: skip


def tear_sheet_page(found: Answer) -> str:
    """The whole answer, drawn."""
    metrics = found["metrics"]
    of = [metrics["strategy_id"] or "the whole account", metrics["instrument_id"] or "all instruments"]
    when = f"from {shown(metrics['start_date'] or 'the beginning')} to {shown(metrics['end_date'] or 'now')}"
    said = f"{', '.join(of)}; {when}; in {metrics['valuation_currency']}"
    parts = [
        f"<h1>Performance</h1><p class='quiet'>{escape(said)}</p>",
        section("Return", f"<p class='large'>{_percent(metrics['total_return'])}</p>{_growth(found)}"),
        section("Below the highest so far", _under_water(found)),
        section(f"By {found['period']}", _periods(found)),
        section(f"Figures of {found['rolling_days']} days up to each", _rolling(found)),
        section("Deepest drawdowns", _drawdowns(found)),
    ]
    if found["strategies"]:
        parts.append(section("Strategies", _strategies(found)))
    parts.append(section("Figures", _figures(found)))
    said = [*(f"none of {each}" for each in found["missing"]), *metrics["notes"]]
    parts.append(section("What to know", "".join(f"<p>{escape(each)}</p>" for each in said) or "<p>nothing</p>"))
    return page("Performance", parts)


def _growth(found: Answer) -> str:
    points = [(_x(each["day"]), D(each["growth"])) for each in found["days"]]
    if len(points) < 2:
        return "<p>fewer than two days</p>"
    plot = _days_plot(points)
    plot.level(D(1), "start", "quiet")
    plot.line(points, "mid")
    return plot.svg("What one unit became") + legend("what one unit became, money that came or went taken out")


def _under_water(found: Answer) -> str:
    highest, points = D(1), list[Point]()
    for each in found["days"]:
        grown = D(each["growth"])
        highest = max(highest, grown)
        if highest > 0:
            points.append((_x(each["day"]), (grown / highest - 1) * 100))
    if len(points) < 2:
        return "<p>fewer than two days</p>"
    plot = _days_plot(points, "%")
    plot.line(points, "bad")
    return plot.svg("Below the highest so far")


def _rolling(found: Answer) -> str:
    rows = found["rolling"]
    drawn: list[str] = []
    for title, name, times, unit in (("Sharpe ratio", "sharpe_ratio", 1, ""), ("volatility", "volatility", 100, "%")):
        points = [(_x(each["day"]), D(str(each[name])) * times) for each in rows if each[name] is not None]
        if len(points) > 1:
            plot = _days_plot(points, unit)
            plot.line(points, "mid")
            drawn.append(f"<p class='quiet'>{title}</p>{plot.svg(f'Rolling {title}')}")
    return "".join(drawn) or "<p>fewer days than that</p>"


def _periods(found: Answer) -> str:
    """Months as a table of years; other periods as bars."""
    rows = found["periods"]
    if found["period"] != "month":
        known = [each for each in rows if each["change"] is not None]
        shown_rows = [
            (each["name"], D(str(each["change"])) * 100, _percent(each["change"]), _sign(each["change"]))
            for each in known[-60:]
        ]
        return bars(shown_rows, f"Return by {found['period']}") if shown_rows else "<p>no return is known</p>"
    lines: list[Sequence[object]] = []
    for year, months in groupby(rows, key=lambda each: each["name"][:4]):
        by_month = {int(each["name"][5:]): each["change"] for each in months}
        cells = [_percent(by_month[number]) if number in by_month else "" for number in range(1, 13)]
        lines.append((year, *cells, _percent(_chained(by_month.values()))))
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return table(("year", *names, "whole"), lines) if lines else "<p>no day</p>"


def _chained(changes: Iterable[float | None]) -> float | None:
    grown = 1.0
    for each in changes:
        if each is None:
            return None
        grown *= 1 + each
    return grown - 1


def _drawdowns(found: Answer) -> str:
    rows = [
        (
            _percent(each["change"]),
            each["peak_at"],
            each["trough_at"],
            each["recovered_at"] or "not yet",
            f"{each['duration_seconds'] / 86_400:.1f}",
        )
        for each in found["drawdowns"]
    ]
    return table(("depth", "peak", "lowest", "recovered", "days"), rows) if rows else "<p>none</p>"


def _strategies(found: Answer) -> str:
    rows = [
        (
            each["strategy_id"] or "no strategy: by hand, of before, funding",
            each["total_trades"],
            _percent(each["win_rate"]),
            *(_amount(each[name]) for name in ("net_profit", "unrealized_pnl", "total_fees")),
        )
        for each in found["strategies"]
    ]
    plot = bars(
        [
            (str(row[0])[:12], D(each["net_profit"]), str(row[3]), _sign(each["net_profit"]))
            for row, each in zip(rows, found["strategies"], strict=True)
        ],
        "Net profit by strategy",
    )
    return plot + table(("strategy", "trips", "won", "net profit", "unrealised", "fees"), rows)


def _figures(found: Answer) -> str:
    metrics = found["metrics"]
    rows: list[Sequence[object]] = []
    forms: tuple[tuple[Sequence[tuple[str, str]], Callable[[Any], str]], ...] = (
        (SHARES, _percent), (RATIOS, _number), (AMOUNTS, _amount)
    )  # fmt: skip
    for names, form in forms:
        rows += [(title, form(metrics[name])) for title, name in names]
    counts = ("total_trades", "winning_trades", "losing_trades", "scratch_trades", "open_trips", "fill_count", "days")
    rows += [(name.replace("_", " "), metrics[name]) for name in counts]
    return table(("figure", "is"), rows)


def _days_plot(points: Sequence[Point], unit: str = "") -> Plot:
    return Plot([x for x, _ in points], [y for _, y in points], x_of=_day_at, y_unit=unit)


def _x(day: str) -> Decimal:
    return D(date.fromisoformat(day).toordinal())


def _day_at(x: Decimal) -> str:
    return date.fromordinal(int(x)).isoformat() if x == int(x) else ""


def _percent(value: object) -> str:
    return "not known" if value is None else f"{D(str(value)) * 100:.2f} %"


def _number(value: object) -> str:
    return "not known" if value is None else f"{D(str(value)):.3f}"


def _amount(value: object) -> str:
    return "not known" if value is None else f"{rounded(D(str(value)), PLACES):f}"


def _sign(value: object) -> str:
    return "bad" if D(str(value)) < 0 else "good"
