"""The one table of what an answer, or its absence, means for a send and what may be done next.

Rows: exceptions of the transport, HTTP statuses without a readable body, and OKX's code, sCode and subCode. What is
not in the table is UNKNOWN: an order may be live, and only the venue's evidence says so. Sources: OKX v5 error codes
(2026) and the place-order page on uniqueness of client order ids.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import aiohttp

from app.exchanges.errors import AccessRefused, ExchangeError, ExchangeRefused, ExchangeUnavailable
from app.exchanges.okx.transport import AnswerLost, Forbidden, NotSent
from app.exchanges.port import OutcomeKind


class Operation(StrEnum):
    PLACE = "place"
    AMEND = "amend"
    CANCEL = "cancel"


class Policy(StrEnum):
    """What is sensible next. PROCEED: nothing. ASK: read the order before anything else."""

    PROCEED = "proceed"
    ASK = "ask"
    BACK_OFF = "back_off"
    RESYNC_CLOCK = "resync_clock"
    REPRICE = "reprice"
    CORRECT = "correct"
    WAIT_FOR_INSTRUMENT = "wait_for_instrument"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: OutcomeKind
    policy: Policy


UNLISTED = Verdict(OutcomeKind.UNKNOWN, Policy.ASK)
_ACCEPTED = Verdict(OutcomeKind.ACCEPTED, Policy.PROCEED)
_AMBIGUOUS = Verdict(OutcomeKind.UNKNOWN, Policy.ASK)
_BUSY = Verdict(OutcomeKind.UNKNOWN, Policy.BACK_OFF)
_TOO_LATE = Verdict(OutcomeKind.REJECTED, Policy.ASK)
_LIMITED = Verdict(OutcomeKind.REJECTED, Policy.BACK_OFF)
_SKEWED = Verdict(OutcomeKind.REJECTED, Policy.RESYNC_CLOCK)
_PRICE = Verdict(OutcomeKind.REJECTED, Policy.REPRICE)
_WRONG = Verdict(OutcomeKind.REJECTED, Policy.CORRECT)
_INSTRUMENT = Verdict(OutcomeKind.REJECTED, Policy.WAIT_FOR_INSTRUMENT)
_STOP = Verdict(OutcomeKind.REJECTED, Policy.STOP)


def _rows(verdict: Verdict, codes: str) -> dict[str, Verdict]:
    return dict.fromkeys(codes.split(), verdict)


CODES: Mapping[str, Verdict] = MappingProxyType(
    {
        "0": _ACCEPTED,
        # Executed or not: OKX itself says that these do not tell.
        **_rows(_AMBIGUOUS, "50004 51054 51149 50026 51412 64007"),
        **_rows(_BUSY, "50001 50013"),
        # A live order has this client order id: an earlier attempt of ours, or a clash. Evidence decides.
        **_rows(_AMBIGUOUS, "51016 50071"),
        # Rate limits are checked before anything is executed.
        **_rows(_LIMITED, "50005 50011 50040 50061 51113 51513 60014 51025 51174 51102"),
        # About the clock: expTime was over on arrival, or the signature's time is not the venue's.
        **_rows(_SKEWED, "50036 50037 50102 50112 60004 60006"),
        **_rows(
            _STOP,
            "50007 50009 50012 50017 50018 50019 50020 50021 50022 50023 50027 50028 50029 50030 50100 50101 50103 "
            "50104 50105 50106 50107 50108 50109 50110 50111 50113 50114 50119 50120 50121 51009 51010 51024 51155 "
            "50072 54109 59113 60005 60007 60009 60011 60024 60032",
        ),
        **_rows(
            _WRONG,
            "50000 50002 50006 50014 50015 50016 50024 50025 51000 51003 51019 51512 51506 51508 51514 54004 54036 "
            "54084 54085 60012 60013 60018 60019 60028",
        ),
        # Sizes, lots, notional and caps.
        **_rows(
            _WRONG,
            "51004 51005 51020 51101 51103 51104 51105 51106 51107 51112 51120 51121 51150 51169 51170 51185 51201 "
            "51202 51203 51205",
        ),
        **_rows(_PRICE, "51006 51116 51122 51135 51136 51137 51138 51511"),
        # Money.
        **_rows(_WRONG, "51008 51119 51127 51131 51502"),
        **_rows(_INSTRUMENT, "51001 51015 51021 51022 51027 51028 51029 51030"),
        # Filled, canceled or never there: three opposite meanings, so a question and not an answer.
        **_rows(_TOO_LATE, "51400 51401 51402 51410 51503 51603"),
    }
)

HTTP_STATUSES: Mapping[int, Verdict] = MappingProxyType(
    {401: _STOP, 403: _STOP, 404: _WRONG, 413: _WRONG, 415: _WRONG, 429: _LIMITED, 502: _BUSY, 503: _BUSY, 504: _BUSY}
)
"""For answers whose body names no code. 400 is not here: OKX's ambiguous 50004 comes as a 400."""

# The first row that matches counts, so subclasses stand before their bases.
EXCEPTIONS: tuple[tuple[type[BaseException], OutcomeKind], ...] = (
    (NotSent, OutcomeKind.NOT_SENT),
    (Forbidden, OutcomeKind.NOT_SENT),
    (AnswerLost, OutcomeKind.UNKNOWN),
    # Redirects are off; should one be followed all the same, the request had gone out before.
    (aiohttp.InvalidUrlRedirectClientError, OutcomeKind.UNKNOWN),
    (aiohttp.InvalidURL, OutcomeKind.NOT_SENT),
    (aiohttp.ClientProxyConnectionError, OutcomeKind.UNKNOWN),
    # Name resolution, refusal and the TLS handshake come before the first byte of a request.
    (aiohttp.ClientConnectorError, OutcomeKind.NOT_SENT),
    (aiohttp.ConnectionTimeoutError, OutcomeKind.NOT_SENT),
    (aiohttp.ServerDisconnectedError, OutcomeKind.UNKNOWN),
    (aiohttp.ClientOSError, OutcomeKind.UNKNOWN),
    (aiohttp.ServerTimeoutError, OutcomeKind.UNKNOWN),
    (aiohttp.ClientPayloadError, OutcomeKind.UNKNOWN),
    (aiohttp.ClientResponseError, OutcomeKind.UNKNOWN),
    (aiohttp.ClientError, OutcomeKind.UNKNOWN),
    (TimeoutError, OutcomeKind.UNKNOWN),
    (asyncio.CancelledError, OutcomeKind.UNKNOWN),
    (OSError, OutcomeKind.UNKNOWN),
)


def of_code(code: str, sub_code: str = "") -> Verdict:
    """The verdict on one code. OKX's pages write a refined code as 51008_1000; the refinement is looked up first."""
    base, _, refinement = code.partition("_")
    refinement = refinement or sub_code
    if refinement and (found := CODES.get(f"{base}_{refinement}")):
        return found
    return CODES.get(base, UNLISTED)


def of_status(status: int) -> Verdict:
    return HTTP_STATUSES.get(status, UNLISTED)


def verdict(code: str, status: int) -> Verdict:
    """Code and HTTP status together: a listed code says more than the status."""
    return CODES.get(code) or of_status(status)


def of_exception(error: BaseException) -> OutcomeKind:
    """NOT_SENT only where it is certain that nothing of the request left this process."""
    for kind, outcome in EXCEPTIONS:
        if isinstance(error, kind):
            return outcome
    return OutcomeKind.UNKNOWN


RETRY_READS = frozenset({Policy.BACK_OFF, Policy.RESYNC_CLOCK})


def read_error(code: str, message: str, verdict: Verdict) -> ExchangeError:
    """The exception for a refused read: reads that may be tried again are ExchangeUnavailable."""
    if verdict.policy is Policy.STOP:
        return AccessRefused(code, message)
    if verdict.policy in RETRY_READS or verdict.kind is OutcomeKind.UNKNOWN:
        return ExchangeUnavailable(f"exchange cannot answer now: code {code}: {message}")
    return ExchangeRefused(code, message)
