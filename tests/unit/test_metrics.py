"""Metrics: what is reported is what Prometheus reads, and the loop's lag is measured."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from app.observability.metrics import Metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """{name{labels}: value} of everything but histogram buckets and creation times."""
    return {
        sample.name.removeprefix("trading_executor_") + "".join(f"[{value}]" for value in sample.labels.values()): (
            sample.value
        )
        for family in text_string_to_metric_families(metrics.answer("")[0].decode())
        for sample in family.samples
        if not sample.name.endswith(("_bucket", "_created"))
    }


def test_everything_reported_is_rendered():
    metrics = Metrics()
    metrics.order_entered("LIVE")
    metrics.order_entered("LIVE")
    metrics.open_orders({"LIVE": 3, "UNKNOWN": 1})
    metrics.open_orders({"LIVE": 2})
    metrics.risk_refused("max_order_size")
    metrics.exchange_refused("passing")
    metrics.request_refused()
    metrics.execution_entered("completed")
    metrics.open_executions(4)
    metrics.fill_recorded("maker", 0.125)
    metrics.anomaly("late_fill")
    metrics.acknowledged(0.25)
    metrics.reached_wire(0.001)
    metrics.change_answered("cancel", 0.5)
    metrics.committed(0.002, 64)
    metrics.loop_lagged(0.5)
    metrics.kill_switch(True)
    metrics.ready(False)
    metrics.differences_standing(2)
    metrics.streams({"gone": (False, 9)})
    metrics.streams({"execution": (True, 1.5)})
    metrics.alert_fired("disk")
    metrics.alerts_open({("disk", "firing"): 1, ("lease", "acknowledged"): 2})
    metrics.alerts_open({("disk", "firing"): 1})
    metrics.limits([("max_daily_loss", 0.05, 0.01), ("max_daily_notional", None, 7.5), ("max_order_size", 10, None)])
    metrics.equity("EUR", 1234.5)
    metrics.notices({"night/phone": (3, 1)})
    metrics.watch("log_records_dropped", "Log records dropped", lambda: 7)
    assert samples(metrics) == {
        "orders_total[LIVE]": 2,
        "open_orders[LIVE]": 2,
        "risk_refusals_total[max_order_size]": 1,
        "exchange_refusals_total[passing]": 1,
        "requests_refused_total": 1,
        "executions_total[completed]": 1,
        "open_executions": 4,
        "fills_total[maker]": 1,
        "fill_seconds_count": 1,
        "fill_seconds_sum": 0.125,
        "change_seconds_count[cancel]": 1,
        "change_seconds_sum[cancel]": 0.5,
        "anomalies_total[late_fill]": 1,
        "ack_seconds_count": 1,
        "ack_seconds_sum": 0.25,
        "signal_to_wire_seconds_count": 1,
        "signal_to_wire_seconds_sum": 0.001,
        "commit_seconds_count": 1,
        "commit_seconds_sum": 0.002,
        "commit_turns_count": 1,
        "commit_turns_sum": 64,
        "loop_lag_seconds_count": 1,
        "loop_lag_seconds_sum": 0.5,
        "stream_age_seconds[execution]": 1.5,
        "stream_up[execution]": 1,
        "alerts_fired_total[disk]": 1,
        "alerts_open[disk][firing]": 1,
        "risk_limit[max_daily_loss]": 0.05,
        "risk_limit[max_order_size]": 10,
        "risk_limit_used[max_daily_loss]": 0.01,
        "risk_limit_used[max_daily_notional]": 7.5,
        "equity[EUR]": 1234.5,
        "notices_waiting[night/phone]": 3,
        "notice_failures[night/phone]": 1,
        "kill_switch": 1,
        "ready": 0,
        "differences_standing": 2,
        "log_records_dropped": 7,
    }


def test_a_stream_that_never_spoke_has_no_age():
    metrics = Metrics()
    metrics.streams({"execution": (True, None)})
    assert 'trading_executor_stream_age_seconds{stream="execution"} NaN' in metrics.answer("")[0].decode()


def test_what_is_known_no_longer_is_not_shown():
    metrics = Metrics()
    metrics.limits([("max_daily_loss", 0.05, 0.01)])
    metrics.equity("EUR", 1234.5)
    metrics.no_limits()
    assert not [name for name in samples(metrics) if name.startswith(("risk_limit", "equity"))]


def test_two_systems_in_one_process_do_not_share_figures():
    first, second = Metrics(), Metrics()
    first.order_entered("LIVE")
    assert "orders_total[LIVE]" not in samples(second)
