"""Differences between the ledger and the exchange that stay: told aloud, closed for new risk, never booked in silence.

One that lasts past `convergence_seconds` is an anomaly and an event in the journal, and closes its currency or
instrument; where the count of an order or a fill differs, everything. It ends by evidence, when the two agree again, or
by an operator's accept, which books what is left as unexplained, never as a trade (INVARIANTS S13). A restart finds it
in the journal.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

import msgspec
import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.cash import CashKind
from app.domain.events import EventKind
from app.domain.money import plain
from app.domain.orders import PositionKey, PositionSide, TradeMode
from app.domain.positions import Position, PositionFold, read_label
from app.domain.refusals import InvalidValue
from app.services.trading.account.closures import EVERYTHING
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.services.trading.position_manager import PositionManager
from app.services.trading.venue.operator_evidence import check_why
from app.store import queries
from app.store.database import Database

SOURCE = "difference"
STANDS = "difference_stands"
AMOUNTS_KEPT = 16
RECHECKS = 4
"""How often a difference is looked at again within the time that it may last."""

log = structlog.get_logger("reconciler")


class DifferenceKind(StrEnum):
    BALANCE = "balance"
    POSITION = "position"
    ORDERS = "orders"
    FILLS = "fills"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """subject: a currency, a position (instrument/side/mode) or, of counts, an instrument."""

    kind: DifferenceKind
    subject: str
    ledger: Decimal
    venue: Decimal

    @property
    def name(self) -> str:
        return f"{self.kind.value}:{self.subject}"

    @property
    def amount(self) -> Decimal:
        return self.venue - self.ledger


class _Ended(msgspec.Struct):
    kind: DifferenceKind
    subject: str


@dataclass(slots=True)
class _Watch:
    """Since when a subject differs without a comparison in between that agreed (monotonic ns): by each amount, and by
    comparisons during which nothing was in flight, the last of which was at last_quiet_ns."""

    first: dict[Decimal, int] = field(default_factory=dict[Decimal, int])
    quiet_ns: int | None = None
    last_quiet_ns: int = 0

    def see(self, amount: Decimal, quiet: bool, now_ns: int) -> None:
        if len(self.first) < AMOUNTS_KEPT:
            self.first.setdefault(amount, now_ns)
        if quiet:
            self.quiet_ns = now_ns if self.quiet_ns is None else self.quiet_ns
            self.last_quiet_ns = now_ns

    def age_ns(self, amount: Decimal, quiet: bool, now_ns: int) -> int:
        quiet_ns = self.quiet_ns if quiet and self.quiet_ns is not None else now_ns
        return now_ns - min(self.first.get(amount, now_ns), quiet_ns)


class Differences:
    """Watches what comparisons find; `standing` are those that have lasted too long."""

    def __init__(
        self, ledger: Ledger, clock: Clock, database: Database, positions: PositionManager, converge_seconds: float
    ) -> None:
        self.standing: dict[str, Difference] = {}
        self._ledger = ledger
        self._clock = clock
        self._database = database
        self._positions = positions
        self._converge_seconds = converge_seconds
        self._watched: dict[str, _Watch] = {}
        self._accepted: dict[str, Decimal] = {}
        self._loaded = False

    def pause(self, seconds: float) -> float:
        """How long to the next comparison, which is made every `seconds`: sooner while something differs."""
        waiting = self._watched.keys() - self.standing.keys() - self._accepted.keys()
        return min(seconds, max(self._converge_seconds / RECHECKS, 1.0)) if waiting else seconds

    async def load(self) -> None:
        """What stood when the last process ended stands until a comparison agrees. Once."""
        if self._loaded:
            return
        raised = await asyncio.to_thread(self._read, EventKind.DIFFERENCE)
        ended = await asyncio.to_thread(self._read, EventKind.DIFFERENCE_ENDED)
        for _, what in sorted([*raised, *ended], key=lambda each: each[0]):
            if isinstance(what, Difference):
                self.standing[what.name] = what
            else:
                self.standing.pop(f"{what.kind.value}:{what.subject}", None)
        self._loaded = True
        self._close()

    async def compared(self, found: Iterable[Difference], uncompared: Callable[[str], bool], *, quiet: bool) -> None:
        """Take one comparison's result. uncompared(name): it says nothing of that one. Raises StoreFailed."""
        now_ns = self._clock.monotonic_ns()
        differs = {difference.name: difference for difference in found}
        for name in self._watched.keys() | self._accepted.keys():
            if name not in differs and not uncompared(name):
                self._watched.pop(name, None)
                self._accepted.pop(name, None)
        ended = [each for name, each in self.standing.items() if name not in differs and not uncompared(name)]
        raised: list[Difference] = []
        for name, difference in differs.items():
            watch = self._watched.setdefault(name, _Watch())
            watch.see(difference.amount, quiet, now_ns)
            age_ns = watch.age_ns(difference.amount, quiet, now_ns)
            known = name in self.standing or self.is_accepted(difference)
            if not known and age_ns >= self._converge_seconds * NS_PER_SECOND:
                raised.append(difference)
            elif name in self.standing:
                self.standing[name] = difference
        await self._journal(raised, ended)

    async def accept(self, kind: str, subject: str, *, principal: str, why: str) -> Difference:
        """An operator takes a standing difference as it is: what the exchange has more or less is booked as
        unexplained, and its currency or instrument is open again. Raises InvalidValue, StoreFailed."""
        check_why(why)
        difference = self.standing.get(f"{kind}:{subject}")
        if difference is None:
            rule = f"is no difference that stands; these do: {', '.join(sorted(self.standing)) or 'none'}"
            raise InvalidValue("difference", f"{kind}:{subject}", rule)
        await self._ledger.writer.drain()
        restated = await self._restated(difference) if difference.kind is DifferenceKind.POSITION else None
        turn = self._ledger.turn(principal)
        payload = {"difference": difference, "why": why}
        turn.event(EventKind.OPERATOR_EVIDENCE, payload)
        match difference.kind:
            case DifferenceKind.BALANCE:
                note = f"accepted by {principal}: {why}"
                turn.move_cash(subject, difference.amount, CashKind.UNEXPLAINED, note)
            case DifferenceKind.POSITION:
                assert restated is not None, "it was made above"
                turn.open_position(*restated)
            case DifferenceKind.ORDERS | DifferenceKind.FILLS:
                # Nothing to book: what it moved differs for itself. It is not told again while it stays the same.
                self._accepted[difference.name] = difference.amount
        turn.event(EventKind.DIFFERENCE_ENDED, {"kind": difference.kind, "subject": subject, "why": why})
        del self.standing[difference.name]
        self._watched.pop(difference.name, None)
        await turn.commit()
        self._close()
        log.warning("difference.accepted", kind=kind, subject=subject, amount=plain(difference.amount), by=principal)
        return difference

    def is_accepted(self, difference: Difference) -> bool:
        return self._accepted.get(difference.name) == difference.amount

    def drifting(self) -> Iterator[tuple[str, int]]:
        """What differs with nothing in flight and does not stand yet, and for how long it has been seen to (ns)."""
        for name, watch in self._watched.items():
            if watch.quiet_ns is not None and name not in self.standing and name not in self._accepted:
                yield name, watch.last_quiet_ns - watch.quiet_ns

    def shown(self) -> list[dict[str, str]]:
        """For people."""
        return [
            {"kind": d.kind.value, "subject": d.subject, "ledger": plain(d.ledger), "venue": plain(d.venue)}
            for _, d in sorted(self.standing.items())
        ]

    async def _restated(self, difference: Difference) -> tuple[PositionKey, PositionFold, Position]:
        """The position with the difference in it. Raises InvalidValue when it moved meanwhile, or has no price."""
        instrument_id, side, mode = read_label(difference.subject)
        key = PositionKey(instrument_id, PositionSide(side), TradeMode(mode or TradeMode.CROSS))
        before = self._ledger.fold(key)
        start, fold = await asyncio.to_thread(self._positions.restated, key, difference.amount)
        if self._ledger.fold(key) is not before or self.standing.get(difference.name) != difference:
            raise InvalidValue("difference", difference.name, "it has just changed; look again")
        return key, fold, start

    async def _journal(self, raised: list[Difference], ended: list[Difference]) -> None:
        self.standing.update({each.name: each for each in raised})
        for each in ended:
            self.standing.pop(each.name, None)
        # Closed before it is durable: what is doubted takes no order meanwhile.
        self._close()
        turn = self._ledger.turn(SYSTEM)
        for each in raised:
            turn.event(EventKind.DIFFERENCE, each)
            turn.anomaly(STANDS, {"difference": each})
            figures = {"ledger": plain(each.ledger), "venue": plain(each.venue)}
            log.error("difference.stands", kind=each.kind.value, subject=each.subject, **figures)
        for each in ended:
            why = "the ledger and the exchange agree again"
            turn.event(EventKind.DIFFERENCE_ENDED, {"kind": each.kind, "subject": each.subject, "why": why})
            log.warning("difference.ended", kind=each.kind.value, subject=each.subject)
        if turn.has_changes:
            await turn.commit()

    def _close(self) -> None:
        reasons: dict[str, str] = {}
        for each in self.standing.values():
            figures = f"{plain(each.ledger)} here and {plain(each.venue)} at the exchange"
            reasons[self._closes(each)] = f"{each.kind.value} of {each.subject}: {figures}, and that stays so"
        self._ledger.closures.replace(SOURCE, reasons)

    def _closes(self, difference: Difference) -> str:
        instrument_id = difference.subject.partition("/")[0]
        if difference.kind in (DifferenceKind.BALANCE, DifferenceKind.POSITION):
            return instrument_id
        # Of an instrument that is not known here, only its own counts are in doubt; its money shows in the balances.
        return EVERYTHING if instrument_id in self._ledger.instruments else instrument_id

    def _read(self, kind: EventKind) -> list[tuple[int, Difference | _Ended]]:
        found: list[tuple[int, Difference | _Ended]] = []
        shape: type[Difference | _Ended] = Difference if kind is EventKind.DIFFERENCE else _Ended
        after = 0
        while rows := queries.events(self._database, self._ledger.account, kind=kind.value, after_seq=after):
            after = rows[-1]["seq"]
            # An earlier release wrote its booked differences under the same kind, without a kind of their own.
            found += [
                (row["seq"], msgspec.json.decode(row["payload"], type=shape))
                for row in rows
                if '"kind"' in row["payload"]
            ]
        return found
