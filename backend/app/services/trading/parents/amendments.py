"""An open parent order on other terms: what may be changed, and what must still hold."""

from dataclasses import replace
from decimal import Decimal

from app.clock import utc
from app.domain.money import plain, positive
from app.domain.parents import ParentOrder, Progress
from app.domain.refusals import InvalidValue
from app.services.trading.execution_strategies import ExecutionStrategy


def amended(
    progress: Progress,
    policy: ExecutionStrategy,
    size: Decimal | None,
    price: Decimal | None,
    *,
    next_step: int,
    now_ns: int,
) -> ParentOrder:
    """The parent with a new size or limit price (None: as it is) and the configuration of `policy`.

    Children of steps before next_step were made on the old terms. Raises InvalidValue.
    """
    parent = progress.parent
    size = parent.size if size is None else positive("size", size)
    price = parent.limit_price if price is None else positive("price", price)
    if size < progress.committed:
        rule = f"must be at least {plain(progress.committed)}, what has filled or may still fill; a pause takes it back"
        raise InvalidValue("size", plain(size), rule)
    InvalidValue.for_first(policy.refusals(size, price, progress.instrument))
    end_ns = policy.end_ns(parent.start_ns)
    if end_ns is not None and end_ns <= now_ns:
        raise InvalidValue(
            "config", policy.canonical_config, f"its end would be {utc(end_ns).isoformat()}, which is over"
        )
    return replace(
        parent,
        size=size,
        limit_price=price,
        config=policy.canonical_config,
        on_restart=policy.config.on_restart,
        end_ns=end_ns,
        amended_step=next_step,
    )
