"""The market feeds of one exchange together: which instrument is recorded, which synthetic, and their common clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .config import Config
from .desk import OrderDesk
from .feed.synthetic import SyntheticFeed
from .instruments import START_PRICES, Instrument
from .markets import Market
from .matching import Book


class Feeds:
    """All feeds. `announce` is told what users should know (a recording ended)."""

    def __init__(self) -> None:
        self.synthetic: dict[str, SyntheticFeed] = {}
        self.announce: Callable[[str], None] = lambda title: None

    def next_ns(self) -> int | None:
        due = [feed.next_ns for feed in self.synthetic.values() if feed.next_ns is not None]
        return min(due, default=None)

    def run_until(self, limit_ns: int) -> None:
        for feed in self.synthetic.values():
            feed.run_until(limit_ns)

    def elapsed_ns(self) -> int:
        """How far into the recording we are; 0 without one."""
        return 0

    def describe(self) -> str:
        """One phrase on what drives the markets."""
        return f"synthetic market: {', '.join(self.synthetic)}"

    def user_taken(self, market: Market, side: int, lots: int) -> None:
        feed = self.synthetic.get(market.inst.inst_id)
        if feed is not None:
            feed.user_taken(side, lots)


def build_feeds(
    config: Config, now_ns: int, desk: OrderDesk, markets: dict[str, Market], saved: Mapping[str, Any]
) -> Feeds:
    """Create markets and feeds for every instrument; `saved` may hold the last prices of an earlier run."""
    feeds = Feeds()
    desk.user_taken = feeds.user_taken

    def set_now(moment_ns: int) -> None:
        if moment_ns > desk.now.ns:
            desk.now.ns = moment_ns

    for inst in config.instruments:
        market = Market(inst, Book(), _start_ticks(inst, saved))
        market.next_trade_id = saved.get("trade_ids", {}).get(inst.inst_id, 1)
        markets[inst.inst_id] = market
        feeds.synthetic[inst.inst_id] = SyntheticFeed(
            market, seed=config.seed, rate=config.flow_rate, levels=config.depth_levels, start_ns=now_ns,
            set_now=set_now, fill_maker=desk.fill_maker, leader=_leader(inst, markets),
        )  # fmt: skip
    return feeds


def _leader(inst: Instrument, markets: Mapping[str, Market]) -> Callable[[], float] | None:
    """A swap follows its base's spot market."""
    spot = markets.get(f"{inst.base}-USDT")
    if inst.is_spot or spot is None:
        return None
    ratio = float(spot.inst.tick / inst.tick)
    return lambda: spot.mark_ticks() * ratio


def _start_ticks(inst: Instrument, saved: Mapping[str, Any]) -> int:
    kept = saved.get("prices", {}).get(inst.inst_id)
    if kept is not None:
        return int(Decimal(kept) // inst.tick)
    return int(START_PRICES.get(inst.base, Decimal(100)) // inst.tick)
