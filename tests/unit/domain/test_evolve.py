"""A value that is made in one step is what dataclass(frozen=True) makes, but for its speed."""

import inspect
from dataclasses import KW_ONLY, FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from app.domain.evolve import evolve, frozen
from app.domain.orders import Fill, Order, OrderReport, OrderRequest
from app.services.trading.risk_checks import Candidate
from app.services.trading.schemas import OrderResponse


class _Shape:
    name: str
    size: int = 1
    tags: list[str] = field(default_factory=list[str])
    _: KW_ONLY
    price: int
    note: str = ""


SLOW: Any = dataclass(frozen=True)(type("Shape", (_Shape,), dict(_Shape.__dict__)))
QUICK: Any = frozen(type("Shape", (_Shape,), dict(_Shape.__dict__)))


def test_the_same_is_made_of_what_is_given_and_of_defaults() -> None:
    for given in (("a",), ("a", 2), ("a", 2, ["x"])):
        assert vars(QUICK(*given, price=3)) == vars(SLOW(*given, price=3))
    assert list(vars(QUICK(note="n", price=3, name="a"))) == [each.name for each in fields(QUICK)]
    assert QUICK("a", price=3) == QUICK("a", price=3) != QUICK("a", price=4)
    assert replace(QUICK("a", price=3), size=5) == evolve(QUICK("a", price=3), size=5) == QUICK("a", 5, price=3)


def test_a_default_that_is_made_is_made_anew_for_each() -> None:
    assert QUICK("a", price=3).tags is not QUICK("a", price=3).tags


@pytest.mark.parametrize(
    ("args", "named"),
    [
        ((), {"price": 3}),
        (("a",), {}),
        (("a",), {"price": 3, "prize": 4}),
        (("a", 1, [], 3), {}),
        (("a",), {"name": "b"}),
    ],
)
def test_what_no_field_is_made_of_is_refused_in_the_same_words(args: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError) as slow:
        SLOW(*args, **named)
    with pytest.raises(TypeError) as quick:
        QUICK(*args, **named)
    assert str(quick.value) == str(slow.value)


@pytest.mark.parametrize("kind", [Candidate, Fill, Order, OrderReport, OrderRequest, OrderResponse, QUICK])
def test_no_field_is_set_later_and_each_is_taken_by_its_name(kind: Any) -> None:
    assert list(inspect.signature(kind).parameters) == [each.name for each in fields(kind)]
    made = object.__new__(kind)
    for each in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(made, each.name, None)


def test_a_copy_with_a_field_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(TypeError, match="has no field prize"):
        evolve(QUICK("a", price=3), prize=4)
