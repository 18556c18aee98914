"""The rows of transaction costs, and what of them goes on growing: what was sent and filled, and marks that are due."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from app.domain.money import ZERO
from app.domain.orders import Fill
from app.domain.tca.marks import Mark
from app.domain.tca.twap import MidIntegral
from app.services.trading.running.market_tape import Window

read_marks = msgspec.json.Decoder(list[Mark]).decode
read_mark = msgspec.json.Decoder(Mark).decode


@dataclass(slots=True, eq=False)
class FillWatch:
    """What a row of tca_fills says, as it grows."""

    instrument_id: str
    trade_id: str
    venue_order_id: str
    order_id: str
    traded_ns: int
    mid: Decimal | None = None
    fee_rate: Decimal | None = None
    marks: list[Mark] = field(default_factory=list[Mark])


Watched = Window | FillWatch


def base_ns(watched: Watched) -> int:
    """From when its marks count; a window is watched once it has ended."""
    return (watched.ended_ns or 0) if isinstance(watched, Window) else watched.traded_ns


def watch(order_id: str, fill: Fill) -> FillWatch:
    """A fill that has no marks yet."""
    return FillWatch(fill.instrument_id, fill.trade_id, fill.venue_order_id, order_id, fill.time_ns)


def fill_watch(row: Mapping[str, Any]) -> FillWatch:
    """Of a row of tca_fills, or of a trade that has none yet."""
    return FillWatch(
        row["instrument_id"],
        row["trade_id"],
        row["exchange_order_id"],
        row["order_id"],
        row["traded_ns"],
        row.get("mid"),
        row.get("fee_rate"),
        read_marks(row.get("marks", "[]")),
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
    )
