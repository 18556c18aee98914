"""The table of outcomes: everything listed means what it says, everything else is UNKNOWN."""

from __future__ import annotations

import inspect

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchanges.errors import AccessRefused, ExchangeRefused, ExchangeUnavailable
from app.exchanges.okx import outcomes
from app.exchanges.okx.outcomes import CODES, HTTP_STATUSES, Policy
from app.exchanges.okx.rest import Reply
from app.exchanges.okx.sends import judge
from app.exchanges.okx.transport import AnswerLost, Forbidden, NotSent
from app.exchanges.okx.wire import ActionRow
from app.exchanges.port import OutcomeKind

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
    assert outcomes.of_exception(error) is expected


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
    assert outcomes.of_exception(error) is expected


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
    assert outcomes.of_code(code) == outcomes.Verdict(OutcomeKind.REJECTED, Policy.BACK_OFF)


def test_only_zero_is_acceptance() -> None:
    assert [code for code, verdict in CODES.items() if verdict.kind is OutcomeKind.ACCEPTED] == ["0"]
    assert OutcomeKind.NOT_SENT not in {verdict.kind for verdict in CODES.values()}


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
