"""Rows for files of other programs."""

from __future__ import annotations

import pytest

from app.domain.exported import Kind, no_formula


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("@SUM(1+1)", "'@SUM(1+1)"),
        ("+HYPERLINK(1)", "'+HYPERLINK(1)"),
        ("-1+1", "'-1+1"),
        ("\t=1", "'\t=1"),
        ("-17", "-17"),
        ("mean=1", "mean=1"),
        ("", ""),
        (None, None),
    ],
)
def test_a_label_that_a_spreadsheet_would_calculate_is_text(text: str | None, told: str | None) -> None:
    row = {"label": text, "gain": "-1.5", "beyond": 1}
    assert no_formula(row, {"label": Kind.TEXT, "gain": Kind.MONEY}) == {"label": told, "gain": "-1.5"}
