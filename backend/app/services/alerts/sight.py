"""The running system, looked at once a second: from its parts in memory to one Second of the window."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import structlog

from app.clock import NS_PER_SECOND
from app.domain.money import plain
from app.exchanges.port import Stream
from app.services.alerts.counting import BREAK, Counting
from app.services.alerts.habits import Habits
from app.services.alerts.slippages import SlippageReader
from app.services.alerts.tallies import Tallies
from app.services.alerts.window import Second
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.holdings import valuation
from app.services.trading.risk_in_force import daily_loss
from app.services.trading.running.status import RunningStatus
from app.services.trading.threads import OwnThread
from app.services.trading.venue.differences import Difference
from app.services.trading.venue.fees import FeeReader

DISK_SECONDS, DISK_READ_SECONDS = 10, 2
PRICE_SECONDS = 5
"""So lately the exchange must have said a price for a book to be held against it."""
HEARD_SECONDS = 10
"""A stream that is silent for longer says nothing of single books."""
MEBIBYTE = 2**20

log = structlog.get_logger("alerts")


@dataclass(frozen=True, slots=True)
class Times:
    """Of the settings, in seconds. audit: between two comparisons. patience: to find out what became of an order."""

    lease: float
    renewal: float
    audit: float
    patience: float


@dataclass(frozen=True, slots=True)
class Learned:
    """What goes on longer than the window. None: no rule asks."""

    tallies: Tallies
    slippages: SlippageReader | None
    habits: Habits | None


class Sight:
    def __init__(
        self,
        status: RunningStatus,
        risk: ExecutionRiskControl,
        fees: FeeReader,
        times: Times,
        folder: Path,
        counting: Counting,
        learned: Learned,
    ) -> None:
        self._status = status
        self._risk = risk
        self._fees = fees
        self._learned = learned
        self._times = times
        self._folder = folder
        self._counting = counting
        self._thread = OwnThread("disk of the data folder")
        self._free: Decimal | None = None
        self._free_ns: int | None = None
        self._breaks = status.gate.breaks

    @property
    def running(self) -> bool:
        return self._status.gate.phase == "running"

    async def look(self) -> Second:
        """What may be summed up; nothing but what was counted while the system is not running."""
        await self._look_at_the_disk()
        gate, clock = self._status.gate, self._status.clock
        asked, answered, refused, cancelled, happened = self._counting.take()
        now_ns = clock.monotonic_ns()
        breaks, self._breaks = gate.breaks - self._breaks, gate.breaks
        counted = Second(
            at_ns=now_ns,
            asked=asked,
            answered=answered,
            refused=refused,
            cancelled=cancelled,
            happened={**happened, BREAK: breaks} if breaks else happened,
            **self._learned.tallies.take(),
        )
        if not self.running:
            return counted
        unknown = self._counting.unknown()
        oldest_ns = now_ns - unknown[0] if unknown else 0
        differences = self._status.differences
        if self._learned.slippages is not None:
            await self._learned.slippages.look()
        silent = dict(self._streams(up=True))
        return replace(
            counted,
            down=dict(self._streams(up=False)),
            silent=silent,
            stale=dict(self._stale(silent)),
            differences={name: _differs(each) for name, each in differences.standing.items()},
            drifting={name: _seconds(ns) for name, ns in differences.drifting()},
            uncompared=self._uncompared(),
            unknown=len(unknown),
            unknown_patiences=_seconds(oldest_ns) / Decimal(repr(self._times.patience)),
            clock_offset=Decimal(repr(gate.clock_offset_seconds())),
            loop_lag=Decimal(repr(gate.lag_seconds())),
            disk_free=self._free,
            lease_used=self._lease_used(),
            price_gaps=dict(self._price_gaps()),
            daily_loss=self._daily_loss(),
            slipped={} if self._learned.slippages is None else self._learned.slippages.slipped,
            unlike={} if self._learned.habits is None else await self._learned.habits.take(counted),
            rates=self._fees.rates,
        )

    def _streams(self, *, up: bool) -> Iterator[tuple[str, Decimal]]:
        """For how long each stream has been down, or, where it is up and gives signs of life, without one."""
        gate, listener, now_ns = self._status.gate, self._status.listener, self._status.clock.now_ns()
        for stream, is_up in ((Stream.EXECUTION, gate.execution_up), (Stream.MARKET, gate.market_up)):
            heard_ns = listener.heard.get(stream)
            wanted = stream is Stream.EXECUTION or self._status.market.followed
            if heard_ns is not None and wanted and is_up is up and (not up or stream in listener.beating):
                yield stream.value, _seconds(max(0, now_ns - heard_ns))

    def _stale(self, silent: Mapping[str, Decimal]) -> Iterator[tuple[str, str]]:
        seconds = silent.get(Stream.MARKET.value)
        if seconds is None or seconds > HEARD_SECONDS:
            return
        market = self._status.market
        working = {key.instrument_id for (key, _), size in self._status.ledger.exposure.sizes.items() if size}
        for instrument_id in sorted(working.intersection(market.followed)):
            if (refusal := market.book_refusal(instrument_id)) is not None:
                yield instrument_id, str(refusal)

    def _uncompared(self) -> Decimal:
        last = self._status.reconciler.last
        if last is None:
            return Decimal(0)
        return _seconds(max(0, self._status.clock.now_ns() - last.at_ns)) / Decimal(repr(self._times.audit))

    def _lease_used(self) -> Decimal:
        late = _seconds(self._status.gate.lease_age_ns()) - Decimal(repr(self._times.renewal))
        return max(Decimal(0), late) / Decimal(repr(self._times.lease - self._times.renewal))

    def _price_gaps(self) -> Iterator[tuple[str, Decimal]]:
        for instrument_id, said in self._risk.prices.said(PRICE_SECONDS):
            mid = self._status.market.reference_price(instrument_id)
            if mid is not None:
                yield instrument_id, abs(mid - said) / said

    def _daily_loss(self) -> Decimal | None:
        limits, ledger, prices = self._risk.limits, self._status.ledger, self._risk.prices
        if not limits.max_daily_loss:
            return None
        used = daily_loss(limits, ledger, prices, valuation.equity(ledger, prices)).used
        return None if used is None else used / limits.max_daily_loss

    async def _look_at_the_disk(self) -> None:
        now_ns = self._status.clock.monotonic_ns()
        if self._free_ns is not None and now_ns - self._free_ns < DISK_SECONDS * NS_PER_SECOND:
            return
        self._free_ns = now_ns
        try:
            free = (await self._thread.run(DISK_READ_SECONDS, shutil.disk_usage, self._folder)).free
        except OSError as error:
            log.warning("disk.not_read", folder=str(self._folder), reason=str(error))
            self._free = None
            return
        self._free = Decimal(free) / MEBIBYTE


def _differs(each: Difference) -> str:
    return f"{each.kind.value} of {each.subject}: {plain(each.ledger)} here, {plain(each.venue)} at the exchange"


def _seconds(ns: int) -> Decimal:
    return Decimal(ns) / NS_PER_SECOND
