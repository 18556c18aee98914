"""What one currency is worth in another: the ways over the listed markets, and the price along them.

Pure: the catalogue says which markets there are (base and quote, never the spelling of a name), the caller what each
of them quotes now.
"""

import decimal
from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ONE

DEFAULT_CURRENCY = "USDT"
"""What an account is valued in where nothing says otherwise."""
DEFAULT_PAR = ("USD", "USDT", "USDC")
"""What is taken for one another where no market has a price."""
MARKETS_MAX = 3
"""Of one route: a longer one would price by what hardly anybody trades."""
ROUTES_MAX = 6
"""Of one pair of currencies, the best ones: what is asked when the first has no price."""

_DIVISION = decimal.Context(prec=28, rounding=ROUND_HALF_EVEN)


class PriceKind(StrEnum):
    """How good a price is. FRESH: a market's present one. PAR: a currency was taken for another by declaration.
    STALE: an older one, its age beside it. NONE: there is none."""

    FRESH = "fresh"
    PAR = "par"
    STALE = "stale"
    NONE = "none"


class Quote(NamedTuple):
    """What one instrument is quoted at, in its quote currency per unit of base."""

    price: Decimal
    age_ns: int = 0
    fresh: bool = True


class Value(NamedTuple):
    """The price of one unit of a currency in another. route: the markets it came by, "A=B" for a step at par.
    age_ns: of its oldest price."""

    price: Decimal | None
    kind: PriceKind
    route: tuple[str, ...] = ()
    age_ns: int = 0


UNPRICED = Value(None, PriceKind.NONE)
ITSELF = Value(ONE, PriceKind.FRESH)

QuoteOf = Callable[[str], Quote | None]


class Edge(NamedTuple):
    """A market that leads from one currency to the next. inverse: against its direction, from quote to base."""

    instrument_id: str
    inverse: bool


class Hop(NamedTuple):
    """From one currency to the next: by the first of the markets that has a fresh price, else at par where `par` names
    the two, else by an older price."""

    markets: tuple[Edge, ...]
    par: str = ""


class Route(NamedTuple):
    """The hops from a currency to another, in their order."""

    hops: tuple[Hop, ...]

    @property
    def instruments(self) -> tuple[str, ...]:
        """What must be followed for its price: each hop's first market."""
        return tuple(hop.markets[0].instrument_id for hop in self.hops if hop.markets)


class Routes:
    """The ways from any currency to any other over one catalogue, found once each.

    Spot markets carry; a contract does only between two currencies that no spot market connects, even indirectly.
    par: currencies taken for one another where no market between them has a fresh price.
    """

    def __init__(self, instruments: Iterable[Instrument], par: Collection[str] = ()) -> None:
        self._par = tuple(dict.fromkeys(par))
        listed = sorted(instruments, key=lambda item: item.instrument_id)
        self._spot = _links(item for item in listed if item.kind is InstrumentKind.SPOT)
        self._contracts = _links(item for item in listed if item.kind is not InstrumentKind.SPOT)
        self._found: dict[tuple[str, str], tuple[Route, ...]] = {}

    def between(self, currency: str, to: str) -> tuple[Route, ...]:
        """Best first: fewest markets, then without par, then direct before inverse. Empty when none leads there."""
        key = (currency, to)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(self._spot, *key) or self._find(self._all_links(), *key)
        return found

    def _find(self, links: "_Links", currency: str, to: str) -> tuple[Route, ...]:
        found: dict[tuple[str, ...], Route] = {}
        first: int | None = None
        for markets in range(MARKETS_MAX + 1):
            if first is not None and markets > first + 1:
                break
            for path in self._paths(links, (currency,), to, markets):
                first = markets if first is None else first
                found.setdefault(path, self._route(links, path))
        ways = sorted(found.values(), key=_cost)
        return tuple(ways[:ROUTES_MAX])

    def _paths(self, links: "_Links", path: tuple[str, ...], to: str, markets: int) -> Iterator[tuple[str, ...]]:
        """Paths of exactly so many markets; steps at par are free, but never two in a row."""
        here = path[-1]
        if here == to:
            if markets == 0:
                yield path
            return
        if here in self._par and not (len(path) > 1 and path[-2] in self._par):
            for mate in self._par:
                if mate not in path:
                    yield from self._paths(links, (*path, mate), to, markets)
        if markets == 0:
            return
        ends = {to, *self._par} if to in self._par else {to}
        for there in links.get(here, ()):
            last = markets == 1 and there not in ends  # no market is left to lead on from there
            if there not in path and not last and not self._at_par(here, there):
                yield from self._paths(links, (*path, there), to, markets - 1)

    def _all_links(self) -> "_Links":
        """Spot markets and contracts together, spot first between the same two."""
        joined: _Links = {}
        for links in (self._spot, self._contracts):
            for here, near in links.items():
                for there, edges in near.items():
                    joined.setdefault(here, {}).setdefault(there, []).extend(edges)
        return joined

    def _at_par(self, currency: str, other: str) -> bool:
        return currency in self._par and other in self._par

    def _route(self, links: "_Links", path: tuple[str, ...]) -> Route:
        return Route(
            tuple(
                Hop(tuple(links.get(here, {}).get(there, ())), f"{here}={there}" if self._at_par(here, there) else "")
                for here, there in pairwise(path)
            )
        )


_Links = dict[str, dict[str, list[Edge]]]


def _links(instruments: Iterable[Instrument]) -> _Links:
    """By currency: the currencies next to it and the markets between, direct ones first."""
    links: _Links = {}
    for item in instruments:
        links.setdefault(item.base, {}).setdefault(item.quote, []).append(Edge(item.instrument_id, inverse=False))
        links.setdefault(item.quote, {}).setdefault(item.base, []).append(Edge(item.instrument_id, inverse=True))
    for near in links.values():
        for edges in near.values():
            edges.sort(key=lambda edge: edge.inverse)
    return links


def _cost(route: Route) -> tuple[int, int, int, tuple[str, ...]]:
    par = sum(bool(hop.par) for hop in route.hops)
    inverse = sum(hop.markets[0].inverse for hop in route.hops if not hop.par)
    return len(route.hops) - par, par, inverse, route.instruments


def price_along(routes: Iterable[Route], quote_of: QuoteOf) -> Value:
    """The price by the first route that has a present one on every hop (par included); else by the first that has any;
    else UNPRICED."""
    older: Value | None = None
    for route in routes:
        value = _along(route, quote_of)
        if value is None:
            continue
        if value.kind is not PriceKind.STALE:
            return value
        older = older or value
    return older or UNPRICED


def _along(route: Route, quote_of: QuoteOf) -> Value | None:
    price, age_ns, at_par, fresh = ONE, 0, False, True
    names: list[str] = []
    for hop in route.hops:
        edge, quote = _best(hop, quote_of)
        if hop.par and (quote is None or not quote.fresh):
            at_par = True
            names.append(hop.par)
            continue
        if edge is None or quote is None:
            return None
        price = _DIVISION.divide(price, quote.price) if edge.inverse else price * quote.price
        age_ns = max(age_ns, quote.age_ns)
        fresh = fresh and quote.fresh
        names.append(edge.instrument_id)
    kind = PriceKind.STALE if not fresh else PriceKind.PAR if at_par else PriceKind.FRESH
    return Value(price, kind, tuple(names), age_ns)


def _best(hop: Hop, quote_of: QuoteOf) -> tuple[Edge | None, Quote | None]:
    """The hop's first market with a fresh price, else its first with any."""
    older: tuple[Edge | None, Quote | None] = (None, None)
    for edge in hop.markets:
        quote = quote_of(edge.instrument_id)
        if quote is None or quote.price <= 0:
            continue
        if quote.fresh:
            return edge, quote
        if older[0] is None:
            older = (edge, quote)
    return older
