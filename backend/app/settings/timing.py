"""The system's time constants."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.settings.values import plain_number

Seconds = Annotated[float, BeforeValidator(plain_number), Field(gt=0, le=86_400, allow_inf_nan=False)]


class Timing(BaseModel):
    """The system's time constants, in seconds. Their relations are checked: a lease outlives what it protects."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    request_timeout_seconds: Seconds = 3
    expiry_seconds: Seconds = 5
    expiry_margin_seconds: Seconds = 2
    read_after_write_lag_seconds: Seconds = 5
    fill_visible_seconds: Seconds = 10
    book_age_max_seconds: Seconds = 2
    lease_seconds: Seconds = 15
    lease_renewal_seconds: Seconds = 5
    lease_skew_seconds: Seconds = 1
    clock_offset_alarm_seconds: Seconds = 1
    clock_offset_stop_seconds: Seconds = 5
    loop_lag_stop_seconds: Seconds = 1
    convergence_seconds: Seconds = 30
    audit_period_seconds: Seconds = 30
    stale_request_seconds: Seconds = 60
    dead_man_seconds: Seconds = 30
    dead_man_feed_seconds: Seconds = 5
    second_person_seconds: Seconds = 3600

    @model_validator(mode="after")
    def _check_relations(self) -> Self:
        for smaller, larger in (
            ("lease_renewal_seconds", "lease_seconds"),
            ("lease_skew_seconds", "lease_renewal_seconds"),
            ("expiry_seconds", "lease_seconds"),
            ("clock_offset_alarm_seconds", "clock_offset_stop_seconds"),
            ("dead_man_feed_seconds", "dead_man_seconds"),
        ):
            low, high = getattr(self, smaller), getattr(self, larger)
            if low >= high:
                raise ValueError(f"{smaller} {low:g} must be below {larger} {high:g}")
        return self
