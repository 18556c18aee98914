"""A row as an event tells it has every column of its table, of its type; what older events do not tell is None."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy import BigInteger, Boolean, Integer, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.journal.findings import Findings
from app.journal.told_rows import compare_row, told_row
from app.models.types import Money


class Base(DeclarativeBase):
    pass


class Told(Base):
    __tablename__ = "told"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    note: Mapped[str | None] = mapped_column(Text)
    step: Mapped[int] = mapped_column(Integer)
    open: Mapped[bool] = mapped_column(Boolean)


WHOLE = {"number": 1, "amount": "0.10", "note": "n", "step": 2, "open": True}
read = told_row(Told, "account")


def payload(without: str = "", **changes: Any) -> str:
    content = {name: value for name, value in (WHOLE | changes).items() if name != without}
    return msgspec.json.encode(content).decode()


def test_every_column_is_read_as_its_type() -> None:
    assert read(payload(of_tomorrow=1)) == {**WHOLE, "amount": Decimal("0.10")}
    assert read(payload("note"))["note"] is None


@pytest.mark.parametrize("name", ["number", "amount", "step", "open"])
def test_a_column_that_is_not_told_is_found(name: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=f"missing required field `{name}`"):
        read(payload(name))
    assert told_row(Told, "account", later=(name,))(payload(name))[name] is None


@pytest.mark.parametrize("wrong", [{"amount": "x"}, {"number": "1"}, {"open": 1}, {"note": 5}, {"step": None}])
def test_a_value_of_another_type_is_found(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(payload(**wrong))


@pytest.mark.parametrize(
    ("name", "value"), [("number", 2), ("amount", Decimal("0.2")), ("note", None), ("step", 3), ("open", False)]
)
def test_every_column_is_compared(name: str, value: object) -> None:
    findings, row = Findings(), {**read(payload()), "account": "main"}
    compare_row(findings, "P4", "told 1", row, read(payload()))
    assert findings.found == []
    compare_row(findings, "P4", "told 1", row | {name: value}, read(payload()), "open" if name != "open" else "step")
    assert [(f.rule, f.subject) for f in findings.found] == [("P4", "told 1")]
    assert findings.found[0].text.startswith(name)


def test_text_is_compared_as_it_can_be_stored() -> None:
    findings = Findings()
    compare_row(findings, "P4", "told 1", {"note": "a\ufffd"}, {"note": "a\x00"})
    assert findings.found == []
