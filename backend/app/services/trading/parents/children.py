"""What a step of a parent means: the order placed for it, whether it ends the parent; and its orders at its end."""

from app.domain.parents import Done, ParentOrder, ParentStatus, Place, Step
from app.services.trading.order_manager import response
from app.services.trading.parents.records import Record
from app.services.trading.schemas import OrderParams, OrderResponse


def child_params(parent: ParentOrder, act: Place) -> OrderParams:
    """What a parent has placed."""
    return OrderParams(
        instrument_id=parent.instrument_id,
        side=parent.side,
        order_type=act.order_type,
        size=act.size,
        price=act.price,
        trade_mode=parent.trade_mode,
        position_side=parent.position_side,
        reduce_only=parent.reduce_only,
        strategy_id=parent.strategy_id,
    )


def ends(step: Step) -> bool:
    """Whether nothing of it goes on."""
    return isinstance(step, Done) and step.status.terminal


def expires(step: Step, record: Record) -> bool:
    """Whether a step ends a parent because of the time: it fails with children open only when that is up."""
    if not isinstance(step, Done) or record.parent.deadline_ns is None:
        return False
    given_up = step.status is ParentStatus.FAILED and not all(child.order.settled for child in record.children.values())
    return given_up or step.status is ParentStatus.PARTIAL_EXPIRED


async def ended(record: Record) -> list[OrderResponse]:
    """A parent's orders when nobody needs to wait for it any more. Raises what it ended with."""
    await record.ended.wait()
    if record.error is not None:
        raise record.error
    return [response(child.order) for child in record.children.values()]
