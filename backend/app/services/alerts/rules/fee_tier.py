"""The account pays other fees than it used to, or fills are charged otherwise than its rates say."""

from collections.abc import Iterator
from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, WINDOW_SECONDS, Reading, Readings, Window

BASIS_POINTS = 10_000


def measure(window: Window) -> Readings:
    found = max(_gaps(window), key=lambda each: each[0], default=None)
    return {} if found is None else {ACCOUNT: Reading(*found)}


def _gaps(window: Window) -> Iterator[tuple[Decimal, str]]:
    charged = window.charged(WINDOW_SECONDS)
    for name, rate in window.last.rates.items():
        before = window.rate_before(name)
        if before is not None and before != rate:
            yield abs(rate - before) * BASIS_POINTS, f"The fee of {name} is {rate:.4%} now; it was {before:.4%}"
        if (each := charged.get(name)) is not None and each.notional:
            off = each.fees - rate * each.notional
            if abs(off) > each.rounding:
                was = each.fees / each.notional
                what = f"{each.fills} fill(s) of {name} were charged {was:.4%}, where the account's rate is {rate:.4%}"
                yield abs(off / each.notional) * BASIS_POINTS, what


RULE = Rule(
    name="fee_tier",
    measure=measure,
    unit="basis points of notional between the two",
    fires_at=Decimal("0.5"),
    ends_at=Decimal("0.25"),
    ends_after_seconds=60,
    advice="Look at the account's fee tier at the exchange: what trades for less than its fee loses.",
)
