"""What a type checker is told that OrderParams takes is what it takes."""

from __future__ import annotations

import ast
import inspect
from dataclasses import MISSING, fields
from decimal import Decimal

from app.domain.orders import OrderSide, OrderType, TradeMode
from app.services.trading import OrderParams, order_shapes


def test_the_call_that_type_checkers_are_told_of_has_every_field_with_its_default() -> None:
    tree = ast.parse(inspect.getsource(order_shapes))
    (told,) = (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name == "__init__")
    defaults = [None if each is None else ast.unparse(each) for each in told.args.kw_defaults]
    kept = [(each.name, None if each.default is MISSING else _written(each.default)) for each in fields(OrderParams)]
    assert list(zip([each.arg for each in told.args.kwonlyargs], defaults, strict=True)) == kept
    hints = {each.arg: ast.unparse(each.annotation) for each in told.args.kwonlyargs if each.annotation}
    assert hints["trade_mode"] == "TradeMode | str"
    assert hints["size"] == "Decimal | int | str"


def _written(value: object) -> str:
    return f"{type(value).__name__}.{value.name}" if hasattr(value, "name") else repr(value)  # type: ignore[attr-defined]


def test_words_and_text_are_taken_and_kept_as_what_they_mean() -> None:
    made = OrderParams(
        instrument_id="BTC-USDT", side="BUY", order_type="limit", size="0.10", price=50000, trade_mode="cash"
    )
    assert (made.side, made.order_type, made.trade_mode) == (OrderSide.BUY, OrderType.LIMIT, TradeMode.CASH)
    assert (made.size, made.price) == (Decimal("0.10"), Decimal(50000))
