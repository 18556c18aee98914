"""Which currency an account is valued in."""

from collections.abc import Collection, Iterable, Sequence

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.refusals import InvalidValue
from app.domain.routes import DEFAULT_CURRENCY
from app.services.trading.account.ledger import Ledger


def currency_of(ledger: Ledger, named: str, par: Collection[str], held: Iterable[str]) -> str:
    """The one that is named; else that in which the last day was opened; else the natural one of what is held. par:
    what is declared at par with the default. Raises InvalidValue for a name that is no currency of the exchange."""
    instruments, held = ledger.instruments.values(), list(held)
    if named:
        if named not in held and named not in par and not _listed_with(instruments, named):
            raise InvalidValue("valuation_currency", named, "is no currency of the exchange")
        return named
    if ledger.equity_of_day is not None:
        return ledger.equity_of_day.currency
    return _natural(instruments, held, (DEFAULT_CURRENCY, *(one for one in par if one != DEFAULT_CURRENCY)))


def _listed_with(instruments: Iterable[Instrument], currency: str) -> bool:
    """Whether anything on the exchange is bought, quoted or settled in a currency."""
    return any(currency in (item.base, item.quote, item.settle) for item in instruments)


def _natural(instruments: Iterable[Instrument], held: Iterable[str], preferred: Sequence[str]) -> str:
    """At a first start: the first of `preferred` (the default, then what is at par with it) when the exchange lists
    anything with it; else of the currencies that spot pairs are quoted in the one that is held; preferred ones before
    those that quote most."""
    spot = [item for item in instruments if item.kind is InstrumentKind.SPOT]
    quotes: dict[str, int] = {}
    for item in spot:
        quotes[item.quote] = quotes.get(item.quote, 0) + 1
    if not quotes or preferred[0] in quotes or any(item.base == preferred[0] for item in spot):
        return preferred[0]
    ranks = {currency: rank for rank, currency in enumerate(preferred)}
    candidates = [currency for currency in set(held) if currency in quotes] or list(quotes)
    return min(candidates, key=lambda c: (ranks.get(c, len(ranks)), -quotes[c], c))
