"""The one table of what an answer, or its absence, means for a send and what may be done next.

Rows: exceptions of the transport, HTTP statuses without a readable body, OKX's code, sCode and subCode, and our own
limiter's word. What is not in the table is UNKNOWN: an order may be live, and only the venue's evidence says so. A
refusal's class (passing, standing, wrong) goes on with the order; nobody else reads codes. Sources: OKX v5 error codes
(2026) and the place-order page on uniqueness of client order ids.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import aiohttp

from app.domain.refusals import RefusalClass
from app.exchanges.errors import AccessRefused, ExchangeError, ExchangeRefused, ExchangeUnavailable
from app.exchanges.okx.transport import AnswerLost, Forbidden, KeysMissing, NotSent
from app.exchanges.port import Outcome, OutcomeKind


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
    """refusal: for REJECTED and NOT_SENT, and for these alone; an UNKNOWN is ended by evidence and by nothing else."""

    kind: OutcomeKind
    policy: Policy
    refusal: RefusalClass | None = None


_PASSING, _STANDING, _FAULTY = RefusalClass.PASSING, RefusalClass.STANDING, RefusalClass.WRONG
UNLISTED = Verdict(OutcomeKind.UNKNOWN, Policy.ASK)
_ACCEPTED = Verdict(OutcomeKind.ACCEPTED, Policy.PROCEED)
_AMBIGUOUS = Verdict(OutcomeKind.UNKNOWN, Policy.ASK)
_BUSY = Verdict(OutcomeKind.UNKNOWN, Policy.BACK_OFF)
_TOO_LATE = Verdict(OutcomeKind.REJECTED, Policy.ASK, _FAULTY)
_LIMITED = Verdict(OutcomeKind.REJECTED, Policy.BACK_OFF, _PASSING)
_FULL = Verdict(OutcomeKind.REJECTED, Policy.CORRECT, _PASSING)
_SKEWED = Verdict(OutcomeKind.REJECTED, Policy.RESYNC_CLOCK, _PASSING)
_PRICE = Verdict(OutcomeKind.REJECTED, Policy.REPRICE, _PASSING)
_WRONG = Verdict(OutcomeKind.REJECTED, Policy.CORRECT, _FAULTY)
_PASSED = Verdict(OutcomeKind.REJECTED, Policy.REPRICE, _FAULTY)
_HOLDING = Verdict(OutcomeKind.REJECTED, Policy.CORRECT, _STANDING)
_SETTLING = Verdict(OutcomeKind.REJECTED, Policy.WAIT_FOR_INSTRUMENT, _PASSING)
_INSTRUMENT = Verdict(OutcomeKind.REJECTED, Policy.WAIT_FOR_INSTRUMENT, _STANDING)
_STOP = Verdict(OutcomeKind.REJECTED, Policy.STOP, _STANDING)


def _rows(verdict: Verdict, codes: str) -> dict[str, Verdict]:
    return dict.fromkeys(codes.split(), verdict)


CODES: Mapping[str, Verdict] = MappingProxyType(
    {
        "0": _ACCEPTED,
        # Executed or not: OKX itself says that these do not tell.
        **_rows(_AMBIGUOUS, "50004 51054 51149 50026 51412 64007"),
        **_rows(_BUSY, "50001 50013"),
        # A live order has this client order id: an earlier attempt of ours, or a clash. Evidence decides.
        **_rows(_AMBIGUOUS, "51016 50071 51065 51068"),
        # Rate limits and an API that is offline: told before anything is executed.
        **_rows(_LIMITED, "50005 50011 50040 50061 51113 51513 60014"),
        # Too many orders are open, of the account, the instrument or its family; they end. 51109 to 51508: an auction
        # or a book without offers. 54004: another order of our batch was refused, and took this one with it.
        **_rows(_FULL, "51025 51174 51102 51103 51104 51117 51109 51110 51124 51260 51261 51299 51508 54004"),
        # The clock: expTime was over on arrival, or the signature's time or the login's is too far off.
        **_rows(_SKEWED, "50036 50037 50102 50112 60004 60006"),
        # The connection has lost its login; it logs in again, or readiness ends.
        "60011": Verdict(OutcomeKind.REJECTED, Policy.STOP, _PASSING),
        **_rows(
            _STOP,
            "50007 50008 50009 50012 50017 50018 50019 50020 50021 50022 50023 50027 50028 50029 50030 50032 50033 "
            "50100 50101 50103 50104 50105 50106 50107 50108 50109 50110 50111 50113 50114 50119 50120 50121 51009 "
            "51010 51024 51128 51155 50072 54109 59113 60005 60007 60009 60024 60032",
        ),
        **_rows(
            _WRONG,
            "50000 50002 50006 50010 50014 50015 50016 50024 50025 51000 51003 51015 51019 51026 51111 51130 51133 "
            "51139 51506 51512 51514 54036 54084 54085 60012 60013 60018 60019 60028",
        ),
        # Sizes, lots, notional and caps of one order.
        **_rows(_WRONG, "51005 51020 51101 51105 51106 51120 51121 51150 51185 51201 51202 51203 51205"),
        # Algo orders: their words, their size, their callback; exits that come with an order on its wrong side.
        **_rows(
            _WRONG,
            "51044 51046 51047 51048 51049 51100 51175 51176 51178 51250 51252 51257 51275 51276 51281 51298 51311 "
            "51312 51317 51327 51328 51329 51330 51331 51332 51333 51415 51500",
        ),
        # A trigger that the market has passed already, or will pass from the wrong side.
        **_rows(_PASSED, "51258 51259 51277 51278 51279 51280 51300 51302 51303 51304 51305 51306 51307 51308"),
        # What the account holds already, or does not hold: position tiers, reducing what is not there, money.
        **_rows(
            _HOLDING,
            "51004 51017 51018 51023 51058 51088 51107 51108 51112 51115 51125 51126 51129 51132 51134 51169 51170",
        ),
        **_rows(_HOLDING, "51008 51119 51127 51131 51147 51502"),
        **_rows(_PRICE, "51006 51116 51122 51135 51136 51137 51138 51511"),
        # 51028 and 51030: delivery and funding are being settled, which takes minutes.
        **_rows(_SETTLING, "51028 51029 51030"),
        **_rows(_INSTRUMENT, "51001 51021 51022 51027"),
        # Filled, canceled or never there: three opposite meanings, so a question and not an answer.
        **_rows(_TOO_LATE, "51400 51401 51402 51410 51416 51503 51603"),
    }
)

RATE_LIMITED = "rate_limited"
INVALID_REQUEST = "invalid_request"
OURS: Mapping[str, Verdict] = MappingProxyType(
    {
        RATE_LIMITED: Verdict(OutcomeKind.NOT_SENT, Policy.PROCEED, _PASSING),
        INVALID_REQUEST: Verdict(OutcomeKind.NOT_SENT, Policy.CORRECT, _FAULTY),
    }
)
"""The adapter's own words for what it did not send; no answer of OKX's is looked up here."""

HTTP_STATUSES: Mapping[int, Verdict] = MappingProxyType(
    {
        401: _STOP,
        403: _STOP,
        404: Verdict(OutcomeKind.REJECTED, Policy.CORRECT, _STANDING),
        413: _WRONG,
        415: _WRONG,
        429: _LIMITED,
        502: _BUSY,
        503: _BUSY,
        504: _BUSY,
    }
)
"""For answers whose body names no code. 400 is not here: OKX's ambiguous 50004 comes as a 400."""

_NOT_SENT = Verdict(OutcomeKind.NOT_SENT, Policy.ASK, _PASSING)
_MISCONFIGURED = Verdict(OutcomeKind.NOT_SENT, Policy.STOP, _STANDING)
# The first row that matches counts, so subclasses stand before their bases.
EXCEPTIONS: tuple[tuple[type[BaseException], Verdict], ...] = (
    (KeysMissing, _MISCONFIGURED),
    (NotSent, _NOT_SENT),
    (Forbidden, _MISCONFIGURED),
    (AnswerLost, _AMBIGUOUS),
    # Redirects are off; should one be followed all the same, the request had gone out before.
    (aiohttp.InvalidUrlRedirectClientError, _AMBIGUOUS),
    (aiohttp.InvalidURL, _MISCONFIGURED),
    (aiohttp.ClientProxyConnectionError, _AMBIGUOUS),
    # Name resolution, refusal and the TLS handshake come before the first byte of a request.
    (aiohttp.ClientConnectorError, _NOT_SENT),
    (aiohttp.ConnectionTimeoutError, _NOT_SENT),
    (aiohttp.ServerDisconnectedError, _AMBIGUOUS),
    (aiohttp.ClientOSError, _AMBIGUOUS),
    (aiohttp.ServerTimeoutError, _AMBIGUOUS),
    (aiohttp.ClientPayloadError, _AMBIGUOUS),
    (aiohttp.ClientResponseError, _AMBIGUOUS),
    (aiohttp.ClientError, _AMBIGUOUS),
    (TimeoutError, _AMBIGUOUS),
    (asyncio.CancelledError, _AMBIGUOUS),
    (OSError, _AMBIGUOUS),
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


def of_exception(error: BaseException) -> Verdict:
    """NOT_SENT only where it is certain that nothing of the request left this process."""
    for kind, verdict in EXCEPTIONS:
        if isinstance(error, kind):
            return verdict
    return UNLISTED


def not_sent(code: str, message: str) -> Outcome:
    """The outcome of what the adapter itself did not send; code: one of OURS."""
    return Outcome(OutcomeKind.NOT_SENT, code=code, message=message, refusal=OURS[code].refusal)


RETRY_READS = frozenset({Policy.BACK_OFF, Policy.RESYNC_CLOCK})


ADVICE: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("50111", "50119", "60005", "60032"), "look at OKX_API_KEY, and at which environment it is of"),
        **dict.fromkeys(("50113", "60007"), "look at OKX_SECRET_KEY"),
        **dict.fromkeys(("50105", "60024"), "look at OKX_PASSPHRASE"),
        **dict.fromkeys(("50110", "60022"), "the key is bound to other addresses than this machine's"),
        "50101": "the key is of the other environment: look at TRADING_EXECUTOR_ENVIRONMENT (demo or live)",
        "50120": "the key lacks a permission that this needs; trading needs Read and Trade",
    }
)
"""Which setting is at fault when access is refused."""


def access_refused(code: str, message: str) -> AccessRefused:
    """The refusal with the setting to look at, where the code tells it."""
    return AccessRefused(code, f"{message}; {ADVICE[code]}" if code in ADVICE else message)


def read_error(code: str, message: str, verdict: Verdict) -> ExchangeError:
    """The exception for a refused read: reads that may be tried again are ExchangeUnavailable."""
    if verdict.policy is Policy.STOP:
        return access_refused(code, message)
    if verdict.policy in RETRY_READS or verdict.kind is OutcomeKind.UNKNOWN:
        return ExchangeUnavailable(f"exchange cannot answer now: code {code}: {message}")
    return ExchangeRefused(code, message)
