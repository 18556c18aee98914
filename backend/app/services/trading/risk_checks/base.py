"""What a risk check is given: the order as a Candidate, and what is known of the account and the market (ExposureView).

A check is one file with a NAME and `check(order, exposure, limits) -> Refusal | None`, listed in __init__.py. Checks
only read; the worst case counts every live, in-flight and unknown order as filled.
"""

from decimal import Decimal
from typing import Protocol

from app.domain.exposure import Reservation, reservation
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.kill_switch import KillSwitch
from app.domain.money import ONE, ZERO, ceil_to
from app.domain.orders import OrderSide, PositionKey, PositionSide
from app.domain.parents import Held
from app.domain.refusals import Refusal
from app.market_data.feeds import MarketData
from app.market_data.view import BookView, Walk, book_refusal
from app.services.trading.account.day_figures import EquityOfDay
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.amounts import delta, open_notional, traded_today
from app.services.trading.holdings.held import held_for
from app.services.trading.holdings.prices import Prices
from app.services.trading.holdings.valuation import Valuation, day_base, equity
from app.services.trading.risk_checks.candidate import DEFAULT_TAKER_FEE, Candidate, VenueTerms
from app.services.trading.risk_checks.limits import RiskLimits
from app.services.trading.schemas import Account


class Check(Protocol):
    """The shape of a module in this folder."""

    @property
    def NAME(self) -> str: ...

    def check(self, order: Candidate, exposure: "ExposureView", limits: RiskLimits) -> Refusal | None: ...


class ExposureView:
    """All that a check may ask about one candidate, at one moment; derived when first asked.

    Sizes are in the instrument's unit. `others` are all open orders but the one being amended.
    """

    __slots__ = (
        "_account",
        "_mid",
        "_own",
        "_prices",
        "_reduces",
        "_terms",
        "_valuation",
        "_worst_price",
        "book",
        "book_refusal",
        "key",
        "ledger",
        "limits",
        "market",
        "now_ns",
        "order",
        "position",
        "remaining",
        "spot",
    )

    def __init__(
        self,
        order: Candidate,
        limits: RiskLimits,
        ledger: Ledger,
        market: MarketData,
        prices: Prices,
        terms: VenueTerms,
        account: Account | None = None,
        now_ns: int | None = None,
    ) -> None:
        """account: when given, its balances, equity and day's start stand in for the ledger's. now_ns: by default, the
        present."""
        self.order = order
        self.limits = limits
        self.ledger = ledger
        self.market = market
        self.now_ns = ledger.clock.now_ns() if now_ns is None else now_ns
        instrument = order.instrument
        self.spot = instrument.kind is InstrumentKind.SPOT
        self.book: BookView | None = market.book(instrument.instrument_id)
        self.book_refusal = book_refusal(self.book, instrument.instrument_id, self.now_ns, limits.max_book_age_seconds)
        self.key = order.key
        """The position that the order moves."""
        fold = ledger.folds.get(self.key)
        self.position = fold.position.size if fold is not None else ZERO
        self._mid = self.book.mid if self.book is not None and self.book_refusal is None else None
        self._own: Reservation | None = reservation(order.amending, instrument) if order.amending else None
        now = order.amending
        self.remaining = order.size if now is None else max(now.max_possible, order.size) - now.accounted
        """The most that the order may still add to the position, whatever becomes of an amendment."""
        self._reduces: bool | None = None
        self._prices = prices
        self._terms = terms
        self._account = account
        self._valuation: Valuation | None = None
        self._worst_price = self._find_worst_price()

    # --- the market ---

    @property
    def mid(self) -> Decimal | None:
        """The mid of a fresh, uncrossed book; None when there is none."""
        return self._mid

    @property
    def worst_price(self) -> Decimal | None:
        """The price at which the order is valued: the dearest that it may trade at; None when none can be named.

        A limit buy: its price. A limit sell: its price or the mid, whichever is higher. A market buy: the mid plus
        the allowed deviation, because that is how far the book may move on the way. A market sell: the mid.
        One that waits at the exchange: the same, the dearest price that it waits for in the mid's place.
        An amendment: the dearest of all the prices in force or asked for.
        """
        return self._worst_price

    def _find_worst_price(self) -> Decimal | None:
        order, mid = self.order, self._mid
        if order.condition is not None:
            # The market will be there when it trades.
            mid = order.condition.dearest(mid, buying=order.side is OrderSide.BUY)
        if order.price is None:
            if mid is None:
                return None
            if order.side is OrderSide.BUY:
                return ceil_to(mid * (ONE + self.limits.max_price_deviation), order.instrument.tick)
            return mid
        price = order.price
        if order.side is OrderSide.SELL and mid is not None and mid > price:
            price = mid
        if (now := order.amending) is not None:
            known = (now.price, now.request.reference_price, *(a.price for a in now.amendments))
            price = max([price, *(p for p in known if p is not None)])
        return price

    def walk(self) -> Walk | None:
        """What the order would meet in the visible book now; None without a book."""
        book = self.market.order_book(self.order.instrument.instrument_id)
        return book.walk(self.order.side, self.order.size) if book is not None else None

    # --- the order and those that are open beside it ---

    @property
    def adds(self) -> bool:
        """False for an amendment after which the order can take no more than it can now, or than is there."""
        own, price = self._own, self._worst_price
        if own is None:
            return True
        more = self.remaining > own.size or price is None or self.amount(price) > own.amount
        return more and not self.is_protection

    @property
    def base_size(self) -> Decimal | None:
        """The order's whole size in base units; None for an inverse contract without a price."""
        instrument = self.order.instrument
        if not instrument.inverse:
            return self.order.size * instrument.contract_value
        price = self._mid if self._mid is not None else self._worst_price
        return instrument.base_quantity(self.order.size, price) if price is not None else None

    def open_size(self, side: OrderSide) -> Decimal:
        """The most that the others may still fill on one side of this position."""
        own = self._own
        total = self.ledger.exposure.size(self.key, side)
        return total - own.size if own is not None and own.side is side else total

    @property
    def coming(self) -> Decimal:
        """The most that this order and all others of its side may still fill."""
        return self.open_size(self.order.side) + self.remaining

    @property
    def reach(self) -> Decimal:
        """The signed position if this order and all others of its side fill."""
        return self.position + self.order.side.sign * self.coming

    @property
    def asset_reach(self) -> Decimal | None:
        """The largest that the asset's holding may become, in units of it and either way, over every pair and every
        contract (by its delta), if this order fills, alone or with all others of its side. None where that is not more
        than it is now, or no price says how much a contract of fixed value is."""
        base, sign = self.order.instrument.base, self.order.side.sign
        net, coming = self.ledger.holding(base), ZERO
        for key, fold in self.ledger.folds.items():
            instrument = self.ledger.instruments.get(key[0])
            if instrument is not None and instrument.base == base and instrument.kind is not InstrumentKind.SPOT:
                delta = self._delta(instrument, fold.position.size)
                if delta is None:
                    return None
                net += delta
        for (key, side), size in self.ledger.exposure.sizes.items():
            instrument = self.ledger.instruments.get(key.instrument_id)
            if instrument is not None and instrument.base == base and side is self.order.side:
                coming += self._delta(instrument, size) or ZERO
        own = self._own
        mine = self._delta(self.order.instrument, self.remaining)
        if mine is None:
            return None
        if own is not None and own.side is self.order.side:
            coming -= self._delta(self.order.instrument, own.size) or ZERO
        reach = max(abs(net + sign * mine), abs(net + sign * (mine + coming)))
        return reach if reach > abs(net) else None

    def _delta(self, instrument: Instrument, size: Decimal) -> Decimal | None:
        return delta(instrument, size, self.mark(instrument.instrument_id) if size and instrument.inverse else None)

    @property
    def is_cash(self) -> bool:
        """Whether what is bought is what the account is valued in, or taken for it."""
        return self._prices.is_cash(self.order.instrument.base)

    @property
    def reduces(self) -> bool:
        """Whether the order can only make a position smaller, even if all others of its side fill first.

        A spot sell always does: what is not there cannot be sold. reduce_only is taken at its word in one-way mode
        only, for OKX ignores it in the hedged one.
        """
        if self._reduces is None:
            self._reduces = self._is_reducing()
        return self._reduces

    def _is_reducing(self) -> bool:
        order = self.order
        if not self.adds:
            return True
        if self.spot:
            return order.side is OrderSide.SELL
        if order.reduce_only and order.position_side is PositionSide.NET:
            return True
        return order.side.sign * self.reach <= 0

    @property
    def is_exit(self) -> bool:
        """Whether a person asks for it to get out, and it takes no more than is there, all other open orders filled
        first, of a kind that the exchange itself keeps from turning what is held around."""
        order = self.order
        if not order.exit or order.amending is not None:
            return False
        held = held_for(self.ledger, self.key, order.side, reduce_only=order.reduce_only)
        return held is not None and order.size <= held.free

    @property
    def is_protection(self) -> bool:
        """Whether a conditional order that can only reduce fires it, for no more than is there (of its strategy's book,
        if it has one), all other open orders filled first; or one that waits at the exchange to do so is amended."""
        order = self.order
        if order.amending is not None:
            return order.amending.stands_by
        if not order.protects:
            return False
        held = held_for(self.ledger, self.key, order.side, reduce_only=order.reduce_only, book_of=order.strategy_id)
        return held is not None and order.size <= held.free

    @property
    def gets_out(self) -> bool:
        """Whether the order only takes away of what is held: of a contract position, or of an asset what its strategy's
        book, without a strategy all books, have of it; coins that are nobody's by a person's exit alone."""
        if not self.spot:
            return self.reduces
        if self.order.amending is not None:
            return not self.adds
        booked = self._booked()
        return self.is_exit or (booked is not None and self.remaining <= booked.free)

    @property
    def closes(self) -> bool:
        """Whether nothing that could be traded is left of the position, or of the book that the order is out of, after
        this reducing order."""
        order = self.order
        if not self.reduces:
            return False
        smallest = order.instrument.min_size if self.spot else order.instrument.lot
        booked = self._booked() if order.amending is None else None
        if booked is not None and ZERO <= booked.free - self.remaining < smallest:
            return True
        if self.spot:
            return self.available(order.instrument.base) - self.remaining < smallest
        return order.reduce_only or abs(self.reach) < smallest

    def _booked(self) -> Held | None:
        """What the books have of what the order takes; None when it takes of nothing."""
        order = self.order
        return held_for(
            self.ledger,
            self.key,
            order.side,
            reduce_only=order.reduce_only,
            book_of=order.strategy_id,
            ours=True,
        )

    @property
    def open_order_count(self) -> int:
        return self.ledger.open_count

    # --- money ---

    def total(self, currency: str) -> Decimal:
        """What the account has of a currency."""
        if self._account is not None:
            given = self._account.balances.get(currency)
            return given.total if given is not None else ZERO
        return self.ledger.balances.get(currency, ZERO)

    def hold(self, currency: str) -> Decimal:
        """What the others may still spend of a currency (spot)."""
        total, own = self.ledger.exposure.hold(currency), self._own
        return total - own.amount if own is not None and self.spot and own.currency == currency else total

    def available(self, currency: str) -> Decimal:
        """total less hold; not more than a given account says."""
        free = self.total(currency) - self.hold(currency)
        if self._account is not None and self._own is None and currency in self._account.balances:
            return min(free, self._account.balances[currency].available)
        return free

    @property
    def fee_rate(self) -> Decimal:
        """The taker fee, as a fraction of notional; never a rebate."""
        return max(self._terms.taker_fees.get(self.order.instrument.instrument_id, DEFAULT_TAKER_FEE), ZERO)

    @property
    def buy_fee_rate(self) -> Decimal:
        """The part of it that a spot buy needs in quote: none where the fee is taken from what is bought."""
        return self.fee_rate if self._terms.buy_fee_in_quote else ZERO

    @property
    def valuation(self) -> Valuation:
        """The account in the valuation currency, by the ledger."""
        if self._valuation is None:
            self._valuation = equity(self.ledger, self._prices)
        return self._valuation

    @property
    def currency(self) -> str:
        """The valuation currency."""
        return self._prices.currency

    @property
    def equity(self) -> Decimal:
        """What has a price; what has none is named by `valuation`, and is no reason to deny."""
        return self._account.equity if self._account is not None else self.valuation.equity

    @property
    def compared_equity(self) -> Decimal:
        """The equity as the day's result counts it."""
        return self._account.equity if self._account is not None else self.valuation.compared

    @property
    def day_start(self) -> EquityOfDay | None:
        """Equity at the start of the day that the ledger last opened."""
        day = self.ledger.equity_of_day
        if self._account is not None and day is not None:
            return EquityOfDay(day.day, self._account.day_start_equity)
        return day

    @property
    def day_base(self) -> Decimal | None:
        """What the day's loss is measured against: equity at its start and what was moved in since; None when there is
        nothing to compare with."""
        start = self._account.day_start_equity if self._account is not None else None
        return day_base(self.ledger, self._prices, self.valuation, start)

    @property
    def traded_today(self) -> Decimal:
        """Notional of the fills since the day's start, as far as their currencies ever had a price."""
        return traded_today(self.ledger, self._prices)

    @property
    def open_notional(self) -> Decimal:
        """Notional of all that the others may still fill, in the valuation currency, as far as it ever had a price."""
        return open_notional(self.ledger, self._prices, but=self._own)

    def value(self, size: Decimal, price: Decimal | None = None) -> Decimal | None:
        """What `size` (>= 0) of the instrument is worth in the valuation currency, at a price or at the mid; None
        without one, and when no market leads from its currencies to the valuation currency."""
        price = self._mid if price is None else price
        return self._prices.worth(self.order.instrument, size, price) if price is not None else None

    def no_value(self) -> str:
        """Why an order that has a price has no value: the end of a refusal."""
        instrument = self.order.instrument
        return (
            f"cannot be valued: there is no price of {instrument.quote} or {instrument.base} in {self.currency}, the "
            "valuation currency"
        )

    def amount(self, price: Decimal) -> Decimal:
        """What the order may still take of the currency that pays for it, as Reservation.amount."""
        order = self.order
        if self.spot and order.side is OrderSide.SELL:
            return self.remaining
        return order.instrument.notional(self.remaining, price)

    def leverage(self, key: PositionKey) -> Decimal:
        """As the venue set it; 1, the full notional as margin, where it has not said."""
        return self._terms.leverages.counts(key, self.ledger.clock.monotonic_ns())

    def mark(self, instrument_id: str) -> Decimal | None:
        """The last known price of an instrument."""
        return self._prices.mark(instrument_id)

    @property
    def kill_switch(self) -> KillSwitch:
        return self.ledger.kill_switch
