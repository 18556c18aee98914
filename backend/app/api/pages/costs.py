"""Reports of costs as one page each, out of what the API answers: plots as inline SVG, no script, light and dark."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape
from typing import Any

from app.api.pages.page import legend, page, section, table
from app.api.pages.plots import Plot, Point, bars, boxes
from app.api.pages.words import shown
from app.domain.tca.markout import HORIZONS_MS

D = Decimal
Answer = Mapping[str, Any]
KEY_FIGURES = (
    "status", "size", "filled_size", "average_price", "arrival_slippage_bps", "effective_spread_bps", "maker_share",
    "fill_rate", "schedule_error", "duration_seconds",
)  # fmt: skip
FILLS_SHOWN = 500
CURVES = ("mid", "own", "bad", "good", "strong")


def order_page(found: Answer) -> str:
    """Of one execution or order."""
    head = " ".join(shown(found[name]) for name in ("side", "size", "instrument_id"))
    total = None if found["shortfall"] is None else found["shortfall"]["bps"]["total"]
    said = "not known" if total is None else f"{_bps(total)} of what was ordered"
    whose = f"{shown(found['id'])}, {found['strategy'] or 'order'}"
    parts = [
        f"<h1>{escape(head)}</h1><p class='quiet'>{escape(whose)}</p>",
        section("Cost in all", f"<p class='large'>{escape(said)}</p>{_decomposition(found)}"),
        section("Price, and where it filled", _price_path(found)),
        section("Schedule and fills", _schedule(found)),
        section("Worth of its fills later", _markouts(found)),
        section("Figures", _figures(found)),
        section(
            "What is not known", "".join(f"<p>{escape(each)}</p>" for each in found["missing"]) or "<p>nothing</p>"
        ),
    ]
    return page(f"Cost of {found['id']}", parts)


def groups_page(found: Answer) -> str:
    """Of many orders: how the whole cost of each group is spread, and every figure."""
    rows, lines = [], []
    for group in found["groups"]:
        name = f"{group['group'] or 'none'} {group['currency']}"
        for each in group["figures"]:
            of = each["of"]
            spread = [D(of[quantile]) for quantile in ("p5", "p25", "median", "p75", "p95")]
            known = of["interval"]
            interval = None if known is None else (D(str(known["low"])), D(str(known["high"])))
            if each["figure"] == "total_bps":
                rows.append((name, spread, D(of["mean"]), interval))
            told = of["why"] if known is None else f"{known['low']:.3f} to {known['high']:.3f}"
            figures = (of["n"], of["days"], f"{D(of['mean']):.4f}", *(of[q] for q in ("p5", "median", "p95")))
            lines.append((name, each["figure"], *figures, told))
    plot = boxes(rows, "Whole cost by group") if rows else ""
    said = "bps of what was ordered: p5 to p95, the middle half, the median; the dot is the mean, with its interval"
    head = ("group", "figure", "n", "days", "mean", "p5", "median", "p95", "95 % for the mean")
    since, until = found["start_date"] or "the first one", found["end_date"] or "now"
    when = f"from {since} to {until}, {found['orders']} orders"
    return page(
        f"Costs by {found['by']}",
        [
            f"<h1>Costs by {escape(found['by'])}</h1><p class='quiet'>{escape(when)}</p>",
            section("Whole cost", f"{plot}<p class='quiet'>{said if rows else 'no whole cost is known'}</p>"),
            section("Worth of the fills later, gross", _markouts_by_group(found)),
            section("What was estimated, and what came", _calibrations(found)),
            *([section("Arms against each other", _arms(found))] if found["comparisons"] else []),
            section("Figures", table(head, lines)),
            *([section("Left out", _unlisted(found))] if found["unlisted"] else []),
        ],
    )


def _markouts_by_group(found: Answer) -> str:
    """Of those with the most orders: more curves than colours nobody tells apart."""
    most = sorted(found["groups"], key=lambda group: group["orders"], reverse=True)
    curves: list[tuple[str, list[Point]]] = []
    horizons = sorted(HORIZONS_MS)
    for group in most:
        means = {each["figure"]: D(each["of"]["mean"]) for each in group["figures"]}
        told = [(D(place), means.get(f"markout_{ms / 1_000:g}s_bps")) for place, ms in enumerate(horizons)]
        points = [(x, y) for x, y in told if y is not None]
        if points and len(curves) < len(CURVES):
            curves.append((f"{group['group'] or 'none'} {group['currency']}", points))
    if not curves:
        return "<p>no mark yet</p>"
    ys = [D(0), *(y for _, points in curves for _, y in points)]
    plot = Plot([D(0), D(len(horizons) - 1)], ys, x_of=lambda x: _horizon(horizons, x))
    plot.level(D(0), "", "quiet")
    for css, (name, points) in zip(CURVES, curves, strict=False):
        plot.line(points, css)
        for x, y in points:
            plot.dot(x, y, css, f"{name}: {_bps(y)}")
    return plot.svg("Markouts by group") + legend(*(name for name, _ in curves))


def _calibrations(found: Answer) -> str:
    rows = [
        (group["group"] or "none", each["estimate"], each["n"], each["slope"], each["intercept"], each["why"])
        for group in found["groups"]
        for each in group["calibration"]
    ]
    if not rows:
        return "<p>nothing was estimated</p>"
    said = "came = intercept + slope * estimate, in bps against the arrival: right on the whole is a slope of 1"
    return table(("group", "estimate", "n", "slope", "intercept", "why not"), rows) + f"<p class='quiet'>{said}</p>"


def _arms(found: Answer) -> str:
    rows: list[Sequence[object]] = []
    for each in found["comparisons"]:
        known, of = each["interval"], each["difference_bps"]
        interval = "none" if known is None else f"{known['low']:.3f} to {known['high']:.3f}"
        less = "not known" if of is None else f"{D(of):.3f}"
        arms = f"{each['first']} less {each['second']}"
        rows.append((each["wheel"], arms, each["days"], less, interval, each["cheaper"], each["why"]))
    said = "95 %, at this look and all others, for all pairs of a wheel together"
    head = ("wheel", "arms", "days", "bps", "interval", "cheaper", "why not")
    return table(head, rows) + f"<p class='quiet'>{said}</p>"


def _unlisted(found: Answer) -> str:
    said = "of instruments that the exchange does not list any more: what their sizes are worth is not known"
    rows = [(each["instrument_id"], each["orders"]) for each in found["unlisted"]]
    return table(("instrument", "orders"), rows) + f"<p class='quiet'>{said}</p>"


def _decomposition(found: Answer) -> str:
    whole = found["shortfall"]
    if whole is None:
        return "<p>no price at its arrival, so no shortfall</p>"
    rows: list[tuple[str, Decimal, str, str]] = []
    for name, value in whole["bps"].items():
        if value is not None:
            css = "strong" if name == "total" else "bad" if D(value) > 0 else "good"
            money = f"{D(whole['money'][name]):.8g} {found['currency']}"
            rows.append((name, D(value), f"{_bps(value)}, {money}", css))
    return bars(rows, "Cost by component")


def _price_path(found: Answer) -> str:
    """The mids that somebody saw, in their order; nothing is drawn in of what nobody saw."""
    if not _sent(found):
        return "<p>nothing of it was sent</p>"
    start, until = _span(found)
    seen = sorted({(at, price) for at, price in _mids(found) if start <= at <= until})
    fills = [(_at(each["at"]), each) for each in found["fills"]]
    points = [(_seconds(at, start), price) for at, price in seen]
    levels = [(D(found[name]["price"]), name) for name in ("decision", "arrival") if found[name]["price"] is not None]
    if found["market"] is not None and found["market"]["vwap"] is not None:
        levels.append((D(found["market"]["vwap"]), "VWAP"))
    xs = [D(0), _seconds(until, start), *(_seconds(at, start) for at, _ in fills)]
    ys = [*(y for _, y in points), *(D(each["price"]) for _, each in fills), *(y for y, _ in levels)]
    plot = Plot(xs, ys, x_of=lambda x: f"{x:f} s")
    for y, name in levels:
        plot.level(y, name, "quiet")
    plot.steps(points, "mid")
    largest = max((D(each["size"]) for _, each in fills), default=D(1))
    for at, each in fills:
        told = f"{shown(each['liquidity'])} {each['size']} at {each['price']}, {at.time().isoformat('milliseconds')}"
        css = f"own {shown(each['liquidity'])}"
        plot.dot(_seconds(at, start), D(each["price"]), css, told, 3 + 4 * (D(each["size"]) / largest).sqrt())
    return plot.svg("Price path and fills") + legend(
        "mid as it was seen", "fills: filled dots took, hollow ones were made"
    )


def _schedule(found: Answer) -> str:
    if not _sent(found):
        return "<p>nothing of it was sent</p>"
    start, until = _span(found)
    filled, done = [(D(0), D(0))], D(0)
    for each in found["fills"]:
        done += D(each["size"])
        filled.append((_seconds(_at(each["at"]), start), done))
    over = found["end"]["at"]
    filled.append((max(_seconds(until if over is None else _at(over), start), filled[-1][0]), done))
    targets = [(_seconds(_at(each["at"]), start), D(each["target"])) for each in found["schedule"]]
    plot = Plot(
        [x for x, _ in filled + targets],
        [D(found["size"]), *(y for _, y in filled + targets)],
        x_of=lambda x: f"{x:f} s",
    )
    plot.level(D(found["size"]), "ordered", "quiet")
    plot.steps(targets, "mid")
    plot.steps(filled, "own")
    return plot.svg("Schedule against fills") + legend("scheduled" if targets else "it has no schedule", "filled")


def _markouts(found: Answer) -> str:
    rows = found["after_fills"]
    if not rows:
        return "<p>no mark yet</p>"
    horizons = sorted({each["horizon_ms"] for each in rows})
    place = {ms: D(number) for number, ms in enumerate(horizons)}
    curves: list[tuple[str, list[Point]]] = []
    for name, figure, liquidity in (
        ("mid", "markout_bps", None),
        ("own", "net_bps", None),
        ("bad", "markout_bps", "maker"),
    ):
        told = [each for each in rows if each["liquidity"] == liquidity and each[figure] is not None]
        curves.append((name, [(place[each["horizon_ms"]], D(each[figure])) for each in told]))
    plot = Plot(
        place.values(), [D(0), *(y for _, points in curves for _, y in points)], x_of=lambda x: _horizon(horizons, x)
    )
    plot.level(D(0), "", "quiet")
    for css, points in curves:
        plot.line(points, css)
        for x, y in points:
            plot.dot(x, y, css, _bps(y))
    return plot.svg("Markouts") + legend("all, gross", "all, less fees", "made, gross: below zero is adverse selection")


def _figures(found: Answer) -> str:
    estimate, market = found["estimate"], found["market"]
    rows = [(name, found[name]) for name in KEY_FIGURES]
    rows += [(f"estimate.{name}", estimate[name]) for name in ("walk_bps", "square_root_bps", "surprise_bps")]
    if market is not None:
        names = ("volume", "participation", "vwap_without_own_slippage_bps", "twap_slippage_bps", "seen_share")
        rows += [(f"market.{name}", market[name]) for name in names]
    orders = [
        (each["order_id"], each["order_type"], each["status"], each["size"], each["filled_size"], each["average_price"])
        for each in found["orders"][:FILLS_SHOWN]
    ]
    head = ("order", "type", "status", "size", "filled", "average")
    more = len(found["orders"]) - FILLS_SHOWN
    left = f"<p class='quiet'>and {more} more orders</p>" if more > 0 else ""
    return table(("figure", "is"), rows) + "<p></p>" + table(head, orders) + left


def _mids(found: Answer) -> Iterable[tuple[datetime, Decimal]]:
    for name in ("arrival", "end"):
        if found[name]["price"] is not None and found[name]["at"] is not None:
            yield _at(found[name]["at"]), D(found[name]["price"])
    for order in found["orders"]:
        if order["sent_at"] is not None and order["bid"] is not None and order["ask"] is not None:
            yield _at(order["sent_at"]), (D(order["bid"]) + D(order["ask"])) / 2
    for fill in found["fills"]:
        for mark in fill["marks"]:
            if mark["mid"] is not None and mark["at"] is not None:
                yield _at(mark["at"]), D(mark["mid"])


def _sent(found: Answer) -> bool:
    return found["market"] is not None or bool(found["fills"]) or any(each["sent_at"] for each in found["orders"])


def _span(found: Answer) -> tuple[datetime, datetime]:
    """Of one that was sent: from its beginning to its end and half as long again, ten seconds at least."""
    market, moments = found["market"], [_at(each["at"]) for each in found["fills"]]
    began = [_at(each["sent_at"]) for each in found["orders"] if each["sent_at"] is not None]
    start = _at(market["start_at"]) if market is not None else min([*began, *moments])
    over = found["end"]["at"]
    end = max([start, *moments] if over is None else [start, _at(over), *moments])
    return start, end + max((end - start) / 2, timedelta(seconds=10))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _seconds(at: datetime, start: datetime) -> Decimal:
    return D((at - start) // timedelta(microseconds=1)).scaleb(-6)


def _horizon(horizons: Sequence[int], x: Decimal) -> str:
    """The horizon at a whole place, and nothing between two."""
    at = int(x)
    return f"{D(horizons[at]) / 1_000:f} s" if x == at and 0 <= at < len(horizons) else ""


def _bps(value: object) -> str:
    return f"{D(str(value)):.2f} bps"
