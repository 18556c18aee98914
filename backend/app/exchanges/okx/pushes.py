"""What OKX pushes, row by row, to the listener: one unreadable row never takes its neighbours with it."""

from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from app.domain.market import BookAction
from app.domain.orders import Source
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, market_rows, rows, wire
from app.exchanges.okx.books import Books
from app.exchanges.okx.catalogue import Catalogue
from app.exchanges.okx.config import OkxConfig
from app.exchanges.okx.kinds import Kinds
from app.exchanges.okx.link import Link, Subscription, subscription
from app.exchanges.port import Listener, RowKind

RECENT_TRADES = 2_000
REASON_LENGTH_MAX = 500
RAW_LENGTH_MAX = 4096

ROW_KINDS: Mapping[str, RowKind] = MappingProxyType(
    {
        "orders": RowKind.ORDER,
        "account": RowKind.BALANCE,
        "positions": RowKind.POSITION,
        "instruments": RowKind.INSTRUMENT,
    }
)
"""The channels whose rows money depends on."""

Renew = Callable[[Subscription, Link], None]
Watched = Callable[[wire.Argument], Callable[[msgspec.Raw], None] | None]
"""What takes the rows of a channel that a caller follows besides, None for any other."""


def trade_channel(instrument_id: str) -> Subscription:
    return subscription("trades", instId=instrument_id)


class Pushes:
    """Decodes pushes of all streams. renew: asks for a channel's snapshot anew."""

    def __init__(
        self,
        listener: Listener,
        catalogue: Catalogue,
        renew: Renew,
        config: OkxConfig,
        watched: Watched = lambda argument: None,
    ) -> None:
        self._watched = watched
        self._book_channel = config.book_channel
        self._kinds = Kinds(config.instrument_types, catalogue)
        self._swaps = Kinds(("SWAP",), catalogue)
        self._listener = listener
        self._catalogue = catalogue
        self._renew = renew
        self.books = Books()
        self._recent: deque[tuple[str, str]] = deque()
        self._recent_set: set[tuple[str, str]] = set()
        self._handlers: dict[str, Callable[[Link, wire.Message, msgspec.Raw], None]] = {
            "orders": self._order,
            "account": self._balances,
            "positions": self._position,
            "trades": self._trade,
            "instruments": self._instrument,
        }

    def book_channel(self, instrument_id: str) -> Subscription:
        return subscription(self._book_channel, instId=instrument_id)

    def take(self, link: Link, message: wire.Message, raw: str) -> None:
        assert message.arg is not None, "a push names its channel"
        channel = message.arg.channel
        try:
            raws = wire.raw_rows(message.data)
        except ProtocolError as error:
            self._unreadable(link, message, f"{channel}: {error}", error.raw)
            return
        if channel == self._book_channel:
            for row in raws:
                self._book(link, message, row)
            return
        handler = self._handlers.get(channel) or self._watcher(message.arg)
        if handler is None:
            self._unreadable(link, message, f"push of channel {channel!r}, which was not asked for", raw)
            return
        for row in raws:
            try:
                handler(link, message, row)
            except (ProtocolError, InvalidValue) as error:
                self._set_aside(link, message, row, error)

    def _set_aside(self, link: Link, message: wire.Message, raw: msgspec.Raw, error: Exception) -> None:
        """One row that cannot be read: of a channel that money depends on under its name, else as a lost message."""
        assert message.arg is not None, "take() asked"
        kind = ROW_KINDS.get(message.arg.channel)
        if kind is None:
            self._unreadable(link, message, f"{message.arg.channel}: {error}", bytes(raw).decode("utf-8", "replace"))
        elif self._kinds.may_concern(rows.member(raw, "instType")):
            self._listener.on_unreadable(rows.unreadable(kind, raw, error))

    def _watcher(self, argument: wire.Argument) -> Callable[[Link, wire.Message, msgspec.Raw], None] | None:
        take = self._watched(argument)
        return None if take is None else lambda link, message, row: take(row)

    def _unreadable(self, link: Link, message: wire.Message, reason: str, raw: str) -> None:
        arg = message.arg
        if arg is not None and arg.channel == self._book_channel and arg.instId:
            self._break_book(link, arg.instId)
        self._listener.on_gap(reason[:REASON_LENGTH_MAX], raw[:RAW_LENGTH_MAX])

    def _order(self, link: Link, message: wire.Message, raw: msgspec.Raw) -> None:
        row = wire.read_row(raw, wire.OrderRow)
        if self._kinds.concern(row.instType, row.instId):
            self._listener.on_order(codec.order_report(row, Source.STREAM, bytes(raw)))

    def _balances(self, link: Link, message: wire.Message, raw: msgspec.Raw) -> None:
        balances = codec.balances(wire.read_row(raw, wire.BalanceRow))
        self._listener.on_balances(balances)
        for row in balances.unreadable:
            self._listener.on_unreadable(row)

    def _position(self, link: Link, message: wire.Message, raw: msgspec.Raw) -> None:
        row = wire.read_row(raw, wire.PositionRow)
        if self._swaps.concern(row.instType, row.instId):
            self._listener.on_positions([codec.position(row)])

    def _trade(self, link: Link, message: wire.Message, raw: msgspec.Raw) -> None:
        trade = market_rows.trade(wire.read_row(raw, wire.TradeRow))
        key = (trade.instrument_id, trade.trade_id)
        if key in self._recent_set:
            # Two overlapping connections bring everything twice.
            return
        if len(self._recent) >= RECENT_TRADES:
            self._recent_set.discard(self._recent.popleft())
        self._recent.append(key)
        self._recent_set.add(key)
        self._listener.on_trade(trade)

    def _instrument(self, link: Link, message: wire.Message, raw: msgspec.Raw) -> None:
        changed = self._catalogue.update(wire.read_row(raw, wire.InstrumentRow))
        if changed is not None:
            self._listener.on_instrument(changed)

    def _book(self, link: Link, message: wire.Message, raw: msgspec.Raw) -> None:
        arg = message.arg
        instrument_id = arg.instId if arg is not None and arg.instId else ""
        try:
            if not instrument_id:
                raise ProtocolError("a book without an instrument")
            row = wire.read_book(raw)
            # The channels of few levels send nothing but snapshots, and do not say so.
            action = message.action if self._book_channel == "books" else "snapshot"
            update = self.books.accept(link, instrument_id, action, row)
        except ProtocolError as error:
            self._unreadable(link, message, f"books: {error}", error.raw or bytes(raw).decode("utf-8", "replace"))
            return
        if update is None:
            return
        self._listener.on_book(update)
        if update.action is BookAction.INVALID:
            self._renew(self.book_channel(instrument_id), link)

    def _break_book(self, link: Link, instrument_id: str) -> None:
        if self.books.lives_elsewhere(link, instrument_id):
            return
        update = self.books.invalidate(instrument_id)
        if update is not None:
            self._listener.on_book(update)
        self._renew(self.book_channel(instrument_id), link)

    def is_sound(self, one: Subscription) -> bool:
        """Of a book channel: whether the book is valid. Other channels have nothing that could break."""
        named = dict(one)
        return named["channel"] != self._book_channel or self.books.is_valid(named.get("instId", ""))

    def lost(self) -> None:
        """The market stream is down: no book is to be trusted until its next snapshot."""
        for update in self.books.invalidate_all():
            self._listener.on_book(update)
