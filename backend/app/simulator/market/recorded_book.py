"""A book that follows a recording: recorded depth per price, plus our orders queued behind it.

Liquidity a taker of ours took stays taken until the recording next speaks of that price. Same surface as
matching.Book; the feed drives `set_level`, `trade` and `uncross`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

from app.simulator.market.matching import BUY, MAX_MAKERS, Match, Prevention, Resting, Sweep, within
from app.simulator.market.queue_models import advance_front


class _Queue:
    """Our entries at one price by age; `recorded` is the last recorded depth, `traded` since then."""

    __slots__ = ("entries", "recorded", "traded")

    def __init__(self, recorded: int) -> None:
        self.entries: list[Resting] = []
        self.recorded = recorded
        self.traded = 0

    @property
    def total(self) -> int:
        return sum(entry.leaves for entry in self.entries)


class _Half:
    """One side: `depth` is recorded size still there, `ours` our queues, `order` signed prices, best last."""

    __slots__ = ("depth", "order", "ours", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.depth: dict[int, int] = {}
        self.ours: dict[int, _Queue] = {}
        self.order: list[int] = []

    def add_price(self, price: int) -> None:
        insort(self.order, price * self.sign)

    def drop_price(self, price: int) -> None:
        key = price * self.sign
        if self.order and self.order[-1] == key:
            self.order.pop()
        else:
            del self.order[bisect_left(self.order, key)]


class RecordedBook:
    """See the file's head. Prices in ticks, sizes in lots; `model` is a name of queue_models.MODELS."""

    __slots__ = ("_asks", "_bids", "model", "version")

    def __init__(self, model: str = "risk_averse") -> None:
        self._bids = _Half(1)
        self._asks = _Half(-1)
        self.model = model
        self.version = 0

    def _half(self, side: int) -> _Half:
        return self._bids if side == BUY else self._asks

    # -- what the recording says -----------------------------------------------------------------------------------

    def set_level(self, side: int, price: int, size: int) -> None:
        """The recording's size at a price is now `size`; 0 removes it."""
        half = self._bids if side == BUY else self._asks
        depth = half.depth
        queue = half.ours.get(price) if half.ours else None
        if size:
            if price not in depth and queue is None:
                insort(half.order, price * half.sign)
            depth[price] = size
        elif price in depth:
            del depth[price]
            if queue is None:
                half.drop_price(price)
        if queue is not None:
            for entry in queue.entries:
                entry.front = advance_front(self.model, entry.front, queue.recorded, size, queue.traded)
            queue.recorded, queue.traded = size, 0
        self.version += 1

    def set_levels(self, side: int, levels: list[tuple[int, int]]) -> None:
        """A whole depth message's side at once; the hot path when none of our orders rest here."""
        half = self._bids if side == BUY else self._asks
        if half.ours:
            for price, size in levels:
                self.set_level(side, price, size)
            return
        depth, order, sign = half.depth, half.order, half.sign
        for price, size in levels:
            if size:
                if price not in depth:
                    insort(order, price * sign)
                depth[price] = size
            elif price in depth:
                del depth[price]
                key = price * sign
                if order[-1] == key:
                    order.pop()
                else:
                    del order[bisect_left(order, key)]
        self.version += 1

    @property
    def has_orders(self) -> bool:
        return bool(self._bids.ours or self._asks.ours)

    def clear(self) -> None:
        """Forget the recorded depth (a new snapshot follows); our orders stay, at the back of nothing."""
        for half in (self._bids, self._asks):
            half.depth.clear()
            half.order = sorted(price * half.sign for price in half.ours)
            for queue in half.ours.values():
                queue.recorded = queue.traded = 0
                for entry in queue.entries:
                    entry.front = 0
        self.version += 1

    def rebuild(self, side: int, levels: dict[int, int]) -> None:
        """Load a whole snapshot side at once, after `clear`."""
        half = self._half(side)
        half.depth = dict(levels)
        half.order = sorted({price * half.sign for price in (*levels, *half.ours)})
        for price, queue in half.ours.items():
            queue.recorded = levels.get(price, 0)
            for entry in queue.entries:
                entry.front = queue.recorded
        self.version += 1

    def trade(self, taker: int, price: int, size: int) -> list[Match]:
        """A recorded trade: fills of our resting orders that it implies (queue position, or traded through)."""
        half = self._asks if taker == BUY else self._bids
        if not half.ours:
            return []
        matches: list[Match] = []
        through = [p for p in half.ours if (price - p) * taker > 0]
        for own in sorted(through, key=lambda p: p * taker):
            matches += [self._hit(half, entry, entry.leaves) for entry in list(half.ours[own].entries)]
        queue = half.ours.get(price)
        if queue is not None:
            left, ahead = size, 0
            for entry in list(queue.entries):
                reach = max(0, left - max(0, entry.front - ahead))
                ahead = max(ahead, entry.front)
                entry.front = max(0, entry.front - size)
                if reach <= 0:
                    left = 0
                    continue
                part = min(reach, entry.leaves)
                matches.append(self._hit(half, entry, part))
                left = reach - part
            queue.traded += size
        return matches

    def uncross(self) -> list[Match]:
        """Fill our orders that the recorded other side has moved onto; what they met counts as taken."""
        matches: list[Match] = []
        for half, other in ((self._bids, self._asks), (self._asks, self._bids)):
            while half.ours and other.depth:
                price = max(half.ours, key=lambda p: p * half.sign)
                best = next(
                    (key * other.sign for key in reversed(other.order) if key * other.sign in other.depth), None
                )
                if best is None or (best - price) * half.sign > 0:
                    break
                for entry in list(half.ours[price].entries):
                    part = min(entry.leaves, other.depth.get(best, 0))
                    if part:
                        matches.append(self._hit(half, entry, part))
                        self._consume(other, best, part)
        return matches

    def _hit(self, half: _Half, entry: Resting, size: int) -> Match:
        entry.leaves -= size
        self.version += 1
        if not entry.leaves:
            self._discard(half, entry)
        return Match(entry, entry.price, size)

    def _consume(self, half: _Half, price: int, size: int) -> None:
        left = half.depth[price] - size
        if left:
            half.depth[price] = left
            return
        del half.depth[price]
        if price not in half.ours:
            half.drop_price(price)

    def _discard(self, half: _Half, entry: Resting) -> None:
        queue = half.ours[entry.price]
        queue.entries.remove(entry)
        if not queue.entries:
            del half.ours[entry.price]
            if entry.price not in half.depth:
                half.drop_price(entry.price)

    # -- the book's surface ----------------------------------------------------------------------------------------

    def best(self, side: int) -> int | None:
        half = self._bids if side == BUY else self._asks
        return half.order[-1] * half.sign if half.order else None

    def levels(self, side: int, limit: int | None = None) -> Iterator[tuple[int, int, int]]:
        """(price, size, orders) from the best outwards; recorded depth counts as one order."""
        half = self._half(side)
        keys = half.order[-limit:] if limit else half.order
        for key in reversed(keys):
            price = key * half.sign
            depth, queue = half.depth.get(price, 0), half.ours.get(price)
            if queue is None:
                yield price, depth, 1
            else:
                yield price, depth + queue.total, len(queue.entries) + (1 if depth else 0)

    def size_at(self, side: int, price: int) -> int:
        half = self._half(side)
        queue = half.ours.get(price)
        return half.depth.get(price, 0) + (queue.total if queue else 0)

    def rest(self, entry: Resting) -> None:
        half = self._half(entry.side)
        queue = half.ours.get(entry.price)
        if queue is None:
            if entry.price not in half.depth:
                half.add_price(entry.price)
            queue = half.ours[entry.price] = _Queue(half.depth.get(entry.price, 0))
        entry.front = half.depth.get(entry.price, 0)
        queue.entries.append(entry)
        self.version += 1

    def remove(self, entry: Resting) -> None:
        self._discard(self._half(entry.side), entry)
        self.version += 1

    def reduce(self, entry: Resting, leaves: int) -> None:
        if not 0 < leaves <= entry.leaves:
            raise ValueError(f"leaves: {leaves} is not in 1..{entry.leaves}")
        entry.leaves = leaves
        self.version += 1

    def available(self, side: int, limit: int | None, size: int) -> int:
        return within(self.levels(-side), side, limit, size)

    def take(self, side: int, limit: int | None, size: int, prevention: Prevention | None = None) -> Sweep:
        """Match a taker against recorded depth and our queues, best price first, queue order within a price."""
        half = self._asks if side == BUY else self._bids
        sweep = Sweep(left=size)
        while sweep.left and half.order and not sweep.stopped:
            price = half.order[-1] * half.sign
            if limit is not None and (price - limit) * side > 0:
                break
            if len(sweep.matches) >= MAX_MAKERS:
                sweep.stopped = "makers"
                break
            self._take_price(half, price, sweep, prevention)
        if sweep.matches or sweep.self_hits:
            self.version += 1
        return sweep

    def _take_price(self, half: _Half, price: int, sweep: Sweep, prevention: Prevention | None) -> None:
        queue = half.ours.get(price)
        passed = 0
        for entry in list(queue.entries) if queue else []:
            passed += self._take_depth(half, price, entry.front - passed, sweep)
            if not sweep.left:
                break
            if prevention is not None and prevention.is_self(entry.owner):
                if prevention.mode != "cancel_taker":
                    self._discard(half, entry)
                    sweep.self_hits.append(entry)
                if prevention.mode != "cancel_maker":
                    sweep.stopped = "stp"
                    break
                continue
            part = min(sweep.left, entry.leaves)
            sweep.left -= part
            sweep.matches.append(self._hit(half, entry, part))
        if sweep.left and not sweep.stopped and price in half.depth:
            passed += self._take_depth(half, price, half.depth[price], sweep)
        if queue:
            for entry in queue.entries:
                entry.front = max(0, entry.front - passed)

    def _take_depth(self, half: _Half, price: int, most: int, sweep: Sweep) -> int:
        part = min(sweep.left, most, half.depth.get(price, 0))
        if part <= 0:
            return 0
        self._consume(half, price, part)
        sweep.left -= part
        sweep.matches.append(Match(None, price, part))
        return part
