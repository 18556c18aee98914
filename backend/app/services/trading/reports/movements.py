"""Movements of cash as figures are made of them: what they were worth, in what the account is valued in now.

Stands between the table cash_movements and trade_recorder.py.
"""

from collections.abc import Iterator

from app.domain.money import ONE
from app.services.trading.reports.trip_fills import Rates
from app.store import queries
from app.store.database import Database
from app.store.queries import Row


def cash_movements(database: Database, account: str, rates: Rates, currency: str) -> Iterator[Row]:
    """All of them, oldest first, with price and equity in `currency`: what was priced while the account was valued in
    another one is taken at the present rate between both, or has no price where there is none. Raises StoreError."""
    valued_in = queries.valued_in(database, account)
    after = 0
    while page := queries.cash_movements(database, account, after=after):
        for row in page:
            then = valued_in.at(row["at_ns"])
            yield row if then in (None, currency) else _in_currency(row, rates, then, currency)
        after = page[-1]["movement"]


def _in_currency(row: Row, rates: Rates, then: str, currency: str) -> Row:
    rate, price, equity = rates.rate(then, currency), row["price"], row["equity"]
    if row["currency"] == currency:
        # Whatever the rate is now.
        price = ONE
    elif price is not None:
        price = None if rate is None else price * rate
    return {**row, "price": price, "equity": None if equity is None or rate is None else equity * rate}
