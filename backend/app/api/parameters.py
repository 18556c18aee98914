"""Query and path parameters: their bounds, and the refusal of any that a route does not know."""

import difflib
import re
from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import Header, Path, Query, Request
from fastapi.dependencies.utils import get_flat_params
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, JsonValue

from app.api.errors import invalid
from app.api.shapes import INSTANT, PRINTABLE, VISIBLE
from app.domain.exported import Exported
from app.domain.market import Bar
from app.domain.orders import OrderSide, OrderStatus, PositionSide, TradeMode
from app.domain.performance import LotMethod, Span
from app.domain.refusals import InvalidValue, Refusal
from app.domain.tca.grouping import Grouping
from app.services.trading.account.ledger import Ledger
from app.services.trading.reports.window import FIRST_INSTANT, LAST_INSTANT
from app.services.trading.schemas import member_of
from app.store.queries import PAGE_MAX

SEQ_MAX = 2**63 - 1
KEY_MAX = 64

E = TypeVar("E", bound=StrEnum)

_TEXT: dict[str, JsonValue] = {"pattern": PRINTABLE}
_INSTANT: dict[str, JsonValue] = {"pattern": INSTANT}


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be printable text")
    return value


def _storable(value: datetime) -> datetime:
    if not FIRST_INSTANT <= value < LAST_INSTANT:
        raise ValueError("must be from 1970 to 2261")
    return value.astimezone(UTC)


def _visible(value: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"must be 1 to {KEY_MAX} visible ASCII characters")
    return value


def _iso(value: object) -> object:
    """Pydantic would take a bare number for seconds since 1970, and a year is what people mean by one."""
    if isinstance(value, str) and not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:", value):
        raise ValueError("must be an ISO 8601 instant with its zone, such as 2024-01-01T00:00:00Z")
    return value


def _member(kind: type[E], value: object) -> E:
    """A filter's word, as everywhere. What it is of is named by whoever answers with the error."""
    try:
        return member_of(kind, "", value)
    except InvalidValue as error:
        raise ValueError(error.refusal.rule) from None


StatusWord = Annotated[OrderStatus, BeforeValidator(partial(_member, OrderStatus))]
SideWord = Annotated[OrderSide, BeforeValidator(partial(_member, OrderSide))]
PositionSideWord = Annotated[PositionSide, BeforeValidator(partial(_member, PositionSide))]
ExportedWord = Annotated[Exported, BeforeValidator(partial(_member, Exported))]
LotMethodWord = Annotated[LotMethod, BeforeValidator(partial(_member, LotMethod))]
SpanWord = Annotated[Span, BeforeValidator(partial(_member, Span))]
GroupingWord = Annotated[Grouping, BeforeValidator(partial(_member, Grouping))]
BarWord = Annotated[Bar, BeforeValidator(partial(_member, Bar))]
TradeModeWord = Annotated[TradeMode, BeforeValidator(partial(_member, TradeMode))]

Instant = Annotated[AwareDatetime, BeforeValidator(_iso), AfterValidator(_storable)]

InstrumentFilter = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=64,
        description="Only this instrument",
        examples=["BTC-USDT"],
        json_schema_extra=_TEXT,
    ),
    AfterValidator(lambda value: value if value is None else _printable(value)),
]
TextFilter = Annotated[
    str | None,
    Query(min_length=1, max_length=64, json_schema_extra=_TEXT),
    AfterValidator(lambda value: value if value is None else _printable(value)),
]
StartDate = Annotated[
    Instant | None,
    Query(
        description="From this instant on (ISO 8601 with zone)",
        examples=["2024-01-01T00:00:00Z"],
        json_schema_extra=_INSTANT,
    ),
]
EndDate = Annotated[
    Instant | None,
    Query(
        description="Before this instant (ISO 8601 with zone)",
        examples=["2030-01-01T00:00:00Z"],
        json_schema_extra=_INSTANT,
    ),
]


def _digits(value: object) -> object:
    """Pydantic would read `1_000`, blanks and the digits of other scripts too."""
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]+", value, re.ASCII):
        raise ValueError("must be a valid integer, in plain digits")
    return value


Whole = Annotated[int, BeforeValidator(_digits)]


def within(least: int, most: int, description: str, *examples: int) -> Any:
    """Of a whole number in a query. A check before pydantic's own hides its bounds from the description: said twice."""
    bounds: dict[str, JsonValue] = {"minimum": least, "maximum": most}
    said = list(examples) or None
    return Query(ge=least, le=most, description=description, examples=said, json_schema_extra=bounds)


Limit = Annotated[Whole, within(1, PAGE_MAX, "The most entries of one page")]
AfterSeq = Annotated[Whole, within(0, SEQ_MAX, "Only events with a higher number")]
Cursor = Annotated[
    str | None, Query(min_length=1, max_length=400, description="next_cursor of the page before", pattern=r"^[\w-]+$")
]
OrderId = Annotated[
    str,
    Path(min_length=1, max_length=64, description="Our order id or the client order id", json_schema_extra=_TEXT),
    AfterValidator(_printable),
]
InstrumentId = Annotated[
    str, Path(min_length=1, max_length=64, examples=["BTC-USDT"], json_schema_extra=_TEXT), AfterValidator(_printable)
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=KEY_MAX,
        description="The same key with the same request gets the same answer, and has an effect once",
        json_schema_extra={"pattern": VISIBLE},
    ),
    AfterValidator(lambda value: value if value is None else _visible(value)),
]


def known_parameters(request: Request) -> None:
    """Refuse a query parameter that the route does not know: a misspelt filter would be no filter, in silence."""
    known = {
        field.alias: field for field in get_flat_params(request.scope["route"].dependant) if _is_query(field.field_info)
    }
    errors: list[Refusal] = []
    for name, count in Counter(name for name, _ in request.query_params.multi_items()).items():
        value = request.query_params[name]
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            errors.append(Refusal("input", name, value, f"unknown parameter{hint}"))
        elif count > 1 and not str(known[name].field_info.annotation).startswith(("list", "collections")):
            errors.append(Refusal("input", name, value, "may come once"))
    if errors:
        raise invalid(errors)


def _is_query(info: object) -> bool:
    return type(info).__name__ == "Query"


def check_instrument(ledger: Ledger, instrument_id: str | None, found: object) -> None:
    """Raise InvalidValue when nothing was found because the instrument does not exist."""
    if instrument_id is None or found or not ledger.instruments or instrument_id in ledger.instruments:
        return
    raise InvalidValue("instrument_id", instrument_id, "is not an instrument of this exchange")
