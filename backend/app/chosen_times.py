"""Which of the settings' time constants each part goes by, where several belong together."""

from app.services.alerts.making import Times
from app.services.trading.account.gate import GateLimits
from app.services.trading.running.upkeep import Periods
from app.settings import Timing


def gate_limits(timing: Timing) -> GateLimits:
    return GateLimits(
        timing.lease_seconds,
        timing.lease_skew_seconds,
        timing.clock_offset_stop_seconds,
        timing.loop_lag_stop_seconds,
        timing.clock_offset_alarm_seconds,
    )


def alert_times(timing: Timing) -> Times:
    """The patience of the alerts is how long an order's answer may be missing before anybody looks for it."""
    patience = timing.expiry_seconds + timing.expiry_margin_seconds + timing.read_after_write_lag_seconds
    return Times(timing.lease_seconds, timing.lease_renewal_seconds, timing.audit_period_seconds, patience)


def periods(timing: Timing) -> Periods:
    return Periods(timing.audit_period_seconds, timing.dead_man_seconds, timing.dead_man_feed_seconds)
