"""What status shows: the account's part, which its database knows too, and the running system's."""

from dataclasses import dataclass
from typing import Any

from app.clock import NS_PER_SECOND, Clock, utc
from app.domain.orders import OrderStatus
from app.exchanges.port import Stream
from app.market_data.feeds import MarketData
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.ledger import Ledger
from app.services.trading.risk_checks import kill_switch
from app.services.trading.running.session import Session
from app.services.trading.venue.differences import Differences
from app.services.trading.venue.listener import AccountListener
from app.services.trading.venue.reconciler import Reconciler, shown
from app.services.trading.venue.set_aside import SetAside


def account_status(
    ledger: Ledger, *, phase: str, reasons: list[str], lease: dict[str, Any], started_ns: int
) -> dict[str, Any]:
    """The members that every reader of an account shows, ready for JSON. reasons: why no new order is accepted."""
    switch = ledger.kill_switch
    return {
        "ready": not reasons,
        "reasons": reasons,
        "phase": phase,
        "account": ledger.account,
        "kill_switch": {
            "engaged": switch.engaged,
            "reason": switch.reason,
            "principal": switch.principal,
            "at": utc(switch.at_ns).isoformat().replace("+00:00", "Z") if switch.at_ns else None,
        },
        "lease": lease,
        "open_orders": ledger.open_count,
        "unknown_orders": sum(order.status is OrderStatus.UNKNOWN for order in ledger.open_orders()),
        "journal_seq": ledger.seq,
        "uptime_seconds": round((ledger.clock.now_ns() - started_ns) / NS_PER_SECOND, 3),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStatus:
    """The state of a running system, out of its parts."""

    ledger: Ledger
    gate: TradingGate
    session: Session
    listener: AccountListener
    reconciler: Reconciler
    differences: Differences
    set_aside: SetAside
    market: MarketData
    clock: Clock
    exchange: str
    environment: str
    started_ns: int

    @property
    def not_ready_reasons(self) -> list[str]:
        """Why no new order is accepted; the kill switch is a reason too."""
        reasons = [str(refusal) for refusal in self.gate.closed()]
        switch = self.ledger.kill_switch
        return [*reasons, f"the kill switch {kill_switch.rule(switch)}"] if switch.engaged else reasons

    def shown(self, open_parents: int) -> dict[str, Any]:
        """Ready for JSON: what /api/v1/status shows."""
        held = self.session.lease
        lease = {
            "epoch": held.epoch if held else None,
            "owner": held.owner if held else None,
            "left_seconds": round(self.gate.lease_left_ns() / NS_PER_SECOND, 3),
        }
        reasons = self.not_ready_reasons
        account = account_status(
            self.ledger, phase=self.gate.phase, reasons=reasons, lease=lease, started_ns=self.started_ns
        )
        return {
            **account,
            "exchange": self.exchange,
            "environment": self.environment,
            "streams": {
                stream.value: {"up": up, "age_seconds": self._age(self.listener.heard.get(stream))}
                for stream, up in ((Stream.EXECUTION, self.gate.execution_up), (Stream.MARKET, self.gate.market_up))
            },
            "open_parents": open_parents,
            "differences": self._differences(),
            "closed": [
                {"subject": each.subject, "source": each.source, "reason": each.reason}
                for each in self.ledger.closures.all()
            ],
            "clock_offset_seconds": round(self.gate.clock_offset_seconds(), 6),
            "loop_lag_seconds": round(self.gate.loop_lag_seconds, 6),
            "store_failed": self.ledger.writer_failed,
            "followed": list(self.market.followed),
            "refused_markets": dict(self.market.refused),
            "set_aside": self.set_aside.shown(),
        }

    def _differences(self) -> dict[str, Any]:
        last = self.reconciler.last
        compared = self._age(last.at_ns if last else None)
        return {**shown(last), "standing": self.differences.shown(), "compared_seconds_ago": compared}

    def _age(self, ns: int | None) -> float | None:
        return None if ns is None else round((self.clock.now_ns() - ns) / NS_PER_SECOND, 3)
