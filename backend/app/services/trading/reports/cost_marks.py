"""What fills were worth some time later, of all of an execution's together and of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.clock import utc
from app.domain.instruments import Instrument
from app.domain.money import ZERO, rounded
from app.domain.orders import Fill, Liquidity
from app.domain.tca.markout import HORIZONS_MS, markout_bps
from app.domain.tca.marks import Mark
from app.domain.tca.slippage import PLACES
from app.domain.tca.spread import spread_paid
from app.domain.tca.worth import paid
from app.services.trading.reports.cost_views import AfterFills, FillCost, FillMark


@dataclass(frozen=True, slots=True)
class SeenFill:
    """A fill and what was kept of the market around it. fee: in the currency of its costs. kept: anything was.
    at_ns: when it filled, by our clock."""

    fill: Fill
    order_id: str
    fee: Decimal | None
    mid: Decimal | None
    marks: tuple[Mark, ...]
    kept: bool
    at_ns: int

    @property
    def made(self) -> bool | None:
        """Whether it rested; None where the exchange does not say."""
        return None if self.fill.liquidity is None else self.fill.liquidity is Liquidity.MAKER


def fill_cost(sign: int, seen: SeenFill) -> FillCost:
    fill = seen.fill
    return FillCost(
        trade_id=fill.trade_id,
        order_id=seen.order_id,
        at=utc(fill.time_ns),
        price=fill.price,
        size=fill.size,
        liquidity=fill.liquidity,
        fee=seen.fee,
        mid=seen.mid,
        effective_spread_bps=None if seen.mid is None else spread_paid(sign, fill.price, seen.mid, None).effective,
        marks=tuple(_shown(sign, fill, mark) for mark in seen.marks),
    )


def _shown(sign: int, fill: Fill, mark: Mark) -> FillMark:
    return FillMark(
        horizon_ms=mark.horizon_ms,
        mid=mark.mid,
        markout_bps=None if mark.mid is None else markout_bps(sign, fill.price, mark.mid),
        at=utc(mark.at_ns) if mark.at_ns else None,
        source=mark.source,
        why=mark.why,
    )


def effective_spread(sign: int, instrument: Instrument, fills: Iterable[SeenFill]) -> Decimal | None:
    """The mean by notional, of the fills whose mid is known."""
    return _mean(
        (_notional(instrument, each.fill), spread_paid(sign, each.fill.price, each.mid, None).effective)
        for each in fills
        if each.mid is not None
    )


def markout_mean(sign: int, instrument: Instrument, fills: Iterable[SeenFill], horizon_ms: int) -> Decimal | None:
    """So long after the fills, by notional, of those that have such a mark."""
    return _mean(
        (_notional(instrument, each.fill), markout_bps(sign, each.fill.price, mid))
        for each in fills
        if (mid := _mid_at(each, horizon_ms)) is not None
    )


def after_fills(sign: int, instrument: Instrument, fills: Sequence[SeenFill]) -> Iterable[AfterFills]:
    """Of all fills and of makers and takers apart, at each horizon that any of them has."""
    for liquidity in (None, Liquidity.MAKER, Liquidity.TAKER):
        some = [each for each in fills if liquidity is None or each.fill.liquidity is liquidity]
        for horizon_ms in HORIZONS_MS:
            marked = [(each, mid) for each in some if (mid := _mid_at(each, horizon_ms)) is not None]
            if marked:
                yield _after(sign, instrument, horizon_ms, liquidity, marked)


def _after(
    sign: int,
    instrument: Instrument,
    horizon_ms: int,
    liquidity: Liquidity | None,
    marked: Sequence[tuple[SeenFill, Decimal]],
) -> AfterFills:
    weighed = [(_notional(instrument, each.fill), each, mid) for each, mid in marked]
    paid_fees = [(value, each, mid) for value, each, mid in weighed if each.fee is not None]
    spreads = [(value, spread_paid(sign, each.fill.price, each.mid, mid)) for value, each, mid in weighed if each.mid]
    gross = _mean((value, markout_bps(sign, each.fill.price, mid)) for value, each, mid in weighed)
    assert gross is not None, "there is at least one"
    return AfterFills(
        horizon_ms=horizon_ms,
        liquidity=liquidity,
        n=len(marked),
        markout_bps=gross,
        net_bps=_mean(
            (value, markout_bps(sign, each.fill.price, mid, (each.fee or ZERO) / value))
            for value, each, mid in paid_fees
        ),
        realised_spread_bps=_mean((value, spread.realised) for value, spread in spreads if spread.realised is not None),
        impact_bps=_mean((value, spread.impact) for value, spread in spreads if spread.impact is not None),
    )


def _mid_at(seen: SeenFill, horizon_ms: int) -> Decimal | None:
    return next((mark.mid for mark in seen.marks if mark.horizon_ms == horizon_ms), None)


def _notional(instrument: Instrument, fill: Fill) -> Decimal:
    return abs(paid(instrument, fill.size, fill.price))


def _mean(weighed: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """By weight; None of nothing."""
    found = list(weighed)
    whole = sum((weight for weight, _ in found), ZERO)
    return rounded(sum((weight * value for weight, value in found), ZERO) / whole, PLACES) if whole else None
