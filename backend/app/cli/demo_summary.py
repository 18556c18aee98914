"""The demo's end: what was done, how the account stands, whether the exchange agrees, and what the audit says."""

import asyncio
import math
from collections import Counter
from dataclasses import dataclass, field

from app.cli.auditing import audit_all
from app.cli.demo_screen import Screen
from app.domain.cash import CashKind
from app.domain.money import plain
from app.domain.orders import OrderStatus, TradeMode
from app.exchanges.errors import ExchangeError
from app.journal.audit import AuditReport
from app.services.trading.venue.reconciler import Reconciliation
from app.store import queries
from app.system import System

COMPARISONS_MAX = 5
PAUSE_SECONDS = 0.5
SHOWN_MAX = 10


@dataclass
class Tally:
    """What this run did. orders: those that are over, by status."""

    signals: int = 0
    fills: int = 0
    orders: Counter[str] = field(default_factory=Counter[str])


async def summarise(system: System, screen: Screen, tally: Tally) -> int:
    """Print the summary; 0 when the exchange agrees and the audit is clean, otherwise 1."""
    screen.line("end", "comparing with the exchange, and auditing the journal")
    compared = await _compare(system)
    unexplained = await asyncio.to_thread(_unexplained, system)
    report = await asyncio.to_thread(audit_all, system.database, system.ledger.account, dict(system.ledger.instruments))
    screen.end_status()
    _work(system, screen, tally)
    _account(system, screen)
    await _performance(system, screen)
    agrees = _agreement(screen, compared, unexplained)
    _audit(screen, report)
    return 0 if agrees and report.clean else 1


async def _compare(system: System) -> Reconciliation | str:
    """The comparison with the exchange, once more while something is under way; or why there is none."""
    result: Reconciliation | str = "not compared"
    for attempt in range(COMPARISONS_MAX):
        if attempt:
            await system.clock.sleep(PAUSE_SECONDS)
        try:
            result = await system.reconciler.run()
        except ExchangeError as error:
            result = str(error)
            continue
        if result.clean and not system.ledger.open_count:
            break
    return result


def _unexplained(system: System) -> list[queries.Row]:
    found: list[queries.Row] = []
    after = 0
    while rows := queries.cash_movements(system.database, system.ledger.account, after=after):
        found += [row for row in rows if row["kind"] == CashKind.UNEXPLAINED]
        after = rows[-1]["movement"]
    return found


def _work(system: System, screen: Screen, tally: Tally) -> None:
    orders = ", ".join(f"{count} {status}" for status, count in sorted(tally.orders.items())) or "none"
    still_open = [order for order in system.ledger.open_orders() if order.status is not OrderStatus.DENIED]
    facts = [("signals", str(tally.signals)), ("orders", orders), ("fills", str(tally.fills))]
    facts += [("still open", f"{order.order_id} {order.status.value}") for order in still_open[:SHOWN_MAX]]
    screen.table("This run", facts)


def _account(system: System, screen: Screen) -> None:
    facts: list[tuple[str, str]] = []
    for position in system.positions.get_all_positions():
        entry = "-" if position.entry_price is None else f"{position.entry_price:z,.2f}"
        unrealised = "-" if position.unrealised_pnl is None else f"{position.unrealised_pnl:z,.2f}"
        gains = f"realised {position.realised_pnl:z,.2f}, unrealised {unrealised}, fees {position.fee_value:z,.2f}"
        text = f"{plain(position.size)} at {entry}; {gains} {position.pnl_currency}"
        facts.append((position.instrument_id, text))
        facts += [(name, f"holds {plain(size)} of it") for name, size in sorted(position.books.items())]
    facts += [
        (strategy, f"holds {plain(size)} {key.instrument_id} of it")
        for (strategy, key), size in sorted(system.ledger.strategy_sizes.items())
        if size and key.mode is not TradeMode.CASH
    ]
    screen.table("Positions", facts or [("none", "")])
    account = system.risk.account()
    change = account.equity - account.day_start_equity - account.moved_today
    figures = f"{account.equity:,.2f} {account.valuation_currency}, {change:+z,.2f} since 00:00 UTC or the first start"
    left_out = [("not in it, for want of a price", ", ".join(account.unvalued))] if account.unvalued else []
    screen.table("Account", [("equity", figures), *left_out])


async def _performance(system: System, screen: Screen) -> None:
    recorder = system.recorder
    found = await asyncio.to_thread(recorder.calculate_performance, present=recorder.present())
    screen.table(
        "Performance, since this database began",
        [
            (
                "round trips",
                f"{found.total_trades}: {found.winning_trades} won, {found.losing_trades} lost; "
                f"{found.open_trips} open",
            ),
            ("win rate", percent(found.win_rate)),
            ("realised", f"{found.realised_pnl:z,.4f} {found.valuation_currency}, of trips that are open too"),
            ("net profit", f"{found.net_profit:z,.4f}: that, funding {found.total_funding:z,.4f}, less fees"),
            (
                "unrealised",
                "-" if found.unrealized_pnl is None else f"{found.unrealized_pnl:z,.4f}: of what is still open",
            ),
            ("fees", f"{found.total_fees:z,.4f}"),
            ("profit factor", ratio(found.profit_factor)),
            ("expectancy", f"{found.expectancy:,.4f} a trip"),
            ("maximum drawdown", percent(found.max_drawdown, digits=4)),
            ("Sharpe ratio", ratio(found.sharpe_ratio)),
            ("Sortino ratio", ratio(found.sortino_ratio)),
        ],
    )


def percent(value: float, digits: int = 2) -> str:
    """A fraction for eyes; undefined while there is nothing to measure."""
    return "not defined yet" if math.isnan(value) else f"{value:.{digits}%}"


def ratio(value: float) -> str:
    """A ratio for eyes; it needs trades or days to be defined."""
    return "not defined yet" if math.isnan(value) else f"{value:.2f}"


def _agreement(screen: Screen, compared: Reconciliation | str, unexplained: list[queries.Row]) -> bool:
    facts: list[tuple[str, str]] = []
    if isinstance(compared, str):
        facts.append(("not compared", compared))
    else:
        facts += [(d.currency, f"ledger {plain(d.ledger)}, exchange {plain(d.venue)}") for d in compared.balances]
        facts += [
            (d.instrument_id, f"ledger {plain(d.ledger_size)}, exchange {plain(d.venue_size)}")
            for d in compared.positions
        ]
        if compared.orders.unknown:
            facts.append(("unknown orders", str(compared.orders.unknown)))
    facts += [(row["currency"], f"{plain(row['amount'])} without a fill that explains it") for row in unexplained]
    screen.table("Differences from the exchange", facts[:SHOWN_MAX] or [("none", "")])
    return not facts


def _audit(screen: Screen, report: AuditReport) -> None:
    replayed = report.replay
    counted = f"{report.chain.events} events, {replayed.orders} orders, {replayed.trades} trades"
    facts = [("checked", counted), ("verdict", "clean" if report.clean else "NOT CLEAN")]
    facts += [(finding.rule, f"{finding.subject}: {finding.text}") for finding in report.findings[:SHOWN_MAX]]
    screen.table("Audit of the journal", facts)
