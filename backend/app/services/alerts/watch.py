"""The life of alerts: they fire, somebody acknowledges them, they end. Each step is a row and an event of the journal.

Once a second the rules look at the window. What is open in memory is what the database has. What fired and could not
be done or written for the database's sake is kept until it is, though its condition may be over meanwhile; an end that
could not be written is found again. While the database takes nothing, nothing fires (the gate is closed then). What
fails to be done for a reason of its own is written as failed, and tried again until it is done, somebody takes it up,
or it is over.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import structlog

from app.clock import NS_PER_SECOND, Clock, heed_the_end
from app.domain.alerts import Alert, AlertAction, AlertState
from app.domain.events import EventKind
from app.domain.refusals import InvalidValue
from app.services.alerts.acting import Acting
from app.services.alerts.counting import Counting
from app.services.alerts.hysteresis import NOTHING, Hysteresis
from app.services.alerts.rule import Rule
from app.services.alerts.sight import Sight
from app.services.alerts.window import Reading, Window
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM, Turn
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError

PERIOD_SECONDS = 1.0
BROKEN_SECONDS = 10
"""So long a round that failed, or what one alert could not do, is left alone."""
ID_LENGTH = 16
OPEN_MAX = 10_000
"""More than all rules may have open together (hysteresis.py)."""
WHAT_MAX = 500

log = structlog.get_logger("alerts")


class AlertWatch:
    """Of one account. rules: those that are watched."""

    def __init__(
        self,
        rules: Iterable[Rule],
        sight: Sight,
        counting: Counting,
        ledger: Ledger,
        database: Database,
        clock: Clock,
        acting: Acting,
    ) -> None:
        self._rules = {rule.name: (rule, Hysteresis(rule)) for rule in rules}
        self._sight = sight
        self._counting = counting
        self._ledger = ledger
        self._database = database
        self._clock = clock
        self._acting = acting
        self._window = Window()
        self._open: dict[tuple[str, str], Alert] = {}
        self._owed: dict[tuple[str, str], Alert] = {}
        """That fired, or whose action is tried again, and are not done and written yet."""
        self._acted: set[tuple[str, str]] = set()
        """Those of them that are done: what a person undoes meanwhile stays undone."""
        self._rest: dict[tuple[str, str], int] = {}
        """Until when (monotonic ns) those are left alone whose action failed for a reason of its own."""
        self._loaded = False
        self._one_at_a_time = asyncio.Lock()
        ledger.subscribe(counting.on_commit, tells=True)

    async def run(self) -> None:
        """For ever, whatever happens: a rule that is broken is no reason to stop trading."""
        while True:
            await self._clock.sleep(PERIOD_SECONDS)
            try:
                async with self._one_at_a_time:
                    await self._round()
            except StoreError as error:
                self._loaded = False
                log.warning("alerts.not_written", reason=str(error))
                heed_the_end()
            except Exception:
                self._loaded = False
                log.exception("alerts.broken")
                heed_the_end()
                await self._clock.sleep(BROKEN_SECONDS)

    async def acknowledge(self, alert_id: str, principal: str, note: str) -> Alert:
        """Somebody has taken it up; who was first stays. Raises InvalidValue and StoreError."""
        async with self._one_at_a_time:
            await self._load()
            alert = next((each for each in self._open.values() if each.alert_id == alert_id), None)
            if alert is None:
                raise InvalidValue("alert_id", alert_id, "is no alert that goes on: it is over, or never was")
            if alert.state is AlertState.ACKNOWLEDGED:
                return alert
            turn = self._ledger.turn(principal)
            changed = replace(
                alert,
                state=AlertState.ACKNOWLEDGED,
                acknowledged_by=principal,
                acknowledged_ns=turn.now_ns,
                note=note,
            )
            await self._write(turn, [(EventKind.ALERT_ACKNOWLEDGED, changed)])
            return changed

    def counted(self) -> dict[tuple[str, str], int]:
        """How many are open, by rule and state."""
        return dict(Counter((alert.rule, alert.state.value) for alert in self._open.values()))

    async def _round(self) -> None:
        second = await self._sight.look()
        self._window.add(second)
        if self._ledger.writer_failed:
            return
        await self._load()
        ended = [alert for alert in self._open.values() if alert.rule not in self._rules]
        known: dict[str, set[str]] = {}
        for name, subject in (*self._open, *self._owed):
            known.setdefault(name, set()).add(subject)
        for name, (rule, hysteresis) in self._rules.items():
            change = hysteresis.step(rule.measure(self._window), known.get(name, ()), second.at_ns)
            if change is NOTHING:
                continue
            begun = [self._fired(rule, subject, reading) for subject, reading in change.fired.items()]
            self._owed |= {alert.key: alert for alert in begun}
            ended += [self._open[key] for subject in change.ended if (key := (rule.name, subject)) in self._open]
        # What is tried again and was not done is decided anew: it may be taken up, or over, by now.
        self._owed = {key: each for key, each in self._owed.items() if key not in self._open or key in self._acted}
        over_keys = {alert.key for alert in ended}
        self._owed |= {alert.key: alert for alert in self._failed(second.at_ns) if alert.key not in over_keys}
        if not self._owed and not ended:
            return
        await self._act(second.at_ns)
        if not self._owed and not ended:
            return
        turn = self._ledger.turn(SYSTEM)
        changed = self._changed(ended, turn.now_ns)
        await self._write(turn, changed)
        self._owed.clear()
        self._acted.clear()
        for _, alert in changed:
            log.warning("alert", rule=alert.rule, subject=alert.subject, state=alert.state.value, what=alert.what)

    def _changed(self, ended: Iterable[Alert], now_ns: int) -> list[tuple[EventKind, Alert]]:
        """What is to be written: those that fired, those that are done after all, those that are over."""
        fired = [alert for key, alert in self._owed.items() if key not in self._open]
        acted = {
            key: replace(self._open[key], action=alert.action, advice=alert.advice)
            for key, alert in self._owed.items()
            if key in self._open
        }
        over = (replace(acted.get(alert.key, alert), state=AlertState.RESOLVED, resolved_ns=now_ns) for alert in ended)
        return [
            *((EventKind.ALERT_FIRED, alert) for alert in fired),
            *((EventKind.ALERT_ACTED, alert) for alert in acted.values()),
            *((EventKind.ALERT_RESOLVED, alert) for alert in over),
        ]

    def _failed(self, now_ns: int) -> list[Alert]:
        """Those whose action failed and is due again, as they would have been written without that. None while the
        system stops: what is to be done finds nothing to do it to then."""
        self._rest = {key: until_ns for key, until_ns in self._rest.items() if until_ns > now_ns}
        if not self._sight.running:
            return []
        return [
            self._as_ruled(alert)
            for alert in self._open.values()
            if (alert.action, alert.state) == (AlertAction.FAILED, AlertState.FIRING)
            and alert.rule in self._rules
            and alert.key not in self._rest
            and alert.key not in self._owed
        ]

    def _as_ruled(self, alert: Alert) -> Alert:
        rule, _ = self._rules[alert.rule]
        return replace(alert, action=rule.action, advice=rule.advice)

    async def _act(self, now_ns: int) -> None:
        """Each once. What fails for a reason of its own rests; where it failed before, nothing is to be written. Raises
        StoreError."""
        for alert in sorted(self._owed.values(), key=lambda each: each.action is not AlertAction.KILL_SWITCH):
            if alert.key in self._acted:
                continue
            try:
                self._owed[alert.key] = replace(alert, action=await self._acting.act(alert))
            except StoreError:
                raise
            except Exception as error:  # the outer edge of one action: the others are done, or told, all the same
                log.exception("alerts.not_done", rule=alert.rule, subject=alert.subject, action=alert.action.value)
                self._rest[alert.key] = now_ns + BROKEN_SECONDS * NS_PER_SECOND
                if alert.key in self._open:
                    del self._owed[alert.key]
                    continue
                why = f"Its action, {alert.action.value}, failed: {type(error).__name__}: {error}"[:WHAT_MAX]
                advice = f"{why}. {alert.advice}".rstrip()
                self._owed[alert.key] = replace(alert, action=AlertAction.FAILED, advice=advice)
            self._acted.add(alert.key)

    def _fired(self, rule: Rule, subject: str, reading: Reading) -> Alert:
        now_ns = self._clock.now_ns()
        return Alert(
            alert_id=_id_of(rule.name, subject, now_ns),
            rule=rule.name,
            subject=subject,
            severity=rule.severity,
            action=rule.action,
            what=reading.what[:WHAT_MAX],
            advice=rule.advice,
            fired_ns=now_ns,
        )

    async def _load(self) -> None:
        """Raises StoreError."""
        if self._loaded:
            return
        account = self._ledger.account
        rows = await asyncio.to_thread(queries.alerts, self._database, account, open_only=True, limit=OPEN_MAX)
        self._open = {alert.key: alert for alert in map(Alert.of, rows)}
        # Of a commit that failed it is known only now whether it was durable.
        self._owed = {key: alert for key, alert in self._owed.items() if self._owes(alert)}
        self._acted &= self._owed.keys()
        self._counting.begin()
        self._loaded = True

    def _owes(self, alert: Alert) -> bool:
        """Whether it is to be written still: it is not in the database, or stands there as failed and is done."""
        found = self._open.get(alert.key)
        return found is None or (found.action is AlertAction.FAILED and alert.action is not AlertAction.FAILED)

    async def _write(self, turn: Turn, alerts: list[tuple[EventKind, Alert]]) -> None:
        """Durable, then in memory. Raises StoreFailed."""
        for kind, alert in alerts:
            row = alert.columns()
            turn.row("alerts", {"account": self._ledger.account, **row}, replace=True)
            turn.event(kind, row)
        try:
            await turn.commit()
        except StoreError:
            self._loaded = False
            raise
        for _, alert in alerts:
            if alert.state is AlertState.RESOLVED:
                self._open.pop(alert.key, None)
            else:
                self._open[alert.key] = alert


def _id_of(rule: str, subject: str, fired_ns: int) -> str:
    """Made of what it is, not drawn: of a rule and subject one at most fires in an instant."""
    return f"al-{hashlib.sha256(f'{rule} {subject} {fired_ns}'.encode()).hexdigest()[:ID_LENGTH]}"
