"""Plots as inline SVG for pages without a script: axes, lines, steps, dots and bars. Colours are the page's classes."""

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_CEILING, Decimal
from html import escape

from app.domain.money import plain

D = Decimal
Point = tuple[Decimal, Decimal]
WIDTH, HEIGHT = 760, 280
LEFT, RIGHT, TOP, BOTTOM = 84, 16, 14, 34
TICKS = 7


class Axis:
    """From low to high, drawn from begin to end; a little wider than what it has to hold."""

    def __init__(self, values: Iterable[Decimal], begin: int, end: int, *, margin: Decimal = D("0.06")) -> None:
        held = list(values) or [D(0)]
        low, high = min(held), max(held)
        wider = (high - low) * margin if high > low else abs(high) / 1_000 or D(1)
        self.low, self.high = low - wider, high + wider
        self._begin, self._end = begin, end

    def at(self, value: Decimal) -> Decimal:
        return self._begin + (value - self.low) / (self.high - self.low) * (self._end - self._begin)

    def ticks(self) -> list[Decimal]:
        """Round numbers, some TICKS of them."""
        rough = (self.high - self.low) / TICKS
        unit = D(1).scaleb(rough.adjusted())
        step = next((unit * each for each in (1, 2, 5) if unit * each >= rough), unit * 10)
        first = (self.low / step).to_integral_value(rounding=ROUND_CEILING) * step
        return [first + step * number for number in range(2 * TICKS + 2) if first + step * number <= self.high]


class Plot:
    """One plot, drawn over the axes that its values span."""

    def __init__(
        self, xs: Iterable[Decimal], ys: Iterable[Decimal], *, x_of: Callable[[Decimal], str], y_unit: str = ""
    ) -> None:
        self.x = Axis(xs, LEFT, WIDTH - RIGHT, margin=D("0.02"))
        self.y = Axis(ys, HEIGHT - BOTTOM, TOP)
        self._drawn: list[str] = []
        for each in self.y.ticks():
            at = self.y.at(each)
            self._drawn.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
            self._drawn.append(_text(D(LEFT - 8), at + 4, f"{plain(each)}{y_unit}", "end"))
        for each in self.x.ticks():
            self._drawn.append(_text(self.x.at(each), D(HEIGHT - BOTTOM + 20), x_of(each), "middle"))

    def line(self, points: Sequence[Point], css: str) -> None:
        if points:
            drawn = " ".join(f"{self.x.at(x):.1f},{self.y.at(y):.1f}" for x, y in points)
            self._drawn.append(f'<polyline class="line {css}" points="{drawn}"/>')

    def steps(self, points: Sequence[Point], css: str) -> None:
        """Each value holds until the next one."""
        held = [(x, y) for (x, _), (_, y) in zip(points[1:], points[:-1], strict=True)]
        self.line(
            [each for pair in zip(points, [*held, points[-1]], strict=True) for each in pair] if points else (), css
        )

    def level(self, y: Decimal, name: str, css: str) -> None:
        """A line across, with its name at the right."""
        at = self.y.at(y)
        self._drawn.append(f'<line class="level {css}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        self._drawn.append(_text(D(WIDTH - RIGHT), at - 4, name, "end"))

    def dot(self, x: Decimal, y: Decimal, css: str, said: str, radius: Decimal = D(4)) -> None:
        self._drawn.append(
            f'<circle class="dot {css}" cx="{self.x.at(x):.1f}" cy="{self.y.at(y):.1f}" r="{radius:.1f}">'
            f"<title>{escape(said)}</title></circle>"
        )

    def svg(self, title: str) -> str:
        return _svg(title, HEIGHT, self._drawn)


def bars(rows: Sequence[tuple[str, Decimal, str, str]], title: str) -> str:
    """Bars from zero, each in a line of its own: name, value, how that is written, class."""
    axis = Axis([D(0), *(value for _, value, _, _ in rows)], LEFT + 40, WIDTH - 150)
    drawn: list[str] = []
    for number, (name, value, said, css) in enumerate(rows):
        top = TOP + number * 30
        low, high = sorted((axis.at(D(0)), axis.at(value)))
        drawn.append(_text(D(LEFT + 28), D(top + 15), name, "end"))
        drawn.append(
            f'<rect class="bar {css}" x="{low:.1f}" y="{top}" width="{max(high - low, D(1)):.1f}" height="20"/>'
        )
        drawn.append(_text(high + 8, D(top + 15), said, "start"))
    return _svg(title, TOP + 30 * len(rows) + 4, drawn)


def boxes(rows: Sequence[tuple[str, Sequence[Decimal], Decimal, tuple[Decimal, Decimal] | None]], title: str) -> str:
    """How groups are spread, a line each: name; p5, p25, median, p75 and p95; mean, and its interval or none."""
    every = [value for _, spread, mean, _ in rows for value in (*spread, mean)]
    axis, zero, height = Axis([D(0), *every], LEFT + 90, WIDTH - RIGHT), D(0), TOP + 34 * len(rows)
    drawn = [f'<line class="grid" x1="{axis.at(each):.1f}" x2="{axis.at(each):.1f}" y1="{TOP}" y2="{height}"/>'
             f"{_text(axis.at(each), D(height + 20), plain(each), 'middle')}" for each in axis.ticks()]  # fmt: skip
    drawn.append(
        f'<line class="level quiet" x1="{axis.at(zero):.1f}" x2="{axis.at(zero):.1f}" y1="{TOP}" y2="{height}"/>'
    )
    for number, (name, spread, mean, interval) in enumerate(rows):
        middle = TOP + number * 34 + 16
        p5, p25, median, p75, p95 = (axis.at(each) for each in spread)
        drawn.append(_text(D(LEFT + 78), D(middle + 4), name[:24], "end"))
        drawn.append(f'<line class="line quiet" x1="{p5:.1f}" x2="{p95:.1f}" y1="{middle}" y2="{middle}"/>')
        drawn.append(
            f'<rect class="bar box" x="{p25:.1f}" y="{middle - 9}" width="{max(p75 - p25, D(1)):.1f}" height="18"/>'
        )
        drawn.append(
            f'<line class="line strong" x1="{median:.1f}" x2="{median:.1f}" y1="{middle - 9}" y2="{middle + 9}"/>'
        )
        if interval is not None:
            low, high = (axis.at(each) for each in interval)
            drawn.append(f'<line class="line mean" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>')
        drawn.append(f'<circle class="dot mean" cx="{axis.at(mean):.1f}" cy="{middle}" r="4"/>')
    return _svg(title, height + 30, drawn)


def _text(x: Decimal, y: Decimal, said: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'


def _svg(title: str, height: int, drawn: Iterable[str]) -> str:
    inside = "\n".join(drawn)
    return f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {height}">\n{inside}\n</svg>'
