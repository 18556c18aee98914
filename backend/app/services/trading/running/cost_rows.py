"""The rows of transaction costs, and what of them goes on growing: what was sent and filled, and marks that are due."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from app.clock import NS_PER_SECOND
from app.domain.money import ZERO
from app.domain.orders import Fill
from app.domain.tca.marks import Mark
from app.domain.tca.twap import MidIntegral
from app.exchanges.port import Exchange
from app.services.trading.running.market_tape import Window

AS_ONE_NS = NS_PER_SECOND // 50
"""Clocks that are no farther apart count as one: the exchange's is known to half a round trip."""

read_marks = msgspec.json.Decoder(list[Mark]).decode
read_mark = msgspec.json.Decoder(Mark).decode


@dataclass(slots=True, eq=False)
class FillWatch:
    """What a row of tca_fills says, as it grows. traded_ns: by the exchange's clock, which was so far ahead of ours."""

    instrument_id: str
    trade_id: str
    venue_order_id: str
    order_id: str
    traded_ns: int
    mid: Decimal | None = None
    fee_rate: Decimal | None = None
    marks: list[Mark] = field(default_factory=list[Mark])
    ahead_ns: int = 0


Watched = Window | FillWatch


def ahead_ns(exchange: Exchange, now_ns: int) -> int:
    """The exchange's clock less ours, which says now_ns: what it times was so much earlier by our time."""
    apart_ns = exchange.server_time_ns() - now_ns
    return apart_ns if abs(apart_ns) > AS_ONE_NS else 0


def base_ns(watched: Watched) -> int:
    """From when its marks count, by our clock; a window is watched once it has ended."""
    return (watched.ended_ns or 0) if isinstance(watched, Window) else watched.traded_ns - watched.ahead_ns


def venue_base_ns(watched: Watched) -> int:
    """The same moment by the exchange's clock."""
    return base_ns(watched) + watched.ahead_ns


def watch(order_id: str, fill: Fill, ahead_ns: int) -> FillWatch:
    """A fill that has no marks yet."""
    return FillWatch(fill.instrument_id, fill.trade_id, fill.venue_order_id, order_id, fill.time_ns, ahead_ns=ahead_ns)


def fill_watch(row: Mapping[str, Any], ahead_ns: int) -> FillWatch:
    """Of a row of tca_fills, or of a trade that has none yet. ahead_ns: of now, for one that nobody noted it of."""
    return FillWatch(
        row["instrument_id"],
        row["trade_id"],
        row["exchange_order_id"],
        row["order_id"],
        row["traded_ns"],
        row.get("mid"),
        row.get("fee_rate"),
        read_marks(row.get("marks", "[]")),
        row.get("ahead_ns", ahead_ns) or 0,
    )


def window_of(row: Mapping[str, Any]) -> Window:
    """One that an earlier process began."""
    return Window(
        row["subject_id"],
        row["kind"],
        row["instrument_id"],
        row["started_ns"],
        row["bid"],
        row["ask"],
        row["walk_price"],
        row["square_root_bps"],
        row["traded_size"],
        row["traded_other"],
        MidIntegral(ZERO),
        MidIntegral(row["mid_area"], row["seen_ns"]),
        row["ended_ns"],
        row["end_mid"],
        read_marks(row["marks"]),
        None if row["decision"] is None else read_mark(row["decision"]),
        ahead_ns=row["ahead_ns"] or 0,
    )
