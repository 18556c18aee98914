"""What no step of a parent order may do, whatever its strategy thinks: the last check before anything is written."""

from decimal import Decimal

from app.domain.money import plain
from app.domain.orders import OrderSide
from app.domain.parents import Amend, Cancel, Done, ParentStatus, Place, Progress, Step
from app.domain.quote_sizes import spending


def violations(progress: Progress, step: Step, price_cap: Decimal | None) -> list[str]:
    """Why this step must not be taken, whatever the policy thinks: the driver's last check before anything is written.

    price_cap: no child of a buy above it, of a sell below it; None for none.
    """
    if isinstance(step, Place):
        return _place_violations(progress, step, price_cap)
    if isinstance(step, Amend):
        return _amend_violations(progress, step, price_cap)
    if isinstance(step, Cancel):
        known = any(child.order_id == step.order_id for child in progress.children)
        return [] if known else [f"order_id={step.order_id}: is no child of parent {progress.parent.parent_id}"]
    if isinstance(step, Done):
        return _done_violations(progress, step)
    return []


def _place_violations(progress: Progress, step: Place, price_cap: Decimal | None) -> list[str]:
    found = _price_violations(progress, step.price, price_cap)
    if step.order_type.has_price is (step.price is None):
        found.append(f"price={step.price}: does not go with order type {step.order_type}")
    if step.price is None and price_cap is not None:
        found.append(f"order_type={step.order_type}: has no price, but the parent's cap is {plain(price_cap)}")
    if progress.quote_left is not None and step.price is not None and progress.parent.side is OrderSide.BUY:
        found.extend(filter(None, [spending(step.size, step.price, progress)]))
    elif step.size > progress.remaining:
        found.append(f"size={plain(step.size)}: is above the {plain(progress.remaining)} that remain of the parent")
    refusals = progress.instrument.size_refusals(step.size, reduce_only=progress.parent.reduce_only)
    found.extend(str(refusal) for refusal in refusals)
    return found


def _amend_violations(progress: Progress, step: Amend, price_cap: Decimal | None) -> list[str]:
    child = next((child for child in progress.children if child.order_id == step.order_id), None)
    if child is None:
        return [f"order_id={step.order_id}: is no child of parent {progress.parent.parent_id}"]
    found = _price_violations(progress, step.price, price_cap)
    if step.size is not None:
        if step.size - child.max_possible > progress.remaining:
            found.append(f"size={plain(step.size)}: would commit more than the parent's {plain(progress.parent.size)}")
        if step.size <= child.filled:
            found.append(f"size={plain(step.size)}: is not above the {plain(child.filled)} that have filled")
    return found


def _price_violations(progress: Progress, price: Decimal | None, price_cap: Decimal | None) -> list[str]:
    if price is None:
        return []
    found = [str(refusal) for refusal in progress.instrument.price_refusals(price)]
    side = progress.parent.side
    if price_cap is not None and side.sign * (price - price_cap) > 0:
        found.append(f"price={plain(price)}: is beyond the parent's cap {plain(price_cap)} for a {side}")
    return found


def _done_violations(progress: Progress, step: Done) -> list[str]:
    complete = step.status in (ParentStatus.COMPLETED, ParentStatus.COMPLETED_WITH_DUST)
    if complete and progress.open_children:
        return [f"status={step.status}: {len(progress.open_children)} children are still open"]
    if step.status is ParentStatus.COMPLETED and progress.filled != progress.parent.size and not progress.is_gone:
        return [f"status={step.status}: {plain(progress.filled)} of {plain(progress.parent.size)} have filled"]
    if not step.status.terminal and step.status is not ParentStatus.SUSPENDED:
        return [f"status={step.status}: is not an end"]
    return []
