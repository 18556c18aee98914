"""Seeded synthetic market: background traders around a wandering fair value, reacting to what users take.

Zero-intelligence limit, cancel and market orders in the real book; stale quotes are lifted by informed flow, so the
price follows the fair value and depth comes back after a sweep. Not calibrated to any venue.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from app.simulator.market.markets import HOUR_MS, MINUTE_MS, Candle, Market
from app.simulator.market.matching import BUY, SELL, FillMaker, Match, Resting

MEAN_QUOTE = {"BTC": 0.12}
MEAN_USD = 6000.0
INFORMED_ORDERS = 25
CATCH_UP_NS = 30_000_000_000
YEAR_SECONDS = 31_557_600
VOLATILITY = 0.5
PAST_HOURS = 60 * 24
BUSIEST_HOUR = 15
IMPACT_PER_USD = 2e-10


class SyntheticFeed:
    """Drives one market. `set_now` is told each event's time before it acts; `leader`, if any, is the price (in this
    instrument's ticks) that the fair value is drawn to, as a swap's is to its spot market."""

    def __init__(
        self,
        market: Market,
        *,
        seed: int,
        rate: float,
        levels: int,
        start_ns: int,
        set_now: Callable[[int], None],
        fill_maker: FillMaker,
        leader: Callable[[], float] | None = None,
    ) -> None:
        self._market = market
        self._random = random.Random(f"{seed}:{market.inst.inst_id}")
        self._rate = rate
        self._levels = levels
        self._set_now = set_now
        self._fill_maker = fill_maker
        self._leader = leader
        self._orders: dict[int, list[Resting]] = {BUY: [], SELL: []}
        self.fair = float(market.last_price)
        self._anchor = self.fair
        self._step = self.fair * VOLATILITY / math.sqrt(YEAR_SECONDS * max(rate, 0.1))
        self._scale = max(1.0, self.fair / 100_000)
        inst = market.inst
        unit = float(inst.lot * inst.contract_value) * (
            1.0 if inst.is_inverse else float(inst.price(market.last_price))
        )
        self._mean_lots = max(1.0, (MEAN_QUOTE.get(inst.quote, MEAN_USD) if inst.is_spot else MEAN_USD) / unit)
        self._now_ns = start_ns
        self.next_ns: int | None = start_ns + self._wait() if rate else None
        self._fill_history(start_ns)
        first = replace(market.candles[0])
        hours = f"{seed}:{market.inst.inst_id}:hours"
        market.past = lambda: self._made_up_hours(hours, first)  # house: whole - a feed writes its market's past
        for _ in range(levels * 2):
            self._add(BUY)
            self._add(SELL)
        market.mark = market.mark_ticks()  # house: whole - and its mark, by the book that it has laid

    def _wait(self) -> int:
        return int(self._random.expovariate(self._rate) * 1e9) + 1

    def run_until(self, limit_ns: int) -> None:
        """Run all events up to `limit_ns`; after a long gap only its last part is lived through."""
        if self.next_ns is None:
            return
        if limit_ns - self.next_ns > CATCH_UP_NS:
            self.next_ns = limit_ns - CATCH_UP_NS
        while self.next_ns <= limit_ns:
            self._now_ns = self.next_ns
            self._set_now(self.next_ns)
            self._event()
            self.next_ns += self._wait()

    def empty(self) -> None:
        """All background orders leave; the flow builds the book again."""
        for orders in self._orders.values():
            for entry in orders:
                if entry.leaves:
                    self._market.book.remove(entry)
            orders.clear()

    def user_taken(self, side: int, lots: int) -> None:
        """A user's taker moved the market: part of that is for good."""
        usd = lots / self._mean_lots * MEAN_USD
        self.fair *= 1 + side * min(0.001, IMPACT_PER_USD * usd)

    def _event(self) -> None:
        draw = self._random
        pull = (self._anchor - self.fair) * 1e-6 if self._leader is None else (self._leader() - self.fair) * 0.2
        self.fair += draw.gauss(pull, self._step)
        kind = draw.random()
        book = self._market.book
        bid, ask = book.best(BUY), book.best(SELL)
        if ask is not None and ask < self.fair - 2 * self._scale:
            self._correct(BUY, int(self.fair))
        elif bid is not None and bid > self.fair + 2 * self._scale:
            self._correct(SELL, int(self.fair) + 1)
        elif kind < 0.12:
            self._take(BUY if draw.random() < self._lean(bid, ask) else SELL, None, self._lots())
        for side in (BUY, SELL):
            alive = len(self._orders[side])
            if alive < self._levels * 2 or (kind < 0.55 and alive < self._levels * 3):
                self._add(side)
            elif kind > 0.45:
                self._cancel(side)

    def _correct(self, side: int, limit: int) -> None:
        """Informed flow: lift every stale quote up to the fair value, and quote behind it."""
        most = int(INFORMED_ORDERS * self._mean_lots)
        self._take(side, limit, self._market.book.available(side, limit, most))
        self._add(side, near=True)
        self._add(-side, near=True)

    def _lean(self, bid: int | None, ask: int | None) -> float:
        if bid is None or ask is None:
            return 0.5
        return 0.5 + 0.35 * math.tanh((self.fair - (bid + ask) / 2) / (4 * self._scale))

    def _lots(self) -> int:
        return max(1, int(self._mean_lots * self._random.lognormvariate(-0.5, 1.0)))

    def _add(self, side: int, *, near: bool = False) -> None:
        spread = 1.0 if near else self._levels / 6
        distance = self._scale * (0.2 + self._random.expovariate(1.0) * spread)
        price = int(self.fair - side * distance) + (1 if side == SELL else 0)
        opposite = self._market.book.best(-side)
        if opposite is not None and (price - opposite) * side >= 0:
            price = opposite - side
        if price <= 0:
            return
        smallest = self._market.inst.lots(self._market.inst.min_size) or 1
        entry = Resting(side, price, max(self._lots(), smallest))
        self._market.book.rest(entry)
        self._orders[side].append(entry)

    def _cancel(self, side: int) -> None:
        orders = self._orders[side]
        for _ in range(8):
            if len(orders) <= self._levels:
                return
            at = int(self._random.random() * len(orders))
            entry = orders[at]
            orders[at] = orders[-1]
            orders.pop()
            if entry.leaves:
                self._market.book.remove(entry)
                return

    def _take(self, side: int, limit: int | None, lots: int) -> None:
        market = self._market
        sweep = market.book.take(side, limit, lots)
        if not sweep.matches:
            return
        groups: dict[int, list[Match]] = {}
        for match in sweep.matches:
            groups.setdefault(match.price, []).append(match)
            maker = match.maker
            if maker is not None and maker.owner is None and not maker.leaves:
                self._orders[-side].remove(maker)
        for price, matches in groups.items():
            trade_id = 0
            for match in matches:
                if match.maker is not None and match.maker.owner is not None:
                    trade_id = market.trade_id()
                    self._fill_maker(match.maker, price, match.size, trade_id)
            trade_id = trade_id or market.trade_id()
            total = sum(match.size for match in matches)
            market.print_trade(trade_id, price, total, side, self._now_ns // 1_000_000, len(matches))

    def _fill_history(self, start_ns: int) -> None:
        """Five hours of made-up minutes before the start, so that indicators have something to warm up on."""
        minute = start_ns // 1_000_000 // MINUTE_MS * MINUTE_MS
        close, bars = self.fair, list[Candle]()
        sigma = self.fair * VOLATILITY / math.sqrt(YEAR_SECONDS / 60)
        for back in range(1, 301):
            opening = close - self._random.gauss(0, sigma)
            wiggle = abs(self._random.gauss(0, sigma / 2))
            prices = (int(opening), int(max(opening, close) + wiggle), int(min(opening, close) - wiggle), int(close))
            volume = int(self._mean_lots * 20 * self._random.lognormvariate(0, 0.5))
            bars.append(Candle(minute - back * MINUTE_MS, *prices, volume, Decimal(prices[3] * volume)))
            close = opening
        self._market.candles.extend(reversed(bars))

    def _made_up_hours(self, seed: str, first: Candle) -> list[Candle]:
        """Sixty days before the first made-up minute, so that volume curves have something to learn from: four times as
        much is traded at BUSIEST_HOUR UTC as twelve hours later, and less at weekends."""
        dice, close, bars = random.Random(seed), float(first.open), list[Candle]()
        sigma = self._anchor * VOLATILITY / math.sqrt(YEAR_SECONDS / 3600)
        begun = first.ts_ms // HOUR_MS
        for hour in range(begun, begun - PAST_HOURS, -1):
            part = (first.ts_ms % HOUR_MS) / HOUR_MS if hour == begun else 1.0  # the minutes have the rest of it
            opening = max(1.0, close - dice.gauss(0, sigma))
            prices = (int(opening), int(max(opening, close)), int(min(opening, close)), int(close))
            day = 1 + 0.6 * math.cos(2 * math.pi * (hour % 24 - BUSIEST_HOUR) / 24)
            weekend = 0.6 if (hour // 24 + 3) % 7 >= 5 else 1.0
            volume = int(self._mean_lots * 20 * 60 * part * day * weekend * dice.lognormvariate(0, 0.3))
            bars.append(Candle(hour * HOUR_MS, *prices, volume, Decimal(prices[3] * volume)))
            close = opening
        return bars[::-1]
