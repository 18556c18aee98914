"""Requests about controls, hooks, strategies of one's own, alerts, the simulated exchange and the system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trading_executor.client import models
from trading_executor.client.calls.making import (
    ALERTS,
    API,
    FAULTS,
    HOOKS,
    ROOT,
    STRATEGIES,
    Amount,
    Moment,
    get,
    post,
    unkeyed,
)
from trading_executor.client.wire import Call, given, segment

# --- controls ---


def kill_switch() -> Call[models.KillSwitchState]:
    return get(f"{API}/kill-switch", models.KillSwitchState)


def risk_limits() -> Call[models.RiskInForce]:
    """The limits in force, what is used of each, and those of the key that asks."""
    return get(f"{API}/risk-limits", models.RiskInForce)


def engage_kill_switch(reason: str, *, idempotency_key: str | None = None) -> Call[models.KillSwitchState]:
    """No new order but exits, every open one cancelled; it survives restarts."""
    body = {"engaged": True, "reason": reason}
    return post(f"{API}/kill-switch", models.KillSwitchState, body, idempotency_key)


def release_kill_switch(reason: str, *, idempotency_key: str | None = None) -> Call[models.KillSwitchState]:
    body = {"engaged": False, "reason": reason}
    return post(f"{API}/kill-switch", models.KillSwitchState, body, idempotency_key)


def declare_balance(
    currency: str, amount: Amount, *, by: str, why: str, price: Amount | None = None, idempotency_key: str | None = None
) -> Call[models.CurrencyBalance]:
    """An opening balance on an operator's word."""
    body = given(currency=currency, amount=amount, price=price, by=by, why=why)
    return post(f"{API}/balances/declare", models.CurrencyBalance, body, idempotency_key)


def accept_difference(
    kind: str, subject: str, *, by: str, why: str, idempotency_key: str | None = None
) -> Call[models.Difference]:
    """Accept a difference that stands: it is booked as unexplained, never as a trade."""
    body = given(kind=kind, subject=subject, by=by, why=why)
    return post(f"{API}/differences/accept", models.Difference, body, idempotency_key)


# --- hooks ---


def hooks() -> Call[tuple[models.DeclaredHook, ...]]:
    """The hooks of the settings, and how their secrets stand."""
    return get(HOOKS, tuple[models.DeclaredHook, ...], "hooks")


def try_hook(name: str, alert: str) -> Call[models.AlertForeseen]:
    """What an alert would do, as its tool would send it. Nothing is done."""
    return Call("POST", f"{HOOKS}/{segment(name)}/try", models.AlertForeseen, body={"alert": alert}, safe=True)


# --- strategies of one's own ---


def own_strategies() -> Call[tuple[models.StrategyView, ...]]:
    """Those of the settings, and how each stands."""
    return get(STRATEGIES, tuple[models.StrategyView, ...], "strategies")


def own_strategy(name: str) -> Call[models.StrategyFigures]:
    """One, with its profit and loss."""
    return get(f"{STRATEGIES}/{segment(name)}", models.StrategyFigures)


def start_strategy(name: str) -> Call[models.StrategyView]:
    """One that stopped or failed; one that runs goes on."""
    return unkeyed(f"{STRATEGIES}/{segment(name)}/start", models.StrategyView, {})


def reload_strategy(name: str) -> Call[models.StrategyView]:
    """Ended and begun with its file as it is now."""
    return unkeyed(f"{STRATEGIES}/{segment(name)}/reload", models.StrategyView, {})


def stop_strategy(name: str, *, reason: str | None = None) -> Call[models.StrategyView]:
    """Until it is started; its orders and what it holds stay."""
    return unkeyed(f"{STRATEGIES}/{segment(name)}/stop", models.StrategyView, given(reason=reason))


# --- alerts ---


def alerts(*, open_only: bool = False) -> Call[tuple[models.RaisedAlert, ...]]:
    """What is or was out of bounds, newest first."""
    return get(ALERTS, tuple[models.RaisedAlert, ...], "alerts", open_only=open_only or None)


def acknowledge_alert(alert_id: str, *, note: str | None = None) -> Call[models.RaisedAlert]:
    """Say that somebody has taken it up."""
    return unkeyed(f"{ALERTS}/{segment(alert_id)}/acknowledge", models.RaisedAlert, given(note=note))


# --- the simulated exchange ---


def faults() -> Call[tuple[models.FaultKnob, ...]]:
    """What the simulated exchange can be made to do wrong, and how often it did."""
    return get(FAULTS, tuple[models.FaultKnob, ...], "faults")


def arm_fault(
    name: str, *, probability: float | None = None, times: int | None = None, value: str | None = None
) -> Call[tuple[models.FaultKnob, ...]]:
    """Break it: at each chance, or with a probability of 0 to 1; without end, or at most so many times."""
    said = given(name=name, probability=probability, times=times, value=value)
    return unkeyed(FAULTS, tuple[models.FaultKnob, ...], said, "faults")


def repair_faults(name: str | None = None) -> Call[tuple[models.FaultKnob, ...]]:
    """Of this fault, or of all."""
    return unkeyed(f"{FAULTS}/repair", tuple[models.FaultKnob, ...], given(name=name), "faults")


# --- the system ---


def alive() -> Call[models.Liveness]:
    return get("/health/live", models.Liveness)


def ready() -> Call[models.Readiness]:
    """Whether new orders are accepted, and every reason why not."""
    return Call("GET", "/health/ready", models.Readiness, safe=True, says_no=True)


def status() -> Call[Mapping[str, Any]]:
    """The system's state, as an operator asks for it."""
    return get(f"{ROOT}/status", dict[str, Any])


def events(
    *, after_seq: int = 0, order_id: str | None = None, kind: str | None = None, limit: int = 100
) -> Call[tuple[models.JournalEvent, ...]]:
    """The journal, oldest first, gapless."""
    reads = tuple[models.JournalEvent, ...]
    return get(f"{ROOT}/events", reads, "events", after_seq=after_seq, order_id=order_id, kind=kind, limit=limit)


def search_events(
    *,
    kind: str | None = None,
    order_id: str | None = None,
    parent_id: str | None = None,
    instrument_id: str | None = None,
    strategy_id: str | None = None,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Call[models.EventPage]:
    """A page of what the journal tells of something, newest first; short is not the end: `next_cursor` is."""
    return get(
        f"{ROOT}/events/search",
        models.EventPage,
        kind=kind,
        order_id=order_id,
        parent_id=parent_id,
        instrument_id=instrument_id,
        strategy_id=strategy_id,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
        cursor=cursor,
    )


def stream_ticket() -> Call[models.Ticket]:
    """Opens one stream, once, within thirty seconds: for a browser."""
    return unkeyed(f"{ROOT}/stream/tickets", models.Ticket, {})
