"""The dashboard's page of exports offers each table with the filters that the server takes for it, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from app.domain.exported import TAKES

PAGE = Path(__file__).resolve().parents[3] / "frontend" / "src" / "pages" / "history" / "Exports.svelte"


def test_the_page_asks_for_a_table_by_the_filters_that_it_takes():
    shown = re.findall(r'{ what: "(\w+)",.*?, takes: \[(.*?)\] }', PAGE.read_text("utf-8"))
    assert {what: set(re.findall(r"\w+", takes)) for what, takes in shown} == {
        what.value: set(takes) for what, takes in TAKES.items()
    }
