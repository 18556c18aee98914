"""The equity curve that a question about performance is answered by: of the account's daily records, or of what was
realised. Stands between trade_recorder.py and equity_curve.py.
"""

from collections.abc import Iterator

from app.domain.money import ZERO
from app.domain.performance import Curve, EquitySample
from app.services.trading.reports.equity_curve import equity_curve, starting_record
from app.services.trading.reports.movements import cash_movements
from app.services.trading.reports.price_flows import comparable_movements
from app.services.trading.reports.profits import Asked, Present, SamplesOf
from app.services.trading.reports.trip_fills import Rates
from app.store import queries
from app.store.database import Database
from app.store.queries import Row


class CurveReader:
    """Reads of committed rows, for one calculation. currency: that everything is counted in."""

    def __init__(self, database: Database, account: str, currency: str, rates: Rates) -> None:
        self._database = database
        self._account = account
        self._currency = currency
        self._rates = rates

    def read(self, asked: Asked, samples_of: SamplesOf, present: Present) -> Curve:
        """Of the whole account marked to market, where nothing but a period is asked for and there are two daily
        records; otherwise the starting equity plus what was realised (samples_of). Raises StoreError."""
        start_ns, end_ns = asked.start_ns, asked.end_ns
        days = [row for row in queries.equity_days(self._database, self._account) if row["currency"] == self._currency]
        if start_ns is not None and days:
            # Idle days before the account was first seen would only water down the ratios.
            start_ns = max(start_ns, min(row["at_ns"] for row in days))
        if asked.instrument_id is None and asked.strategy_id is None:
            now = EquitySample(present.now_ns, present.equity) if present.equity is not None else None
            movements = comparable_movements(days, self.movements(), self._currency)
            found = equity_curve(
                days, movements, self._rates, self._currency, start_ns=start_ns, end_ns=end_ns, present=now
            )
            if found is not None:
                return Curve(found.start, found.samples, found.growth, found.start_ns)
        self._rates.note("risk ratios from realised profit: open positions are not marked day by day")
        record = starting_record(days, start_ns)
        if record is None:
            self._rates.note("no starting equity is recorded, so returns are not defined")
        starting = record["equity"] if record is not None else ZERO
        until_ns = min(end_ns or present.now_ns, present.now_ns)
        first_ns = start_ns if start_ns is not None else (record["at_ns"] if record is not None else None)
        if first_ns is not None and first_ns >= until_ns:
            first_ns = None
        return Curve(starting, samples_of(starting), None, first_ns, until_ns if first_ns is not None else None)

    def movements(self) -> Iterator[Row]:
        """Of cash, oldest first."""
        return cash_movements(self._database, self._account, self._rates, self._currency)
