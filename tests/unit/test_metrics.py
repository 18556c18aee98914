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
        for family in text_string_to_metric_families(metrics.render().decode())
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
    metrics.fill_recorded("maker")
    metrics.anomaly("late_fill")
    metrics.acknowledged(0.25)
    metrics.reached_wire(0.001)
    metrics.committed(0.002, 64)
    metrics.loop_lagged(0.5)
    metrics.kill_switch(True)
    metrics.ready(False)
    metrics.differences_standing(2)
    metrics.watch_stream("orders", lambda: 1.5)
    metrics.watch("log_records_dropped", "Log records dropped", lambda: 7)
    assert samples(metrics) == {
        "orders_total[LIVE]": 2,
        "open_orders[LIVE]": 2,
        "risk_refusals_total[max_order_size]": 1,
        "fills_total[maker]": 1,
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
        "stream_age_seconds[orders]": 1.5,
        "kill_switch": 1,
        "ready": 0,
        "differences_standing": 2,
        "log_records_dropped": 7,
    }


def test_a_stream_that_never_spoke_has_no_age():
    metrics = Metrics()
    metrics.watch_stream("orders", lambda: None)
    assert 'trading_executor_stream_age_seconds{stream="orders"} NaN' in metrics.render().decode()


def test_two_systems_in_one_process_do_not_share_figures():
    first, second = Metrics(), Metrics()
    first.order_entered("LIVE")
    assert "orders_total[LIVE]" not in samples(second)
