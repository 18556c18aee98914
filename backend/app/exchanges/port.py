"""What an exchange is to the rest of the system: three kinds of sends, the evidence reads, and a listener.

A send has four outcomes and never raises: NOT_SENT (nothing left this process), REJECTED (a definite refusal),
ACCEPTED, UNKNOWN (anything else). UNKNOWN is ended by evidence, never by sending again. What a refusal's code means
only its adapter knows: it says of which class the refusal is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar, runtime_checkable

from app.domain.cash import CashKind
from app.domain.conditions import Condition
from app.domain.instruments import Instrument
from app.domain.market import BookUpdate, PublicTrade, Ticker
from app.domain.orders import Amendment, OrderReport, OrderRequest, PositionKey, PositionSide, TradeMode
from app.domain.refusals import RefusalClass


class OutcomeKind(StrEnum):
    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one send. code and message are the venue's, or name the transport fault.

    refusal: of which class it is, for REJECTED and NOT_SENT and for these alone: an UNKNOWN never passes, evidence ends
    it. Who does not say: what was not sent passes, what was rejected stands until a person has looked.
    """

    kind: OutcomeKind
    venue_order_id: str = ""
    code: str = ""
    message: str = ""
    refusal: RefusalClass | None = None

    def __post_init__(self) -> None:
        usual = _USUAL_REFUSAL.get(self.kind)
        if usual is None and self.refusal is not None:
            raise ValueError(f"an outcome that is {self.kind} is no refusal, and cannot be a {self.refusal} one")
        if usual is not None and self.refusal is None:
            object.__setattr__(self, "refusal", usual)


_USUAL_REFUSAL = {OutcomeKind.NOT_SENT: RefusalClass.PASSING, OutcomeKind.REJECTED: RefusalClass.STANDING}


class CommittedIntent:
    """The right to send one place or amend, made only after its intent is durable, and usable once.

    take() hands the request over and raises RuntimeError the second time: one client order id, at most one send.
    """

    __slots__ = ("_taken", "amendment", "instrument", "request", "venue_order_id")

    def __init__(
        self,
        request: OrderRequest,
        instrument: Instrument,
        amendment: Amendment | None = None,
        venue_order_id: str = "",
    ) -> None:
        self.request = request
        self.instrument = instrument
        self.amendment = amendment
        self.venue_order_id = venue_order_id
        self._taken = False

    def take(self) -> OrderRequest:
        if self._taken:
            raise RuntimeError(f"client order id {self.request.client_order_id} was handed to the wire before")
        self._taken = True
        return self.request


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Cancels may be repeated; either id is enough. waits: what it waits for there, so far as is known; by the first
    id."""

    instrument_id: str
    client_order_id: str = ""
    venue_order_id: str = ""
    waits: Condition | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """One currency of the account. total includes what is reserved by open orders; available does not."""

    currency: str
    total: Decimal
    available: Decimal
    venue_time_ns: int = 0


class BillKind(StrEnum):
    """Why money moved without an execution; the value is the kind of the cash movement that a bill becomes.

    LIQUIDATION: what the insurance fund or a clawback gave or took. MARGIN: between the account and an isolated
    position. OTHER: whatever the venue calls differently; Bill.venue_kind says how.
    """

    FUNDING = CashKind.FUNDING.value
    INTEREST = CashKind.INTEREST.value
    TRANSFER = CashKind.TRANSFER.value
    LIQUIDATION = CashKind.LIQUIDATION.value
    MARGIN = CashKind.MARGIN.value
    LOAN = CashKind.LOAN.value
    CONVERSION = CashKind.CONVERSION.value
    OTHER = CashKind.OTHER.value


@dataclass(frozen=True, slots=True)
class Bill:
    """One change of a currency's balance that no execution explains. amount: positive is received.

    bill_id is the venue's and unique in the account. venue_kind: the kind in the venue's own words.
    """

    bill_id: str
    kind: BillKind
    currency: str
    amount: Decimal
    time_ns: int
    instrument_id: str = ""
    venue_kind: str = ""


@dataclass(frozen=True, slots=True)
class VenuePosition:
    """A contract position as the venue shows it; size is signed (short is negative) in every position mode. trade_mode:
    cross or isolated."""

    instrument_id: str
    position_side: PositionSide
    size: Decimal
    entry_price: Decimal | None
    mark_price: Decimal | None = None
    unrealised_pnl: Decimal | None = None
    margin: Decimal | None = None
    leverage: Decimal | None = None
    liquidation_price: Decimal | None = None
    venue_time_ns: int = 0
    trade_mode: TradeMode = TradeMode.CROSS

    @property
    def key(self) -> PositionKey:
        return PositionKey(self.instrument_id, self.position_side, self.trade_mode)


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """Who we are at the venue. hedged: long and short positions are apart. permissions: as the venue names them.
    buy_fee_in_quote: what a spot buy pays its fee in; normally it is taken from what is bought."""

    uid: str
    environment: str
    hedged: bool
    level: str
    permissions: frozenset[str] = field(default_factory=frozenset[str])
    buy_fee_in_quote: bool = False


@dataclass(frozen=True, slots=True)
class FeeRates:
    """Fractions of notional; positive is paid, negative is a rebate."""

    maker: Decimal
    taker: Decimal


class RowKind(StrEnum):
    """What a row of one of the venue's lists or pushes is about."""

    INSTRUMENT = "instrument"
    BALANCE = "balance"
    POSITION = "position"
    ORDER = "order"
    FILL = "fill"
    BILL = "bill"
    CANDLE = "candle"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that the venue sent and that cannot be read. It is set aside, and its neighbours are not.

    subject: the instrument id, or the currency of a balance or bill; "" when not even that can be read.
    """

    kind: RowKind
    subject: str
    reason: str
    raw: str = ""


Row = TypeVar("Row")


class Listing(list[Row]):
    """What a read lists, with what of it could not be read."""

    def __init__(self, rows: Iterable[Row] = (), unreadable: Iterable[Unreadable] = ()) -> None:
        super().__init__(rows)
        self.unreadable = tuple(unreadable)


def unreadable_of(*listed: Sequence[object]) -> tuple[Unreadable, ...]:
    """What could not be read of some lists."""
    return tuple(row for rows in listed if isinstance(rows, Listing) for row in rows.unreadable)


class Stream(StrEnum):
    """The two kinds of streams that readiness depends on."""

    EXECUTION = "execution"
    MARKET = "market"


class StreamState(StrEnum):
    """UP: logged in, and every subscription acknowledged. DOWN: what happens at the venue is not being heard."""

    UP = "up"
    DOWN = "down"


class Listener(Protocol):
    """Where an exchange delivers; every method is called on the event loop, in the order of arrival, and returns fast.

    Methods must not raise. on_gap asks for a resync of all orders, because a message was lost or could not be read (raw
    holds what could not be read); on_unreadable says the same of one row, whose neighbours were delivered.
    """

    def on_order(self, report: OrderReport) -> None: ...

    def on_balances(self, balances: Sequence[Balance]) -> None: ...

    def on_positions(self, positions: Sequence[VenuePosition]) -> None: ...

    def on_book(self, update: BookUpdate) -> None: ...

    def on_trade(self, trade: PublicTrade) -> None: ...

    def on_instrument(self, instrument: Instrument) -> None: ...

    def on_stream(self, stream: Stream, state: StreamState, reason: str) -> None: ...

    def on_heartbeat(self, stream: Stream) -> None:
        """The stream's connection has just shown that it is alive (a pong, any message)."""
        ...

    def on_gap(self, reason: str, raw: str) -> None: ...

    def on_unreadable(self, row: Unreadable) -> None: ...

    def on_not_followed(self, instrument_id: str, reason: str) -> None:
        """The venue refuses book or trades of an instrument that was followed; it has to be followed anew."""
        ...


class Exchange(Protocol):
    """One account at one venue.

    Reads raise ExchangeError; each has a timeout and a retry budget of its own. start() connects the streams, logs in,
    subscribes the private channels, and returns when they are acknowledged; afterwards the adapter reconnects by
    itself and tells on_stream. Order reads cover `since_ns` to now, oldest first, all pages. Lists are read row by row:
    what cannot be read of one is named by unreadable_of(list), and the rest is given.
    """

    name: str

    async def start(self, listener: Listener) -> None: ...

    async def stop(self) -> None: ...

    async def submit(self, intent: CommittedIntent) -> Outcome: ...

    async def amend(self, intent: CommittedIntent) -> Outcome: ...

    async def cancel(self, request: CancelRequest) -> Outcome: ...

    async def follow(self, instrument_id: str) -> None:
        """Subscribe book and trades of an instrument; returns at once or when the subscription is acknowledged."""
        ...

    async def instruments(self) -> Sequence[Instrument]: ...

    async def account_config(self) -> AccountConfig: ...

    async def balances(self) -> Sequence[Balance]: ...

    async def positions(self) -> Sequence[VenuePosition]: ...

    async def order(
        self, instrument_id: str, *, client_order_id: str = "", venue_order_id: str = ""
    ) -> OrderReport | None: ...

    async def open_orders(self) -> Sequence[OrderReport]: ...

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]: ...

    async def fills(self, since_ns: int, *, instrument_id: str = "", venue_order_id: str = "") -> Sequence[OrderReport]:
        """Executions as reports that carry a fill and ids, nothing else."""
        ...

    async def bills(self, since_ns: int) -> Sequence[Bill]:
        """What moved balances since `since_ns` and is no execution, oldest first, all pages; executions are fills."""
        ...

    async def ticker(self, instrument_id: str) -> Ticker: ...

    async def book(self, instrument_id: str) -> BookUpdate: ...

    async def fee_rates(self, instrument_id: str) -> FeeRates: ...

    async def leverage(self, instrument_id: str, trade_mode: TradeMode) -> Mapping[PositionSide, Decimal]:
        """Of a contract by position side; one entry, NET, where the sides share it."""
        ...

    async def set_leverage(
        self, instrument_id: str, leverage: Decimal, trade_mode: TradeMode, position_side: PositionSide
    ) -> Decimal:
        """Set it, of one side where the sides have their own, else of NET; returns what is in force. Raises as reads
        do, and then it may have been taken or not."""
        ...

    def server_time_ns(self) -> int:
        """The venue's clock now, as last estimated; cheap, for it is asked before every send."""
        ...


@dataclass(frozen=True, slots=True)
class FaultKnob:
    """A fault that a simulated exchange can have. armed: it is to have it, at each chance with `probability` (0 to 1),
    at the chances `at` for sure (counted from 1), at most `times` in all (None: without end). chances, fired: how many
    there were since it was armed, and at how many it came."""

    name: str
    what: str
    armed: bool
    probability: float = 0.0
    at: list[int] = field(default_factory=list[int])
    times: int | None = None
    value: str | None = None
    chances: int = 0
    fired: int = 0


class FaultKnobs(Protocol):
    """What a simulated exchange offers besides, and a real one never. Raises ExchangeError; InvalidValue of what it
    does not take."""

    async def read(self) -> Sequence[FaultKnob]: ...

    async def arm(self, name: str, probability: float, times: int | None, value: str | None) -> None: ...

    async def repair(self, name: str | None) -> None:
        """One, or all."""
        ...


@runtime_checkable
class DeadMansSwitch(Protocol):
    """What an exchange may offer besides: it cancels every order of the account unless it is called again in time."""

    async def cancel_all_after(self, seconds: int) -> None:
        """Arm it for so many seconds from now, 0 disarms. Raises ExchangeError: then it is not known to be armed."""
        ...


@runtime_checkable
class EstimatedClock(Protocol):
    """What an exchange is besides whose server_time_ns is an estimate: what must never be concluded too early asks."""

    async def confirm_server_time(self) -> int:
        """Read the venue's clock anew; how far server_time_ns may be off now, either way, ns. Raises ExchangeError."""
        ...


__all__ = [
    "AccountConfig",
    "Balance",
    "Bill",
    "BillKind",
    "CancelRequest",
    "CommittedIntent",
    "DeadMansSwitch",
    "EstimatedClock",
    "Exchange",
    "FeeRates",
    "Listener",
    "Listing",
    "Outcome",
    "OutcomeKind",
    "RowKind",
    "Stream",
    "StreamState",
    "Unreadable",
    "VenuePosition",
    "unreadable_of",
]
