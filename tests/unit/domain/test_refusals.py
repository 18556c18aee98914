"""A refusal goes from process to process as it is."""

from __future__ import annotations

import pickle

from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.errors import ParentRefused


def test_an_invalid_value_and_what_derives_from_it_survive_the_way_to_another_process():
    plain = pickle.loads(pickle.dumps(InvalidValue("size", "x", "must be a number", check="order")))
    assert (str(plain), plain.refusal) == (
        "size=x: must be a number",
        Refusal("order", "size", "x", "must be a number"),
    )
    two = (Refusal("risk", "size", "9", "too large"), Refusal("risk", "price", "1", "too low"))
    refused = pickle.loads(pickle.dumps(ParentRefused(two, passing=True)))
    assert (str(refused), refused.reasons, refused.passing) == ("size=9: too large", two, True)
