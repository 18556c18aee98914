"""Orders out of the journal: an event of another release has the hash that it was written with, whatever it says."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from app.domain.events import Event, EventKind
from app.domain.orders import Order, OrderReport, Source
from app.journal.codec import content_hash, encode
from app.journal.order_fold import UnfoldableEvent, fold_order
from tests.support import store

FEWER = ("expires_ns", "external", "reference_price")


def request_of(*without: str, **more: object) -> str:
    known = msgspec.json.decode(encode(store.request(1)), type=dict[str, msgspec.Raw])
    return encode({name: value for name, value in known.items() if name not in without} | more)


def intent(request: str, hashed: str) -> Event:
    payload = f'{{"request":{request},"hash":"{hashed}","risk":{{"verdict":"pass"}}}}'
    return store.event(1, EventKind.ORDER_INTENT.value, payload, order_id="order-000001")


@pytest.mark.parametrize("request_text", [request_of(*FEWER), request_of(), request_of(of_tomorrow="1")])
def test_a_request_of_another_release_keeps_its_hash(request_text: str) -> None:
    folded = fold_order([intent(request_text, content_hash(request_text))])
    assert folded.order is not None
    assert (folded.order.request, folded.hashed) == (store.request(1), content_hash(request_text))


def test_an_adopted_request_of_another_release_keeps_its_hash() -> None:
    text = request_of(*FEWER)
    folded = fold_order([store.event(1, EventKind.ORDER_ADOPTED.value, f'{{"request":{text}}}')])
    assert folded.hashed == content_hash(text)


@pytest.mark.parametrize("changed", [{"size": "5"}, {"side": "sell"}, {"of_tomorrow": "2"}])
def test_a_request_that_was_changed_does_not_have_its_hash(changed: dict[str, object]) -> None:
    with pytest.raises(UnfoldableEvent, match="its hash is not that of its request"):
        fold_order([intent(request_of(**changed), content_hash(request_of()))])


def answered(kind: str, payload: str) -> Order:
    text = request_of()
    events = [intent(text, content_hash(text)), store.event(2, kind, payload, order_id="order-000001")]
    found = fold_order(events).order
    assert found is not None
    return found


REASON = '[{"check":"readiness","field":"stream","value":"down","rule":"is not up"}]'


@pytest.mark.parametrize(
    ("kind", "payload", "shown"),
    [
        ("order.rejected", '{"outcome":"not_sent","code":"","message":"closed","sent_ns":7}', ("rejected", "not_sent")),
        ("order.rejected", f'{{"code":"readiness","sent":false,"reasons":{REASON}}}', ("denied", "readiness")),
        ("order.not_sent", '{"outcome":"not_sent","code":"","message":"closed"}', ("not_sent", "not_sent")),
        ("order.not_sent", f'{{"code":"readiness","reasons":{REASON}}}', ("not_sent", "readiness")),
        ("order.rejected", '{"outcome":"rejected","code":"51008","sent_ns":7}', ("rejected", "51008")),
    ],
)  # fmt: skip
def test_what_was_not_sent_keeps_what_its_release_said_of_it(kind: str, payload: str, shown: tuple[str, str]) -> None:
    order = answered(kind, payload)
    assert (order.status.value, order.error_code, order.settled) == (*shown, True)
    assert order.sent_ns == (7 if "51008" in payload else None)


def test_a_report_that_was_news_to_a_start_alone_moves_the_order_s_stamp() -> None:
    """A fill's row keeps the word that it was first told with; each start hears the later one as news and writes it."""
    text = request_of()
    order = fold_order([intent(text, content_hash(text))]).order
    assert order is not None
    fill = replace(store.fill(order, 1, "0.001"), category="full_liquidation")
    told = [
        OrderReport(fill.instrument_id, Source.SNAPSHOT, venue_order_id=fill.venue_order_id, fill=each, read=number)
        for number, each in enumerate((fill, *[replace(fill, category="partial_liquidation")] * 2), start=1)
    ]
    events = [intent(text, content_hash(text))]
    events += [
        store.event(seq, "order.report", encode(each), order_id="order-000001") for seq, each in enumerate(told, 2)
    ]
    found = fold_order(events).order
    assert found is not None
    assert found.updated_ns == events[-1].at_ns > events[-2].at_ns
