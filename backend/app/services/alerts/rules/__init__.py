"""The rules, one a file; the settings' tables [alerts.NAME] change what they go by."""

from collections.abc import Mapping

from app.services.alerts.rule import Rule
from app.services.alerts.rules import (
    anomaly,
    book_stale,
    cancel_burst,
    clock_offset,
    daily_loss,
    difference,
    disk,
    drift,
    fee_tier,
    flapping,
    lease,
    loop_lag,
    missed_fill,
    order_burst,
    price_gap,
    reject_rate,
    set_aside,
    slippage,
    stranger,
    stream_down,
    stream_silent,
    uncompared,
    unknown_order,
    unknown_rate,
    unlike_itself,
)

RULES: Mapping[str, Rule] = {
    module.RULE.name: module.RULE
    for module in (
        stream_down,
        stream_silent,
        flapping,
        book_stale,
        difference,
        drift,
        uncompared,
        missed_fill,
        stranger,
        set_aside,
        anomaly,
        unknown_order,
        unknown_rate,
        reject_rate,
        order_burst,
        cancel_burst,
        unlike_itself,
        slippage,
        fee_tier,
        price_gap,
        daily_loss,
        clock_offset,
        loop_lag,
        disk,
        lease,
    )
}
