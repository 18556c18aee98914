"""Requests about executions, what they cost, and proposals of orders and executions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.domain.tca.grouping import Grouping
from trading_executor.client import models
from trading_executor.client.calls.making import (
    API,
    PROPOSALS,
    Amount,
    Config,
    Held,
    Mode,
    Moment,
    Side,
    get,
    post,
    previews,
    proposes,
    unkeyed,
)
from trading_executor.client.calls.orders import place_order
from trading_executor.client.wire import Call, given, segment

# --- executions ---


def _execution_body(strategy: str, config: Config | None, **order: Any) -> dict[str, Any]:
    tags = list(order.pop("tags", ()))
    return {"strategy": strategy, "config": dict(config or {}), **given(**order), **({"tags": tags} if tags else {})}


def start_execution(
    strategy: str,
    instrument_id: str,
    side: Side,
    size: Amount,
    *,
    config: Config | None = None,
    order_type: str | None = None,
    price: Amount | None = None,
    trade_mode: Mode | None = None,
    position_side: Held | None = None,
    reduce_only: bool | None = None,
    strategy_id: str | None = None,
    size_in: str | None = None,
    start_at: Moment | None = None,
    end_at: Moment | None = None,
    limit_offset_pct: Amount | None = None,
    decision_at: Moment | None = None,
    decision_price: Amount | None = None,
    tags: Sequence[str] = (),
    idempotency_key: str | None = None,
) -> Call[models.Execution]:
    """Work a large order over time; answered as soon as it is durable. Client.execute gives a handle of it."""
    body = _execution_body(
        strategy,
        config,
        instrument_id=instrument_id,
        side=side,
        order_type=order_type or ("market" if price is None else "limit"),
        size=size,
        price=price,
        trade_mode=trade_mode,
        position_side=position_side,
        reduce_only=reduce_only,
        strategy_id=strategy_id,
        size_in=size_in,
        start_at=start_at,
        end_at=end_at,
        limit_offset_pct=limit_offset_pct,
        decision_at=decision_at,
        decision_price=decision_price,
        tags=tags,
    )
    return post(f"{API}/executions", models.Execution, body, idempotency_key)


def preview_of(started: Call[models.Execution]) -> Call[models.ParentPreview]:
    """What such a start would do and cost by the book as it stands; nothing is done."""
    return Call("POST", f"{API}/executions/preview", models.ParentPreview, body=started.body, safe=True)


preview_execution = previews(start_execution, preview_of)


def executions(
    *, open_only: bool = False, tag: str | None = None, limit: int = 100
) -> Call[tuple[models.Execution, ...]]:
    """Parent orders, newest first."""
    reads = tuple[models.Execution, ...]
    return get(f"{API}/executions", reads, "executions", open_only=open_only or None, tag=tag, limit=limit)


def _of_execution(parent_id: str, rest: str = "") -> str:
    return f"{API}/executions/{segment(parent_id)}{rest}"


def get_execution(parent_id: str) -> Call[models.Execution]:
    return get(_of_execution(parent_id), models.Execution)


def execution_progress(parent_id: str) -> Call[models.ParentFigures]:
    """Schedule against done, prices against the market that it met, fees, what it does next and why."""
    return get(_of_execution(parent_id, "/progress"), models.ParentFigures)


def execution_figures(parent_id: str) -> Call[models.ParentFigures]:
    """The same as execution_progress."""
    return get(_of_execution(parent_id, "/figures"), models.ParentFigures)


def execution_orders(parent_id: str) -> Call[tuple[models.OrderResponse, ...]]:
    """The orders that it placed, oldest first."""
    return get(_of_execution(parent_id, "/orders"), tuple[models.OrderResponse, ...], "orders")


def pause_execution(
    parent_id: str, *, clock: str = "kept", reason: str | None = None, idempotency_key: str | None = None
) -> Call[models.Execution]:
    """Take its open orders back and lay it aside. clock: kept, or frozen: its schedule and end move by the pause."""
    body = given(clock=clock, reason=reason)
    return post(_of_execution(parent_id, "/pause"), models.Execution, body, idempotency_key)


def resume_execution(
    parent_id: str, *, reason: str | None = None, idempotency_key: str | None = None
) -> Call[models.Execution]:
    """Go on with one that was laid aside, or suspended by the kill switch or a refusal."""
    return post(_of_execution(parent_id, "/resume"), models.Execution, given(reason=reason), idempotency_key)


def amend_execution(
    parent_id: str,
    *,
    size: Amount | None = None,
    price: Amount | None = None,
    limit_offset_pct: Amount | None = None,
    end_at: Moment | None = None,
    config: Config | None = None,
    reason: str | None = None,
    idempotency_key: str | None = None,
) -> Call[models.Execution]:
    """Change its size (in all), limit, end or keys of its config; what is left is planned anew."""
    terms = given(size=size, price=price, limit_offset_pct=limit_offset_pct, end_at=end_at, reason=reason)
    body = terms | ({"config": dict(config)} if config else {})
    path = _of_execution(parent_id)
    return Call("PATCH", path, models.Execution, body=body, keyed=True, key=idempotency_key)


def cancel_execution(
    parent_id: str, *, reason: str | None = None, idempotency_key: str | None = None
) -> Call[models.Execution]:
    """Cancel its open orders and end it; what has filled stays filled."""
    return post(_of_execution(parent_id, "/cancel"), models.Execution, given(reason=reason), idempotency_key)


def settle_execution(
    parent_id: str, *, by: str, why: str, idempotency_key: str | None = None
) -> Call[models.Execution]:
    """Accept, on an operator's word, what one that is over has filled beyond its size."""
    return post(_of_execution(parent_id, "/settle"), models.Execution, given(by=by, why=why), idempotency_key)


def strategies() -> Call[tuple[models.Strategy, ...]]:
    """The execution strategies, and what each may be told."""
    return get(f"{API}/strategies", tuple[models.Strategy, ...], "strategies")


def execution_cost(parent_id: str) -> Call[models.ExecutionCost]:
    """What it cost against the market that it met, by component; positive is bad."""
    return get(f"{API}/tca/executions/{segment(parent_id)}", models.ExecutionCost)


def order_cost(order_id: str) -> Call[models.ExecutionCost]:
    """The same of an order, which without a parent is a parent of one; takes an execution's id too."""
    return get(f"{API}/tca/orders/{segment(order_id)}", models.ExecutionCost)


def cost_estimate(instrument_id: str, side: Side, size: Amount) -> Call[models.PreTradeEstimate]:
    """What an order would cost against the mid: by the book, all at once, and by the square-root law."""
    return get(f"{API}/tca/estimate", models.PreTradeEstimate, instrument_id=instrument_id, side=side, size=size)


def cost_report(
    by: Grouping | str,
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    instrument_id: str | None = None,
) -> Call[models.CostReport]:
    """What the orders that ended in a period cost, by day, strategy, label, instrument, side, size, exchange or
    arm of a wheel."""
    return get(
        f"{API}/tca/report",
        models.CostReport,
        by=by,
        start_date=start_date,
        end_date=end_date,
        instrument_id=instrument_id,
    )


def volume_curve(instrument_id: str, *, days: int | None = None) -> Call[models.VolumeCurve]:
    """What it trades by hour of the week, as vwap takes it."""
    return get(f"{API}/volume-curve/{segment(instrument_id)}", models.VolumeCurve, days=days)


# --- proposals ---


propose_order = previews(
    place_order, proposes(f"{PROPOSALS}/orders", "Nothing is placed: it waits for a person who confirms it.")
)
propose_execution = previews(
    start_execution, proposes(f"{PROPOSALS}/executions", "Nothing is started: it waits for a person who confirms it.")
)


def proposals() -> Call[tuple[models.Proposal, ...]]:
    """What was proposed, newest first."""
    return get(PROPOSALS, tuple[models.Proposal, ...], "proposals")


def proposal(proposal_id: str) -> Call[models.Proposal]:
    """One, however old it is."""
    return get(f"{PROPOSALS}/{segment(proposal_id)}", models.Proposal)


def confirm_proposal(proposal_id: str) -> Call[models.ProposalDone]:
    """Let it happen, at once; another one's only. Under its id it is one order, however often it is confirmed."""
    return unkeyed(f"{PROPOSALS}/{segment(proposal_id)}/confirm", models.ProposalDone, {})


def refuse_proposal(proposal_id: str, *, reason: str | None = None) -> Call[models.Proposal]:
    return unkeyed(f"{PROPOSALS}/{segment(proposal_id)}/refuse", models.Proposal, given(reason=reason))
