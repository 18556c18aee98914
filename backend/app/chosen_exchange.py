"""The exchange that the settings name, made: where a further one is added."""

from collections.abc import Callable

from app.clock import Clock
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.okx.adapter import OkxExchange
from app.exchanges.okx.beyond.simulator_faults import SimulatorFaults
from app.exchanges.okx.config import ACCOUNT_LEVELS, OkxConfig
from app.exchanges.port import Exchange, FaultKnobs
from app.settings import Settings, SettingsError


def make_exchange(settings: Settings, clock: Clock) -> Exchange:
    """The exchange that the settings name; the one in memory has no market but what a program gives it."""
    return EXCHANGES[settings.exchange](settings, clock)


def make_fault_knobs(settings: Settings, exchange: Exchange) -> FaultKnobs | None:
    """Those of the exchange where it is the simulated one; else None."""
    if not isinstance(exchange, OkxExchange) or settings.environment != "simulated":
        return None
    return SimulatorFaults(settings.okx_rest_url, settings.timing.request_timeout_seconds)


def _okx(settings: Settings, clock: Clock) -> Exchange:
    given = (settings.okx_api_key, settings.okx_secret_key, settings.okx_passphrase)
    api_key, secret_key, passphrase = (secret.get_secret_value() if secret else "" for secret in given)
    if not (api_key and secret_key and passphrase):
        raise SettingsError(["OKX_API_KEY, OKX_SECRET_KEY and OKX_PASSPHRASE must be set to trade on OKX"])
    return OkxExchange(
        OkxConfig(
            api_key=api_key,
            secret_key=secret_key,
            passphrase=passphrase,
            rest_url=settings.okx_rest_url,
            ws_url=settings.okx_ws_url,
            proxy=settings.okx_proxy or "",
            demo=settings.environment == "demo",
            environment=settings.environment,
            request_timeout_seconds=settings.timing.request_timeout_seconds,
            expected_uid=settings.okx_expected_uid or "",
            expected_hedged=settings.okx_expected_hedged,
            expected_level=ACCOUNT_LEVELS[settings.okx_expected_level] if settings.okx_expected_level else "",
            stp_mode=settings.okx_stp_mode,
            withdraw_permission_allowed=settings.okx_withdraw_permission_allowed,
        ),
        clock,
    )


EXCHANGES: dict[str, Callable[[Settings, Clock], Exchange]] = {
    "okx": _okx,
    "memory": lambda _, clock: MemoryExchange(clock),
}
