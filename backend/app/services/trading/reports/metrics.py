"""Performance as it is answered: the figures of app.domain.performance, rounded, with funding and what was left out."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from app.clock import utc
from app.domain.money import ZERO, rounded
from app.domain.performance import Performance
from app.services.trading.reports.trip_fills import Rates
from app.services.trading.schemas import PerformanceMetrics

MONEY_PLACES = 18


def performance_metrics(
    result: Performance,
    funding: Decimal,
    unrealised: Decimal | None,
    rates: Rates,
    currency: str,
    start_date: datetime | None,
    end_date: datetime | None,
    instrument_id: str | None,
    strategy_id: str | None,
) -> PerformanceMetrics:
    """The figures as they are shown. currency: that all of them are in; funding: what bills brought in; unrealised:
    of what is open now, None where that is not known."""
    shown: dict[str, Any] = {name: form(getattr(result, name)) for name, form in _SAME.items()}
    return PerformanceMetrics(
        **shown,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
        valuation_currency=currency,
        net_profit=_money(result.realized_profit + funding),
        unrealized_pnl=None if unrealised is None else _money(unrealised),
        realised_pnl=_money(result.realized_profit + result.total_fees),
        total_funding=_money(funding),
        max_drawdown_peak_at=_moment(result.max_drawdown_peak_ns),
        max_drawdown_trough_at=_moment(result.max_drawdown_trough_ns),
        first_trade_at=_moment(result.first_fill_ns),
        last_trade_at=_moment(result.last_fill_ns),
        days=result.return_count,
        notes=tuple(rates.notes),
    )


def _ratio(value: float | None) -> float:
    return math.nan if value is None else value


def _moment(ns: int | None) -> datetime | None:
    return None if ns is None else utc(ns)


def _money(value: Decimal | None) -> Decimal:
    return ZERO if value is None else rounded(value, MONEY_PLACES)


_FORMS: Mapping[Any, Callable[[Any], Any]] = MappingProxyType({Decimal: _money, float: _ratio, int: int})
_OTHER = frozenset({"net_profit"})
"""What has the same name and means something else: here with funding, and of trips that are open too."""
_SAME = {
    field.name: _FORMS[field.type]
    for field in fields(PerformanceMetrics)
    if field.name in Performance.__dataclass_fields__ and field.name not in _OTHER
}
"""How the figures that are shown under their own name are shown."""
