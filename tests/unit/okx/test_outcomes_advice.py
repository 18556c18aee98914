"""A refused key says which setting is at fault, over REST and over the login of a stream."""

from __future__ import annotations

import pytest

from app.exchanges.errors import AccessRefused
from app.exchanges.okx import link, outcomes


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        ("50111", "OKX_API_KEY"),
        ("50113", "OKX_SECRET_KEY"),
        ("50105", "OKX_PASSPHRASE"),
        ("50101", "TRADING_EXECUTOR_ENVIRONMENT"),
        ("60005", "OKX_API_KEY"),
        ("60007", "OKX_SECRET_KEY"),
        ("60024", "OKX_PASSPHRASE"),
    ],
)
def test_a_wrong_secret_names_the_setting_to_look_at(code: str, setting: str) -> None:
    if code.startswith("5"):
        error = outcomes.read_error(code, "Invalid", outcomes.of_code(code))
    else:
        error = link._refusal(code, "Invalid")
    assert isinstance(error, AccessRefused)
    assert (error.code, setting in str(error)) == (code, True)
