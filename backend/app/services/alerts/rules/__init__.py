"""The rules, one a file; the settings' tables [alerts.NAME] change what they go by."""

from collections.abc import Mapping

from app.services.alerts.rule import Rule
from app.services.alerts.rules import (
    book_stale,
    cancel_burst,
    clock_offset,
    daily_loss,
    difference,
    disk,
    drift,
    lease,
    loop_lag,
    order_burst,
    price_gap,
    reject_rate,
    stream_down,
    stream_silent,
    unknown_order,
)

RULES: Mapping[str, Rule] = {
    module.RULE.name: module.RULE
    for module in (
        stream_down,
        stream_silent,
        book_stale,
        difference,
        drift,
        unknown_order,
        reject_rate,
        order_burst,
        cancel_burst,
        price_gap,
        daily_loss,
        clock_offset,
        loop_lag,
        disk,
        lease,
    )
}
