"""The market feeds of one exchange together: which instrument is recorded, which synthetic, and their common clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.simulator.config import Config
from app.simulator.feed.recording import peek, symbol_of
from app.simulator.feed.replay import ReplayFeed
from app.simulator.feed.synthetic import SyntheticFeed
from app.simulator.market.instruments import DOLLARS, START_PRICES, Instrument
from app.simulator.market.markets import Market, spot_market
from app.simulator.market.matching import Book, FillMaker
from app.simulator.market.recorded_book import RecordedBook
from app.simulator.now import Now


class Feeds:
    """All feeds. `announce` is told what users should know (a recording ended)."""

    def __init__(self, announce: Callable[[str], None], *, loop: bool) -> None:
        self.synthetic: dict[str, SyntheticFeed] = {}
        self.replay: dict[str, ReplayFeed] = {}
        self.files: tuple[str, ...] = ()
        self._announce = announce
        self._loop = loop
        self._ended = False

    @property
    def over(self) -> bool:
        """Whether every recording has ended; never so without one, or where it goes round."""
        return self._ended

    def next_ns(self) -> int | None:
        due = [feed.next_ns for feed in self._all() if feed.next_ns is not None]
        return min(due, default=None)

    def _all(self) -> list[SyntheticFeed | ReplayFeed]:
        return [*self.replay.values(), *self.synthetic.values()]

    def run_until(self, limit_ns: int) -> None:
        """Run every feed up to `limit_ns`; at the recordings' common end start again or stand still."""
        for feed in self._all():
            feed.run_until(limit_ns)
        if not self.replay or self._ended or any(feed.next_ns is not None for feed in self.replay.values()):
            return
        if self._loop:
            self._announce("The recording ended and starts again; book sequences are reset.")
            for feed in self.replay.values():
                feed.restart(limit_ns)
            return
        self._ended = True
        self._announce("The recording ended; the recorded books stand still and trading goes on against them.")

    def elapsed_ns(self, now_ns: int) -> int:
        """How far into the recording we are; 0 without one, and after its end."""
        return max((feed.elapsed_ns(now_ns) for feed in self.replay.values()), default=0)

    def describe(self) -> str:
        """One phrase on what drives the markets."""
        parts = [f"recorded: {', '.join(self.replay)}"] if self.replay else []
        return "; ".join([*parts, f"synthetic: {', '.join(self.synthetic)}"])

    def empty(self, inst_id: str) -> None:
        """Take the background's (or the recording's) liquidity out of one book."""
        feed = self.replay.get(inst_id) or self.synthetic.get(inst_id)
        if feed is None:
            raise ValueError(f"instId: {inst_id!r} is unknown")
        feed.empty()

    def user_taken(self, market: Market, side: int, lots: int) -> None:
        feed = self.synthetic.get(market.inst.inst_id)
        if feed is not None:
            feed.user_taken(side, lots)


def group_recordings(paths: tuple[str, ...], instruments: Mapping[str, Instrument]) -> dict[str, list[str]]:
    """Files by instrument, in the order given: spot symbols are SPOT pairs, futures ones the -SWAP."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        symbol, futures = symbol_of(path)
        meant = [
            inst.inst_id
            for inst in instruments.values()
            if inst.base + inst.quote == symbol and inst.is_spot is not futures and not inst.is_inverse
        ]
        if not meant:
            kind = "swap" if futures else "spot pair"
            raise ValueError(f"recording {path}: {symbol} is no {kind} that the simulator lists")
        groups.setdefault(meant[0], []).append(path)
    return groups


def build_feeds(
    config: Config,
    now: Now,
    markets: dict[str, Market],
    saved: Mapping[str, Any],
    fill_maker: FillMaker,
    announce: Callable[[str], None],
) -> Feeds:
    """Create markets and feeds for every instrument; `saved` may hold the last prices of an earlier run."""
    feeds = Feeds(announce, loop=config.loop)
    listed = {inst.inst_id: inst for inst in config.instruments}
    groups = group_recordings(config.replay, listed)
    found = {inst_id: peek(paths) for inst_id, paths in groups.items()}
    recorded = {listed[inst_id].base: seen.first_price for inst_id, seen in reversed(found.items())}
    session_ns = min((seen.start_ns for seen in found.values()), default=0)
    feeds.files = config.replay
    for plain in config.instruments:
        seen = found.get(plain.inst_id)
        inst = plain if seen is None else replace(plain, tick=seen.tick)
        book = Book() if seen is None else RecordedBook(config.queue_model)
        market = Market(inst, book, _start_ticks(inst, recorded, saved))
        kept_id = saved.get("trade_ids", {}).get(inst.inst_id)
        # Ids given to public trades after the last save must not come again.
        market.next_trade_id = 1 if kept_id is None else kept_id + 10_000
        markets[inst.inst_id] = market
        if isinstance(book, RecordedBook) and seen is not None:
            market.recorded = True
            feeds.replay[inst.inst_id] = ReplayFeed(
                market,
                book,
                groups[inst.inst_id],
                seen,
                session_ns=session_ns,
                start_ns=now.ns,
                speed=config.speed,
                set_now=now.reach,
                fill_maker=fill_maker,
            )
        else:
            feeds.synthetic[inst.inst_id] = SyntheticFeed(
                market,
                seed=config.seed,
                rate=config.flow_rate,
                levels=config.depth_levels,
                start_ns=now.ns,
                set_now=now.reach,
                fill_maker=fill_maker,
                leader=_leader(inst, markets),
            )
    for market in markets.values():
        market.spot = spot_market(markets, market.inst.base, (market.inst.quote,))
    kept = saved.get("replay", {})
    if kept.get("files") == list(config.replay):
        for feed in feeds.replay.values():
            feed.skip_to(kept["elapsed_ns"])
    return feeds


def _leader(inst: Instrument, markets: Mapping[str, Market]) -> Callable[[], float] | None:
    """A swap follows its base's spot market: that in its own quote, else one in dollars."""
    spot = spot_market(markets, inst.base, (inst.quote, *DOLLARS))
    if inst.is_spot or spot is None:
        return None
    ratio = float(spot.inst.tick / inst.tick)
    return lambda: spot.mark_ticks() * ratio


def _start_ticks(inst: Instrument, recorded: Mapping[str, Decimal], saved: Mapping[str, Any]) -> int:
    """Last price of an earlier run, else where the base's recording starts, else the default."""
    kept = saved.get("prices", {}).get(inst.inst_id)
    own = inst.inst_id not in START_PRICES  # one that is quoted in another currency has a price of its own
    first = recorded.get(inst.base) if own else None
    started = START_PRICES.get(inst.inst_id, START_PRICES.get(inst.base, Decimal(100)))
    price = started if first is None else first
    if kept is not None and first is None:
        price = Decimal(kept)
    return int(price // inst.tick)
