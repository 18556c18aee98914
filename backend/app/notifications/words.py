"""An event as a person is told it: what happened, what it means, what to do. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import msgspec

from app.domain.alerts import AlertAction, AlertState
from app.domain.events import Event, EventKind
from app.domain.parents import ParentStatus

TEXT_MAX = 500
Payload = Mapping[str, Any]


class Severity(IntEnum):
    """INFO: as it should be. WARNING: look at it today. CRITICAL: look at it now."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """key: what makes two notices the same for whoever hears them. do: what to do, empty where there is nothing."""

    seq: int
    at_ns: int
    kind: str
    severity: Severity
    key: str
    what: str
    means: str = ""
    do: str = ""
    instrument_id: str | None = None
    strategy_id: str | None = None


Words = Callable[[Event, Payload], "Notice | None"]


def notice_of(event: Event) -> Notice | None:
    """None for what concerns no person."""
    words = _WORDS.get(event.kind)
    return None if words is None else words(event, _decode(event.payload))


def _decode(payload: str) -> Payload:
    found = msgspec.json.decode(payload)
    return found if isinstance(found, dict) else {}


def _made(
    event: Event,
    severity: Severity,
    what: str,
    means: str = "",
    do: str = "",
    *,
    about: Payload = MappingProxyType({}),
    key: str = "",
) -> Notice:
    return Notice(
        event.seq,
        event.at_ns,
        event.kind,
        severity,
        f"{event.kind} {key}".rstrip(),
        *(text[:TEXT_MAX] for text in (what, means, do)),
        instrument_id=about.get("instrument_id"),
        strategy_id=about.get("strategy_id"),
    )


def _kill_switch_on(event: Event, said: Payload) -> Notice:
    return _made(
        event,
        Severity.CRITICAL,
        f"The kill switch is on, by {event.principal}: {said.get('reason')}",
        "No order that adds risk is placed; cancels and exits go on.",
        "Find out why, then release it with `trading-executor resume --why TEXT`.",
    )


def _kill_switch_off(event: Event, said: Payload) -> Notice:
    return _made(
        event,
        Severity.WARNING,
        f"The kill switch is released, by {event.principal}: {said.get('reason')}",
        "Orders are placed again.",
    )


def _started(event: Event, said: Payload) -> Notice:
    again = f" after {said['after']}" if said.get("after") else ""
    what = f"Account {event.account} is traded by {said.get('owner')}, which has started{again}"
    return _made(event, Severity.INFO, what, "What happened meanwhile is read from the exchange.")


def _denied(event: Event, said: Payload) -> Notice:
    about = said.get("request") or {}
    reasons = "; ".join(_reason(each) for each in (said.get("risk_decision") or said).get("reasons") or ())
    what = f"Risk refused: {_order(about)}" + (f": {reasons}" if reasons else "")
    return _made(event, Severity.WARNING, what, about=about, key=f"{about.get('instrument_id')} {reasons[:60]}")


def _refused_by_exchange(event: Event, said: Payload) -> Notice:
    what = f"The exchange refused order {event.order_id}: {said.get('code')} {said.get('message')}"
    return _made(event, Severity.WARNING, what, "It is not in the market.", key=str(said.get("code")))


def _not_sent(event: Event, said: Payload) -> Notice:
    why = said.get("message") or said.get("code") or "no longer allowed"
    return _made(event, Severity.WARNING, f"Order {event.order_id} was not sent: {why}", key=str(said.get("code")))


def _unknown(event: Event, said: Payload) -> Notice:
    return _made(
        event,
        Severity.WARNING,
        f"The exchange did not answer order {event.order_id}: {said.get('message') or 'no answer in time'}",
        "It may be in the market. It is looked for until the exchange says what became of it.",
        "Do not send it again.",
    )


def _reported(event: Event, said: Payload) -> Notice | None:
    fill = said.get("fill")
    if not fill:
        return None
    about = {"instrument_id": said.get("instrument_id")}
    what = (
        f"{str(said.get('side') or 'order').capitalize()} {fill.get('size')} {said.get('instrument_id')} filled at "
        f"{fill.get('price')} (order {event.order_id})"
    )
    return _made(event, Severity.INFO, what, about=about, key=str(fill.get("trade_id")))


def _adopted(event: Event, said: Payload) -> Notice:
    about = said.get("request") or {}
    what = f"An order that nobody here placed is in the account: {_order(about)}"
    means = "Its fills count in positions and limits."
    return _made(event, Severity.WARNING, what, means, "Find out who else has this account's key.", about=about)


_ENDS: Mapping[str, Severity] = {
    ParentStatus.COMPLETED: Severity.INFO,
    ParentStatus.COMPLETED_WITH_DUST: Severity.INFO,
    ParentStatus.CANCELED: Severity.INFO,
    ParentStatus.PARTIAL_EXPIRED: Severity.WARNING,
    ParentStatus.REJECTED: Severity.WARNING,
    ParentStatus.SUSPENDED: Severity.WARNING,
    ParentStatus.FAILED: Severity.CRITICAL,
}


def _execution(event: Event, said: Payload) -> Notice | None:
    severity = _ENDS.get(str(said.get("status")))
    if severity is None:
        return None
    params = _inner(said.get("params"))
    what = (
        f"Execution {event.parent_id} ({said.get('strategy')} {params.get('side')} {params.get('size')} "
        f"{params.get('instrument_id')}) is {said.get('status')}: {said.get('reason')}"
    )
    suspended = said.get("status") == ParentStatus.SUSPENDED
    do = "Mend the reason, then `trading-executor execution resume ID`, or cancel it." if suspended else ""
    return _made(event, severity, what, do=do, about=params, key=f"{event.parent_id} {said.get('status')}")


def _difference(event: Event, said: Payload) -> Notice:
    kind, subject = said.get("kind"), said.get("subject")
    return _made(
        event,
        Severity.CRITICAL,
        f"The books and the exchange differ: {kind} {subject} is {said.get('ledger')} here, {said.get('venue')} there",
        "Nothing new is risked in what is concerned until they agree.",
        f"`trading-executor reconcile` shows it; what cannot be explained: `accept {kind} {subject} --why TEXT`.",
        key=f"{kind} {subject}",
    )


def _difference_ended(event: Event, said: Payload) -> Notice:
    what = f"The difference of {said.get('kind')} {said.get('subject')} is over: {said.get('why')}"
    return _made(event, Severity.INFO, what, key=f"{said.get('kind')} {said.get('subject')}")


def _anomaly(event: Event, said: Payload) -> Notice:
    rest = ", ".join(f"{name}={_short(value)}" for name, value in said.items() if name != "code")
    what = f"Something that should not happen: {said.get('code')}" + (f" ({rest})" if rest else "")
    do = "Look at `trading-executor status` and `events`."
    return _made(event, Severity.CRITICAL, what, do=do, key=str(said.get("code")))


def _set_aside(event: Event, said: Payload) -> Notice:
    what = f"A message of the exchange could not be read and was set aside: {said.get('reason')}"
    return _made(event, Severity.WARNING, what, "The exchange is asked anew.", key=str(said.get("reason"))[:60])


def _moved(event: Event, said: Payload) -> Notice | None:
    if said.get("kind") in ("opening", "fee", "funding"):
        return None
    what = f"{said.get('amount')} {said.get('currency')} moved: {said.get('kind')}"
    return _made(event, Severity.INFO, what, key=str(said.get("movement")))


def _evidence(event: Event, said: Payload) -> Notice:
    return _made(event, Severity.WARNING, f"{event.principal} gave evidence: {said.get('why') or _short(said)}")


def _key(event: Event, said: Payload) -> Notice:
    act = event.kind.partition(".")[2]
    means = "" if act != "created" else "Whoever holds it may do what its scopes allow."
    return _made(event, Severity.WARNING, f"API key {said.get('name')} was {act} by {event.principal}", means)


def _waits(event: Event, said: Payload) -> Notice:
    """What somebody asks for and another person confirms."""
    name, (request, subject) = str(said.get("approval_id")), _asked_for(said)
    asks = "proposes" if request else "asks for"
    door = "proposals" if request else "approvals"
    what, until = f"{event.principal} {asks} {subject}", "It waits for another person, and nothing is done yet."
    do = f"`trading-executor {door} confirm {name}`, or `{door} refuse {name}`."
    return _made(event, Severity.WARNING, what, until, do, key=name, about=request)


def _waits_again(event: Event, said: Payload) -> Notice:
    """What was confirmed, and came to nothing."""
    name, (request, subject) = str(said.get("approval_id")), _asked_for(said)
    what = f"What {said.get('asked_by')} proposed was not done: {subject}. {said.get('reason')}"
    do = f"`trading-executor proposals confirm {name}` once more, or `proposals refuse {name}`."
    return _made(event, Severity.WARNING, what, "It waits for a person again.", do, key=name, about=request)


def _waited_in_vain(event: Event, said: Payload) -> Notice:
    name, (request, subject) = str(said.get("approval_id")), _asked_for(said)
    reason = said.get("reason") or "Nobody decided in time."
    what = f"What {said.get('asked_by')} asked for has expired: {subject}. {reason}"
    return _made(event, Severity.INFO, what, "Nothing was done.", key=name, about=request)


def _asked_for(said: Payload) -> tuple[Payload, str]:
    """The body of a proposal, empty for any other ask; and what is asked for, in words."""
    act, request = str(said.get("act")), _inner(_inner(said.get("wanted")).get("request"))
    kind = {"order.place": "an order", "execution.start": f"an execution ({request.get('strategy')})"}.get(act, act)
    return request, f"{kind}: {_order(request) if request else said.get('subject')}"


def _strategy_failed(event: Event, said: Payload) -> Notice:
    again = "It is begun again soon." if said.get("begins_again") else "It does not trade until it is begun again."
    what = f"Strategy {said.get('strategy')} failed at {said.get('where')}: {said.get('reason')}"
    return _made(event, Severity.WARNING, what, again, key=str(said.get("strategy")), about=_named(said))


def _strategy_stopped(event: Event, said: Payload) -> Notice:
    what = f"Strategy {said.get('strategy')} was stopped by {event.principal}: {said.get('reason')}"
    return _made(event, Severity.WARNING, what, key=str(said.get("strategy")), about=_named(said))


def _alert(event: Event, said: Payload) -> Notice | None:
    """One that is only kept and shown is told nobody."""
    action = said.get("action")
    if action == AlertAction.NONE:
        return None
    state, key = event.kind.partition(".")[2], f"{said.get('rule')} {said.get('subject')}"
    if state == AlertState.ACKNOWLEDGED:
        what = f"Alert {key} is taken up by {event.principal}: {said.get('note') or 'without a word'}"
        return _made(event, Severity.INFO, what, key=key)
    if state == AlertState.RESOLVED:
        return _made(event, Severity.INFO, f"Alert {key} is over: {said.get('what')}", key=key)
    means = _ACTED.get(str(action), "")
    severity = Severity.__members__.get(str(said.get("severity")).upper(), Severity.WARNING)
    if action == AlertAction.FAILED:
        severity = Severity.CRITICAL
    what = str(said.get("what"))
    if event.kind == EventKind.ALERT_ACTED:
        what = f"Alert {key}: what failed before is {'done' if action in _ACTED else 'not to be done any more'}. {what}"
    return _made(event, severity, what, means, str(said.get("advice")), key=key)


_ACTED: Mapping[str, str] = {
    AlertAction.PAUSE: "Its strategy was stopped and its executions were paused, but for what protects or gets out.",
    AlertAction.KILL_SWITCH: "The kill switch was engaged.",
    AlertAction.FAILED: "What it was to do failed. It is tried again every ten seconds, until somebody takes it up.",
}


def _named(said: Payload) -> Payload:
    return {"strategy_id": said.get("strategy")}


def _not_told(event: Event, said: Payload) -> Notice:
    what = f"Notices no longer reach {said.get('channel')}: {said.get('reason')}"
    return _made(
        event,
        Severity.WARNING,
        what,
        "They are kept, and told when it takes them again.",
        f"`trading-executor notify test {said.get('channel')}` tries it.",
        key=str(said.get("channel")),
    )


def _told_again(event: Event, said: Payload) -> Notice:
    return _made(event, Severity.INFO, f"Notices reach {said.get('channel')} again", key=str(said.get("channel")))


def _traces(event: Event, said: Payload) -> Notice:
    if event.kind == EventKind.TRACES_RESUMED:
        return _made(event, Severity.INFO, f"Traces reach {said.get('collector')} again")
    return _made(
        event,
        Severity.WARNING,
        f"Traces no longer reach {said.get('collector')}: {said.get('reason')}",
        "Trading goes on. Of what waits the oldest is dropped; the journal has it all.",
        "Look at the collector, or take [traces] out of the settings.",
    )


_WORDS: Mapping[str, Words] = {
    EventKind.KILL_SWITCH_ON: _kill_switch_on,
    EventKind.KILL_SWITCH_OFF: _kill_switch_off,
    EventKind.SESSION_STARTED: _started,
    EventKind.ORDER_DENIED: _denied,
    EventKind.ORDER_REJECTED: _refused_by_exchange,
    EventKind.ORDER_NOT_SENT: _not_sent,
    EventKind.ORDER_UNKNOWN: _unknown,
    EventKind.ORDER_REPORT: _reported,
    EventKind.ORDER_ADOPTED: _adopted,
    EventKind.PARENT_CHANGED: _execution,
    EventKind.DIFFERENCE: _difference,
    EventKind.DIFFERENCE_ENDED: _difference_ended,
    EventKind.ANOMALY: _anomaly,
    EventKind.QUARANTINED: _set_aside,
    EventKind.CASH_MOVED: _moved,
    EventKind.OPERATOR_EVIDENCE: _evidence,
    EventKind.KEY_CREATED: _key,
    EventKind.KEY_ROTATED: _key,
    EventKind.KEY_REVOKED: _key,
    EventKind.KEY_DISABLED: _key,
    EventKind.KEY_ENABLED: _key,
    EventKind.APPROVAL_ASKED: _waits,
    EventKind.APPROVAL_REOPENED: _waits_again,
    EventKind.APPROVAL_EXPIRED: _waited_in_vain,
    EventKind.STRATEGY_FAILED: _strategy_failed,
    EventKind.STRATEGY_STOPPED: _strategy_stopped,
    EventKind.ALERT_FIRED: _alert,
    EventKind.ALERT_ACTED: _alert,
    EventKind.ALERT_ACKNOWLEDGED: _alert,
    EventKind.ALERT_RESOLVED: _alert,
    EventKind.NOTICES_FAILED: _not_told,
    EventKind.NOTICES_RESUMED: _told_again,
    EventKind.TRACES_FAILED: _traces,
    EventKind.TRACES_RESUMED: _traces,
}

KINDS: tuple[str, ...] = tuple(_WORDS)
"""The events that there are words for, which rules can name."""


def _order(request: Payload) -> str:
    at = f" at {request['price']}" if request.get("price") else ""
    kind = str(request.get("order_type") or "").replace("_", " ")
    return f"{request.get('side')} {request.get('size')} {request.get('instrument_id')} {kind}{at}".rstrip()


def _reason(refusal: Any) -> str:
    if not isinstance(refusal, dict):
        return str(refusal)
    return f"{refusal.get('field')}={_short(refusal.get('value'))}: {refusal.get('rule')}"


def _inner(text: Any) -> Payload:
    found = msgspec.json.decode(text) if isinstance(text, str) else text
    return found if isinstance(found, dict) else {}


def _short(value: Any) -> str:
    text = value if isinstance(value, str | int | Decimal) else msgspec.json.encode(value).decode()
    return str(text)[:120]
