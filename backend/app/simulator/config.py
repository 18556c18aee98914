"""Configuration of the simulated exchange: frozen values, validated once, no reading of files or environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.simulator.market.instruments import DEFAULT_INSTRUMENTS, Instrument

MS = 1_000_000
SECOND = 1_000_000_000

DEFAULT_BALANCES: Mapping[str, Decimal] = {"USDT": Decimal(100_000), "BTC": Decimal(2), "ETH": Decimal(20)}


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One (sub-)account and its key. Accounts with the same `master` share self-trade prevention, as at OKX.

    Fees are (maker, taker), positive when charged, negative for a rebate; None is the exchange's own tier.
    """

    name: str
    api_key: str
    secret: str
    passphrase: str
    balances: Mapping[str, Decimal] = field(default_factory=lambda: dict(DEFAULT_BALANCES))
    master: str = ""
    permissions: str = "read_only,trade"
    account_mode: str = "2"
    position_mode: str = "net_mode"
    vip: int = 0
    spot_fees: tuple[Decimal, Decimal] | None = None
    swap_fees: tuple[Decimal, Decimal] | None = None
    ip: str = ""


@dataclass(frozen=True, slots=True)
class LatencyLeg:
    """One leg's delay: base plus uniform jitter, and now and then a spike. Nanoseconds."""

    base_ns: int = 0
    jitter_ns: int = 0
    spike_probability: float = 0.0
    spike_ns: int = 0

    @property
    def active(self) -> bool:
        return bool(self.base_ns or self.jitter_ns or (self.spike_probability and self.spike_ns))


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that makes one simulated exchange. Same config, seed and calls give the same bytes out.

    `flow_rate` is synthetic background events a second and market (0: a book that stands still); `speed` paces a
    replay (1 real time, 0 as fast as it is asked for); `environment` is "any", "demo" or "live" and decides whether
    `x-simulated-trading: 1` is indifferent, required or refused (50101). `reduce_only_trims` shrinks a too large
    reduce-only order where OKX's page of July 2026 says it is rejected (51205). `connect_limit` allows an address three
    WebSocket connections a second, whatever `rate_limits` says.
    """

    accounts: tuple[AccountConfig, ...]
    instruments: tuple[Instrument, ...] = DEFAULT_INSTRUMENTS
    seed: int = 1
    flow_rate: float = 20.0
    depth_levels: int = 60
    replay: tuple[str, ...] = ()
    speed: float = 1.0
    loop: bool = False
    queue_model: str = "risk_averse"
    environment: str = "any"
    rate_limits: bool = True
    legacy_ws_instid: bool = False
    amend_delay_ns: int = 2 * MS
    connect_limit: bool = False
    entry: LatencyLeg = LatencyLeg()
    response: LatencyLeg = LatencyLeg()
    feed: LatencyLeg = LatencyLeg()
    faults: str = "none"
    history_max: int = 200_000
    data_dir: str | None = None
    reduce_only_trims: bool = False
    price_band: Decimal = Decimal("0.05")
    maintenance_rate: Decimal = Decimal("0.004")
    funding_rate: Decimal = Decimal("0.0001")
    spot_fees: tuple[Decimal, Decimal] = (Decimal("0.0008"), Decimal("0.001"))
    swap_fees: tuple[Decimal, Decimal] = (Decimal("0.0002"), Decimal("0.0005"))

    def __post_init__(self) -> None:
        if not self.accounts:
            raise ValueError("accounts: at least one account is needed")
        keys = [account.api_key for account in self.accounts]
        if len(set(keys)) != len(keys):
            raise ValueError(f"accounts: api keys must differ, got {keys}")
        if len({account.name for account in self.accounts}) != len(self.accounts):
            raise ValueError("accounts: names must differ")
        if self.environment not in ("any", "demo", "live"):
            raise ValueError(f"environment: {self.environment!r} is not any, demo or live")
        if self.flow_rate < 0 or self.speed < 0:
            raise ValueError(f"flow_rate and speed must not be negative, got {self.flow_rate} and {self.speed}")


def fee_rates(account: AccountConfig, config: Config, *, spot: bool) -> tuple[Decimal, Decimal]:
    """(maker, taker) in force for an account."""
    if spot:
        return account.spot_fees or config.spot_fees
    return account.swap_fees or config.swap_fees
