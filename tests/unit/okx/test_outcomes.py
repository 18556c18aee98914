"""The table of outcomes: everything listed means what it says, everything else is UNKNOWN."""

from __future__ import annotations

import inspect

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.refusals import RefusalClass
from app.exchanges.errors import AccessRefused, ExchangeRefused, ExchangeUnavailable
from app.exchanges.okx import outcomes
from app.exchanges.okx.outcomes import CODES, HTTP_STATUSES, Policy
from app.exchanges.okx.rest import Reply
from app.exchanges.okx.sends import judge
from app.exchanges.okx.transport import AnswerLost, Forbidden, NotSent
from app.exchanges.okx.wire import ActionRow
from app.exchanges.port import Outcome, OutcomeKind

NOTHING_SENT = {
    "InvalidURL",
    "InvalidUrlClientError",
    "ClientConnectorError",
    "ClientConnectorDNSError",
    "ClientConnectorCertificateError",
    "ClientConnectorSSLError",
    "ClientSSLError",
    "UnixClientConnectorError",
    "ConnectionTimeoutError",
}


def exceptions_of_aiohttp() -> list[type[BaseException]]:
    return [
        value
        for name, value in vars(aiohttp).items()
        if inspect.isclass(value) and issubclass(value, BaseException) and not issubclass(value, Warning)
    ]


@pytest.mark.parametrize("kind", exceptions_of_aiohttp(), ids=lambda kind: kind.__name__)
def test_a2_each_exception_of_the_installed_aiohttp(kind: type[BaseException]) -> None:
    error = kind.__new__(kind)
    expected = OutcomeKind.NOT_SENT if kind.__name__ in NOTHING_SENT else OutcomeKind.UNKNOWN
    assert outcomes.of_exception(error).kind is expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NotSent(), OutcomeKind.NOT_SENT),
        (Forbidden(), OutcomeKind.NOT_SENT),
        (AnswerLost(), OutcomeKind.UNKNOWN),
        (TimeoutError(), OutcomeKind.UNKNOWN),
        (OSError(), OutcomeKind.UNKNOWN),
        (ValueError(), OutcomeKind.UNKNOWN),
        (MemoryError(), OutcomeKind.UNKNOWN),
    ],
)
def test_a2_other_exceptions(error: BaseException, expected: OutcomeKind) -> None:
    assert outcomes.of_exception(error).kind is expected


@given(st.text(max_size=8).filter(lambda code: code.partition("_")[0] not in CODES))
def test_a2_what_is_not_listed_is_unknown(code: str) -> None:
    assert outcomes.of_code(code).kind is OutcomeKind.UNKNOWN


@given(st.integers(100, 599).filter(lambda status: status not in HTTP_STATUSES))
def test_a2_statuses_that_are_not_listed_are_unknown(status: int) -> None:
    assert outcomes.of_status(status).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize("code", ["50004", "51149", "51054", "50026", "50013", "50001", "64007", "51016", "50071"])
def test_a1_ambiguous_codes(code: str) -> None:
    assert outcomes.of_code(code).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize("code", ["50011", "50040", "50061", "60014"])
def test_d3_rate_limits_are_definite(code: str) -> None:
    assert outcomes.of_code(code) == outcomes.Verdict(OutcomeKind.REJECTED, Policy.BACK_OFF, RefusalClass.PASSING)


def test_only_zero_is_acceptance() -> None:
    assert [code for code, verdict in CODES.items() if verdict.kind is OutcomeKind.ACCEPTED] == ["0"]
    assert OutcomeKind.NOT_SENT not in {verdict.kind for verdict in CODES.values()}


def every_verdict() -> list[outcomes.Verdict]:
    exceptions = [verdict for _, verdict in outcomes.EXCEPTIONS]
    return [*CODES.values(), *HTTP_STATUSES.values(), *outcomes.OURS.values(), *exceptions, outcomes.UNLISTED]


def test_refusals_have_a_class_and_nothing_else_has() -> None:
    """An UNKNOWN never passes: evidence ends it."""
    for verdict in every_verdict():
        assert (verdict.refusal is not None) is (verdict.kind in (OutcomeKind.REJECTED, OutcomeKind.NOT_SENT)), verdict


def test_an_outcome_that_is_no_refusal_cannot_pass() -> None:
    with pytest.raises(ValueError, match="is no refusal"):
        Outcome(OutcomeKind.UNKNOWN, refusal=RefusalClass.PASSING)
    assert Outcome(OutcomeKind.NOT_SENT).refusal is RefusalClass.PASSING
    assert Outcome(OutcomeKind.REJECTED).refusal is RefusalClass.STANDING


@pytest.mark.parametrize(
    ("codes", "refusal"),
    [
        ("50005 50011 50061 51113 51513 60014", RefusalClass.PASSING),
        ("50036 50037 50102 50112 60004 60006", RefusalClass.PASSING),
        ("51025 51102 51174 51006 51137 51138 51030 54004 60011", RefusalClass.PASSING),
        ("50110 50111 50113 51010 51024 54109 59113", RefusalClass.STANDING),
        ("51008 51131 51004 51169 51001 51022 51027", RefusalClass.STANDING),
        ("51000 50014 51020 51121 51202", RefusalClass.WRONG),
    ],
)
def test_what_a_refusal_is_about(codes: str, refusal: RefusalClass) -> None:
    found = {code: outcomes.of_code(code).refusal for code in codes.split()}
    assert found == dict.fromkeys(codes.split(), refusal)


@pytest.mark.parametrize("code", ["50036", "50037"])
def test_an_expired_request_asks_for_the_time(code: str) -> None:
    assert outcomes.of_code(code).policy is Policy.RESYNC_CLOCK


@pytest.mark.parametrize(
    ("reply", "refusal"),
    [
        (Reply(OutcomeKind.NOT_SENT, "rate_limited"), RefusalClass.PASSING),
        (Reply(None, "51008", rows=[ActionRow(sCode="51008")]), RefusalClass.STANDING),
        (Reply(None, "HTTP 429", status=429), RefusalClass.PASSING),
        (Reply(None, "HTTP 503", status=503), None),
        (Reply(None, "50102", status=401), RefusalClass.PASSING),
        (Reply(None, "50111", status=401), RefusalClass.STANDING),
        (Reply(OutcomeKind.UNKNOWN, "rate_limited"), None),
    ],
)
def test_the_class_goes_out_with_the_outcome(reply: Reply, refusal: RefusalClass | None) -> None:
    outcome, _ = judge(reply, "mine", "")
    assert outcome.refusal is refusal


def test_sub_codes_fall_back_to_their_code() -> None:
    assert outcomes.of_code("51008_1000") == outcomes.of_code("51008") == outcomes.of_code("51008", "1000")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("50111", 401, AccessRefused),
        ("50102", 401, ExchangeUnavailable),
        ("50011", 429, ExchangeUnavailable),
        ("50001", 503, ExchangeUnavailable),
        ("", 503, ExchangeUnavailable),
        ("51001", 200, ExchangeRefused),
        ("51603", 200, ExchangeRefused),
        ("", 403, AccessRefused),
    ],
)
def test_refused_reads_as_exceptions(code: str, status: int, kind: type[Exception]) -> None:
    error = outcomes.read_error(code, "why", outcomes.verdict(code, status))
    assert type(error) is kind


@given(
    code=st.sampled_from(["0", "1", "2", "50011", "x"]),
    rows=st.lists(
        st.builds(
            ActionRow,
            ordId=st.sampled_from([None, "", "7"]),
            clOrdId=st.sampled_from([None, "", "mine", "other"]),
            sCode=st.sampled_from([None, "", "0", "51008", "59998"]),
        ),
        max_size=3,
    ),
)
def test_accepted_means_one_row_of_ours_with_code_zero_and_an_order_id(code: str, rows: list[ActionRow]) -> None:
    outcome, _ = judge(Reply(None, code, "", rows), "mine", "")
    if outcome.kind is OutcomeKind.ACCEPTED:
        fitting = [row for row in rows if row.clOrdId in (None, "", "mine")]
        assert len(fitting) == 1
        assert fitting[0].ordId == outcome.venue_order_id == "7"
        assert (fitting[0].sCode or code) == "0"
