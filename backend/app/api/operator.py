"""An operator's evidence over HTTP: the end of an order that the exchange no longer decides, an accepted overfill, an
opening balance.

Each needs a name and a reason; both stand in the journal.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api import shapes
from app.api.bodies import Body, BodyField, JsonFloat, amount, optional, reason, text
from app.api.documents import documented, problems
from app.api.executions import Execution, ParentId, execution
from app.api.parameters import OrderId, known_parameters
from app.api.refusals import journalled
from app.api.replies import Keyed
from app.api.scopes import needs
from app.domain.access import Scope
from app.domain.money import exact
from app.domain.refusals import InvalidValue
from app.services.trading.schemas import CurrencyBalance, OrderResponse
from app.services.trading.venue.differences import Difference, DifferenceKind
from app.services.trading.venue.operator_evidence import ENDINGS, read_fills

FILLS_MAX = 500

Said = Mapping[str, Any]

router = APIRouter(prefix="/api/v1/trading", tags=["operator"], dependencies=[Depends(known_parameters)])


def signed(name: str, value: Any) -> Any:
    """A decimal of either sign, as text or as a JSON integer."""
    if isinstance(value, (JsonFloat, bool)) or not isinstance(value, (str, int)):
        raise InvalidValue(name, str(value), 'must be a decimal in quotes, such as "-0.001"')
    return exact(name, value)


def fills(name: str, value: Any) -> Any:
    """Executions by the exchange's record."""
    if not isinstance(value, list) or len(value) > FILLS_MAX or not all(isinstance(entry, dict) for entry in value):
        raise InvalidValue(name, str(value), f"must be a list of at most {FILLS_MAX} objects")
    for entry in value:
        if any(isinstance(item, JsonFloat) for item in entry.values()):
            raise InvalidValue(name, str(entry), "must hold decimals in quotes: a JSON float is not exact")
    return read_fills(value)


_LABEL = shapes.text()
_WHY = shapes.text(shapes.REASON_MAX)
_WHO = (BodyField("by", text, _LABEL), BodyField("why", reason, _WHY))

EVIDENCE = Body(
    "OperatorEvidence",
    (
        BodyField("state", text, {"type": "string", "enum": [ending.value for ending in ENDINGS]}),
        BodyField("filled", optional(signed), shapes.nullable(shapes.signed(examples=["0.001"])), None),
        BodyField("fills", fills, {"type": "array", "items": {"type": "object"}}, ()),
        BodyField("venue_order_id", text, _LABEL, ""),
        *_WHO,
    ),
    {
        "It was canceled": {
            "state": "canceled",
            "filled": "0",
            "by": "alice",
            "why": "ticket 4711: the exchange confirmed the cancel by mail",
        }
    },
)

BALANCE = Body(
    "DeclaredBalance",
    (
        BodyField("currency", text, _LABEL),
        BodyField("amount", signed, shapes.signed(examples=["100"])),
        BodyField("price", optional(amount), shapes.nullable(shapes.amount()), None),
        *_WHO,
    ),
    {"A deposit": {"currency": "USDT", "amount": "100", "by": "alice", "why": "deposit of 2026-11-20"}},
)


DIFFERENCE = Body(
    "AcceptedDifference",
    (
        BodyField("kind", text, {"type": "string", "enum": [kind.value for kind in DifferenceKind]}),
        BodyField("subject", text, _LABEL),
        *_WHO,
    ),
    {
        "A fee by hand": {
            "kind": "balance",
            "subject": "USDT",
            "by": "alice",
            "why": "ticket 4713: a fee of the exchange",
        }
    },
)

SETTLEMENT = Body(
    "OverfillSettlement", _WHO, {"Accepted": {"by": "alice", "why": "ticket 4712: the excess stays in the book"}}
)


@router.post(
    "/orders/{order_id}/resolve",
    response_model=documented(OrderResponse),
    responses=problems(404, 409),
    openapi_extra=EVIDENCE.openapi(),
    summary="End an order on an operator's evidence",
)
@needs(Scope.RISK)
async def resolve_order(request: Request, keyed: Keyed, order_id: OrderId) -> Response:
    """For an order that the exchange no longer decides. Fills count when the exchange's record of them is given."""

    async def act(said: Said, by: str) -> object:
        terms = {name: said[name] for name in ("state", "filled", "fills", "venue_order_id", "why")}
        return await keyed.runtime.executor.resolve_order(order_id, **terms, principal=by)

    return await _on_a_word(request, keyed, "orders/resolve", EVIDENCE, act, order_id=order_id)


@router.post(
    "/executions/{parent_id}/settle",
    response_model=documented(Execution),
    responses=problems(404, 409),
    openapi_extra=SETTLEMENT.openapi(),
    summary="Accept an execution's overfill",
)
@needs(Scope.RISK)
async def settle_execution(request: Request, keyed: Keyed, parent_id: ParentId) -> Response:
    """For one that is over and filled beyond its size, as the exchange told of a fill late. Nothing is reversed."""

    async def act(said: Said, by: str) -> object:
        return execution(await keyed.runtime.parents.settle(parent_id, principal=by, why=said["why"]))

    return await _on_a_word(request, keyed, "executions/settle", SETTLEMENT, act, parent_id=parent_id)


@router.post(
    "/balances/declare",
    response_model=documented(CurrencyBalance),
    responses=problems(409),
    openapi_extra=BALANCE.openapi(),
    summary="Declare an opening balance",
)
@needs(Scope.RISK)
async def declare_balance(request: Request, keyed: Keyed) -> Response:
    """Add an amount, of either sign, that nothing else explains."""

    route = "balances/declare"

    async def act(said: Said, by: str) -> object:
        terms = {name: said[name] for name in ("currency", "amount", "price", "why")}
        return await keyed.runtime.executor.declare_balance(**terms, principal=by, keep=keyed.keeper(route, said))

    return await _on_a_word(request, keyed, route, BALANCE, act, final=lambda _: False)


@router.post(
    "/differences/accept",
    response_model=documented(Difference),
    responses=problems(409),
    openapi_extra=DIFFERENCE.openapi(),
    summary="Accept a difference that stands",
)
@needs(Scope.RISK)
async def accept_difference(request: Request, keyed: Keyed) -> Response:
    """What the exchange has more or less is booked as unexplained, never as a trade, and new risk is open again."""

    async def act(said: Said, by: str) -> object:
        return await keyed.runtime.differences.accept(said["kind"], said["subject"], principal=by, why=said["why"])

    return await _on_a_word(request, keyed, "differences/accept", DIFFERENCE, act)


async def _on_a_word(
    request: Request,
    keyed: Keyed,
    route: str,
    body: Body,
    act: Callable[[Said, str], Awaitable[object]],
    *,
    final: Callable[[object], bool] = lambda _: True,
    **of: str,
) -> Response:
    """Do once what an operator says; what is refused of it stands in the journal. act: gets what was said, and who says
    it through which key. of: what the path names."""
    async with journalled(keyed.runtime, keyed.principal):
        said = {**body.read(await request.body()), **of}
        by = f"operator:{said['by']} ({keyed.principal})"
        return await keyed.once(route, said, lambda: act(said, by), final=final)
