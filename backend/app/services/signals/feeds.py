"""The sources of the settings, each followed by a task: a message becomes a wish, is taken once, and is settled then.

A message that the moment keeps back is tried again until its wish is over; one that dies with the process comes again
from its source, and its key finds what was begun.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from app.clock import NS_PER_SECOND, Clock, heed_the_end, utc
from app.domain.access import Grant
from app.domain.orders import OrderStatus
from app.domain.refusals import InvalidValue, Refusal
from app.services.signals.intake import SignalIntake, SignalRefused, Taken
from app.services.signals.messages import read_json
from app.services.signals.sources import made
from app.services.signals.sources.port import Declared, Message, SignalSource, SourceFailed
from app.services.signals.wishes import Wish, check_key, read
from app.services.trading.account.key_book import KeyBook
from app.services.trading.account.refusal_classes import of_the_moment
from app.services.trading.errors import IdempotencyConflict, NotReady
from app.services.trading.tasks import TaskGroup
from app.store.errors import StoreError

IDLE_SECONDS = 0.25
FIRST_WAIT_SECONDS, WAIT_SECONDS_MAX = 1.0, 30.0
_REFUSED = frozenset({OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.NOT_SENT})

log = structlog.get_logger("signals")


class Feeds:
    """declared: tables by name. Raises InvalidValue for settings that are no source's."""

    def __init__(self, declared: Mapping[str, object], intake: SignalIntake, keys: KeyBook, clock: Clock) -> None:
        self.sources = [made(name, said) for name, said in declared.items()]
        self._intake = intake
        self._keys = keys
        self._clock = clock

    def start(self, tasks: TaskGroup) -> None:
        """Follow each in a task of its own."""
        for declared, source in self.sources:
            tasks.spawn(self.follow(declared, source), f"signals of {declared.name}")

    async def follow(self, declared: Declared, source: SignalSource) -> None:
        """For ever: one that fails is opened again, after longer and longer."""
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                await source.open()
                log.info("signals.source_open", source=declared.name, where=source.where)
                while True:
                    heed_the_end()
                    message = await source.next()
                    if message is None:
                        await self._clock.sleep(IDLE_SECONDS)
                    else:
                        await self._take(declared, source, message)
                    wait = FIRST_WAIT_SECONDS
            except SourceFailed as error:
                log.warning("signals.source_failed", source=declared.name, where=source.where, reason=str(error))
            except Exception:  # the outer edge of a task: a message that nobody foresaw ends no source
                log.exception("signals.unforeseen", source=declared.name)
            finally:
                await source.close()
            heed_the_end()
            await self._clock.sleep(wait)
            wait = min(2 * wait, WAIT_SECONDS_MAX)

    async def _take(self, declared: Declared, source: SignalSource, message: Message) -> None:
        """Settle one. Raises SourceFailed."""
        while True:
            try:
                refused = await self._tried(declared, source, message)
            except (NotReady, StoreError) as error:
                log.warning("signals.not_now", source=declared.name, reason=str(error))
                await self._clock.sleep(FIRST_WAIT_SECONDS)
                continue
            if refused:
                log.warning("signals.refused", source=declared.name, reasons=[str(each) for each in refused])
                await source.refused(message, refused)
            return

    async def _tried(self, declared: Declared, source: SignalSource, message: Message) -> Sequence[Refusal]:
        """Why it is refused for good; nothing for one that is done. Raises NotReady and StoreError for the moment."""
        try:
            grant = self._grant(declared)
            wish, key = _read(declared, message)
        except InvalidValue as error:
            await self._intake.journal((error.refusal,), declared.principal)
            return (error.refusal,)
        try:
            taken = await self._intake.take(wish, grant, key, came_ns=message.sent_ns)
        except SignalRefused as error:
            return error.reasons
        except IdempotencyConflict:
            refusal = Refusal("input", "idempotency_key", key, "was used before with another signal")
            await self._intake.journal((refusal,), grant.principal)
            return (refusal,)
        order = taken.order
        if order is None or order.status not in _REFUSED:
            await source.done(message, _told(taken))
            return ()
        why = order.reasons or (Refusal("exchange", "order", order.order_id, order.error_message or order.status),)
        if of_the_moment(order.status, order.reasons, order.refusal):
            raise NotReady([str(each) for each in why])
        return why

    def _grant(self, declared: Declared) -> Grant:
        """Who asks. Raises InvalidValue for a named key that opens nothing now."""
        if declared.key is None:
            return Grant(declared.principal, declared.scopes)
        now_ns = self._clock.now_ns()
        living = [key for key in self._keys.named(declared.key) if key.state(now_ns) == "active"]
        if not living:
            raise InvalidValue("key", declared.key, "is revoked, expired or laid aside")
        return living[-1].grant


def _read(declared: Declared, message: Message) -> tuple[Wish, str]:
    """Raises InvalidValue."""
    said = read_json(message.body)
    wish = read(said, besides=("idempotency_key",))
    if wish.expires_at is None:
        over_ns = message.sent_ns + declared.window_seconds * NS_PER_SECOND
        wish = replace(wish, expires_at=utc(over_ns))
    if said.get("idempotency_key") is not None:
        return wish, check_key(said["idempotency_key"])
    digest = hashlib.sha256(f"{declared.name} {message.id}".encode("utf-8", "surrogatepass"))
    return wish, f"source-{digest.hexdigest()[:40]}"


def _told(taken: Taken) -> dict[str, Any]:
    order, parent = taken.order, taken.parent
    return {
        "key": taken.key,
        "order_id": None if order is None else order.order_id,
        "order_status": None if order is None else order.status.value,
        "parent_id": None if parent is None else parent.parent_id,
    }
