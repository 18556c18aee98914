"""The alerts of the hooks that the settings declare: within their rate, mapped, and taken once each (intake.py)."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.clock import NS_PER_SECOND, Clock
from app.domain.access import Grant
from app.domain.refusals import InvalidValue, Refusal
from app.services.signals.hooks import Alert, Hook
from app.services.signals.intake import Foreseen, SignalIntake, Taken
from app.services.signals.templates import CHECK

MINUTE_NS = 60 * NS_PER_SECOND


class TooManyAlerts(Exception):
    """A hook's rate is used up. seconds: until it takes one again."""

    def __init__(self, refusal: Refusal, seconds: int) -> None:
        self.refusal = refusal
        self.seconds = seconds
        super().__init__(str(refusal))


@dataclass(slots=True)
class _Minute:
    since_ns: int = 0
    alerts: int = 0


class Alerts:
    """hooks: by name. Raises InvalidValue for settings that are no hook's."""

    def __init__(self, declared: Mapping[str, object], intake: SignalIntake, clock: Clock) -> None:
        self.hooks = {name: Hook.of(name, said) for name, said in declared.items()}
        self._intake = intake
        self._clock = clock
        self._minutes = {name: _Minute() for name in self.hooks}

    async def take(self, hook: Hook, alert: Alert, grant: Grant) -> Taken:
        """Do what an alert asks for, once; a repeat is told what became of the first. Raises TooManyAlerts, and as
        SignalIntake.take does, also for what does not map."""
        await self._within_rate(hook, grant)
        try:
            wish, key = hook.wish(alert, self._clock.now_ns())
        except InvalidValue as error:
            await self._intake.refused((error.refusal,), grant.principal)
        return await self._intake.take(wish, grant, key, first_counts=True)

    async def preview(self, hook: Hook, raw: bytes, grant: Grant) -> tuple[Foreseen, str]:
        """What an alert would do, and the key that makes it one; nothing is done. Raises InvalidValue."""
        wish, key = hook.wish(hook.alert(raw), self._clock.now_ns())
        return await self._intake.preview(wish, grant), key

    async def unreadable(self, reason: Refusal, principal: str) -> None:
        """Journal and raise what was no alert."""
        await self._intake.refused((reason,), principal)

    async def _within_rate(self, hook: Hook, grant: Grant) -> None:
        now_ns, minute = self._clock.monotonic_ns(), self._minutes[hook.name]
        if not minute.alerts or now_ns - minute.since_ns >= MINUTE_NS:
            minute.since_ns, minute.alerts = now_ns, 0
        minute.alerts += 1
        if minute.alerts <= hook.alerts_per_minute:
            return
        rule = f"are the most that hook {hook.name} takes in a minute"
        refusal = Refusal(CHECK, "alerts_per_minute", str(hook.alerts_per_minute), rule)
        if minute.alerts == hook.alerts_per_minute + 1:  # one line a minute: a flood writes no journal
            await self._intake.journal((refusal,), grant.principal)
        raise TooManyAlerts(refusal, max(1, (MINUTE_NS - (now_ns - minute.since_ns)) // NS_PER_SECOND))
