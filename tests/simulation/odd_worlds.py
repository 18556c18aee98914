"""What kind of world a seed draws: the account, what is listed, how positions are kept, how slow the exchange is, what
comes and goes, whose clock steps, which markets pause and how busy the day was before a restart.

Faults of money hide where nobody looks: so no world here is the usual one but by chance. `str(traits)` is one line.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.clock import NS_PER_SECOND
from app.domain.orders import PositionSide, TradeMode
from app.simulator.config import LatencyLeg
from app.simulator.market.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS, START_PRICES, Instrument

D = Decimal
EVERYTHING = {item.inst_id: item for item in (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS)}
WITHOUT_USDT = tuple(name for name, item in EVERYTHING.items() if "USDT" not in (item.base, item.quote))
ORDER_VALUE_USD = 40
"""What one unit of an order is worth, about; clients send one to thirty."""

USD = {"USDT": D(1), "USDC": D(1), "USD": D(1), "EUR": D("1.11"), "BTC": D(50_000), "ETH": D(2_500)}
USD["PEPE"] = START_PRICES["PEPE"]

Balances = Mapping[str, Decimal]

ACCOUNTS: dict[str, tuple[Balances, tuple[str, ...]]] = {
    "USDT": ({"USDT": D(1_000_000), "BTC": D(5), "ETH": D(50)}, tuple(EVERYTHING)),
    "USDC and EUR": ({"USDC": D(400_000), "EUR": D(300_000)}, WITHOUT_USDT),
    "EUR alone": ({"EUR": D(500_000), "BTC": D(2)}, WITHOUT_USDT),
    "coins alone": ({"BTC": D(12), "ETH": D(150)}, ("ETH-BTC", "BTC-USDC", "ETH-USDC", "BTC-USD-SWAP")),
    "a billionth": (
        {"USDT": D(300_000), "PEPE": D(10_000_000_000_000)},
        ("PEPE-USDT", "BTC-USDT", "ETH-BTC", "ETH-USDT-SWAP"),
    ),
    "inverse": ({"BTC": D(8), "USDT": D(50_000)}, ("BTC-USD-SWAP", "BTC-USDT", "BTC-USDT-SWAP")),
    "empty, funded later": ({}, ("BTC-USDT", "BTC-USDC", "USDC-USDT", "BTC-USDT-SWAP")),
}
"""By name: what it begins with, and what is listed."""

ANSWERS = ((0.0, 0.0), (0.0, 0.0), (0.05, 0.3), (0.1, 1.0), (0.1, 3.0))
"""How long an exchange takes to answer, in seconds."""

AIRDROPS = ("SCAM", "FREE2")
"""Currencies of no market."""


@dataclass(frozen=True)
class Traits:
    """One kind of world. answer_seconds: how long an answer takes, at least and at most. busy: orders that another hand
    fills while the process is down. pauses: markets are suspended, their books leave, and they come back. level: the
    account's, as OKX has it (3: multi-currency margin, 4: portfolio margin)."""

    account: str = "USDT"
    hedged: bool = False
    modes: tuple[TradeMode, ...] = (TradeMode.CROSS,)
    flows: bool = False
    answer_seconds: tuple[float, float] = (0.0, 0.0)
    clock_steps: bool = False
    busy: int = 0
    pauses: bool = False
    level: str = "2"

    @property
    def balances(self) -> Balances:
        return ACCOUNTS[self.account][0]

    @property
    def names(self) -> tuple[str, ...]:
        """What is listed."""
        return ACCOUNTS[self.account][1]

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        return tuple(EVERYTHING[name] for name in self.names)

    @property
    def latency(self) -> LatencyLeg:
        """Of one of the two ways of an answer."""
        least, most = self.answer_seconds
        return LatencyLeg(round(least * NS_PER_SECOND / 2), round((most - least) * NS_PER_SECOND / 2))

    @property
    def sides(self) -> tuple[PositionSide, ...]:
        """Those that a contract's position may have."""
        return (PositionSide.LONG, PositionSide.SHORT) if self.hedged else (PositionSide.NET,)

    def __str__(self) -> str:
        least, most = self.answer_seconds
        modes = " beside ".join(mode.value for mode in self.modes)
        return (
            f"account: {self.account}; positions: {'long beside short' if self.hedged else 'net'}, {modes}; "
            f"money {'comes and goes' if self.flows else 'stays'}; answers in {least:g} to {most:g} s; "
            f"level {self.level}; "
            f"clock {'steps' if self.clock_steps else 'steady'}; markets {'pause' if self.pauses else 'stay open'}; "
            f"{self.busy} orders by hand before a restart"
        )


USUAL = Traits()


def drawn(draw: random.Random, *, busiest: int = 400) -> Traits:
    """The traits of a world. busiest: orders by hand before a restart on the busiest day."""
    modes = ((TradeMode.CROSS,), (TradeMode.ISOLATED,), (TradeMode.CROSS, TradeMode.ISOLATED))
    return Traits(
        account=draw.choice(tuple(ACCOUNTS)),
        hedged=draw.random() < 0.4,
        modes=draw.choice(modes),
        flows=draw.random() < 0.6,
        answer_seconds=draw.choice(ANSWERS),
        clock_steps=draw.random() < 0.5,
        busy=draw.choice((0, 0, busiest // 10, busiest)),
        pauses=draw.random() < 0.5,
        level=draw.choice(("2", "2", "3", "4")),
    )


def start_price(inst: Instrument) -> Decimal:
    return START_PRICES.get(inst.inst_id, START_PRICES.get(inst.base, D(100)))


def unit(inst: Instrument) -> Decimal:
    """A size in whole lots that is worth about ORDER_VALUE_USD."""
    price = start_price(inst)
    worth = inst.contract_value if inst.is_inverse else inst.contract_value * price * USD[inst.quote]
    lots = round(ORDER_VALUE_USD / (worth * inst.lot))
    return max(inst.lot * lots, inst.min_size, inst.lot)
