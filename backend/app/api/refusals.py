"""What is refused at the door of a write leaves a line in the journal, with what was asked and on whose word."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import structlog

from app.api.errors import Problem, problem_of
from app.api.runtime import Runtime
from app.domain.refusals import InvalidValue, Refusal, storable
from app.services.trading.errors import OrderNotFound, OrderOver, ParentNotFound, ParentOver, ParentRefused
from app.store.errors import StoreError

log = structlog.get_logger("api")


@asynccontextmanager
async def journalled(runtime: Runtime, principal: str) -> AsyncIterator[None]:
    """Journal a refusal that is raised inside, then let it go on to the caller.

    Not for what the services journal themselves, as an order's denial and a parent's. A journal that cannot be written
    does not hide the refusal.
    """
    try:
        yield
    except ParentRefused:
        raise
    except (Problem, InvalidValue, OrderNotFound, OrderOver, ParentNotFound, ParentOver) as error:
        problem = problem_of(error)
        reasons = problem.errors or (Refusal("input", "body", "", problem.detail),)
        await record(runtime, reasons, principal)
        raise


async def record(runtime: Runtime, reasons: Iterable[Refusal], principal: str) -> None:
    """Journal what was refused; a journal that cannot be written does not hide it."""
    try:
        await runtime.executor.record_refusal(tuple(map(storable, reasons)), principal=principal)
    except StoreError as failure:
        log.warning("api.refusal_not_journalled", reason=str(failure))
