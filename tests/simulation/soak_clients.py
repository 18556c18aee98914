"""What happens in a soak run beside the faults: what clients ask for, and what comes and goes by no request of ours."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Any

from app.domain.orders import OrderSide, OrderType, PositionSide, TradeMode
from app.domain.parents import ParentStatus
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.parents.orders import ParentOrders
from app.services.trading.schemas import OrderParams
from app.strategies.signals import Signal, SignalType
from app.system import System
from tests.simulation.odd_worlds import AIRDROPS, EVERYTHING, Traits, unit
from tests.simulation.sample_parents import PRICED, Around, sample
from tests.support.simulated_okx import MAIN, SimulatedVenue

D = Decimal
RELEASES = 0.05
"""How likely an operator looks at an engaged kill switch, each moment."""

Ask = Callable[[Awaitable[Any]], None]


def never_began(did: Counter[str]) -> list[str]:
    """The registered strategies of which a run has started no parent."""
    return [name for name in STRATEGIES if not did[f"began {name}"]]


class Outside:
    """Another hand on the account, and whoever sends money: they act at the exchange, and nobody tells us."""

    def __init__(self, venue: SimulatedVenue, traits: Traits, draw: random.Random, did: Counter[str]) -> None:
        self.venue, self.traits, self.draw, self.did = venue, traits, draw, did
        self.names = tuple(item.inst_id for item in traits.instruments)

    def act(self) -> None:
        """One thing, where money comes and goes at all."""
        drawn = self.draw.random()
        if drawn < 0.4:
            self.order()
        elif drawn < 0.5:
            self.did["airdrops"] += 1
            self.venue.act("deposit", ccy=self.draw.choice(AIRDROPS), amount=str(self.draw.randint(1, 10**9)))
        else:
            self.move(self.draw.choice(self.currencies()))

    def fund(self) -> None:
        """An account that was empty gets something."""
        self.did["transfers"] += 1
        self.venue.act("deposit", ccy="USDT", amount="250000")

    def currencies(self) -> tuple[str, ...]:
        found = dict.fromkeys(name for item in self.traits.instruments for name in (item.base, item.quote))
        return tuple(name for name in found if name != "USD")

    def move(self, currency: str) -> None:
        """A deposit, or a withdrawal of a part of what is free."""
        account = self.venue.exchange.accounts[MAIN.name]
        free = self.venue.exchange.desk.view(account, currency).available_equity
        if self.draw.random() < 0.5 and free > 0:
            self.did["withdrawals"] += 1
            part = free * D(self.draw.choice(("0.02", "0.3", "0.9")))
            self.venue.act("deposit", ccy=currency, amount=str(-part.quantize(D("0.0001"))))
        else:
            self.did["transfers"] += 1
            usual = next((unit(item) for item in self.traits.instruments if item.base == currency), D(100))
            self.venue.act("deposit", ccy=currency, amount=str(usual * self.draw.randint(1, 200)))

    def pause(self, loop: asyncio.AbstractEventLoop) -> None:
        """The exchange suspends a market, whose book leaves, and opens it again after up to a minute."""
        name = self.draw.choice(self.names)
        self.did["pauses"] += 1
        self.venue.act("instrument", instId=name, state="suspend")
        self.venue.act("empty_book", instId=name)
        loop.call_later(self.draw.uniform(1, 60), partial(self.venue.act, "instrument", instId=name, state="live"))

    def open_all(self) -> None:
        for name in self.names:
            self.venue.act("instrument", instId=name, state="live")

    def order(self) -> None:
        """A market order by hand; refused ones are nobody's business."""
        name = self.draw.choice(self.names)
        inst, side = EVERYTHING[name], self.draw.choice(("buy", "sell"))
        params = {
            "instId": name,
            "side": side,
            "ordType": "market",
            "sz": format(unit(inst) * self.draw.randint(1, 10), "f"),
            "tdMode": self.venue.exchange.accounts[MAIN.name].spot_mode
            if inst.is_spot
            else self.draw.choice(self.traits.modes).value,
        }
        params |= {"tgtCcy": "base_ccy"} if inst.is_spot else {"posSide": self.draw.choice(self.traits.sides).value}
        try:
            self.venue.act("order", params=params)
        except AssertionError:
            self.did["by hand, refused"] += 1
        else:
            self.did["by hand"] += 1


class Clients:
    """What the clients of one run ask of the system that is up."""

    def __init__(
        self, venue: SimulatedVenue, traits: Traits, draw: random.Random, did: Counter[str], client: Ask
    ) -> None:
        self.venue, self.traits, self.draw, self.did, self.client = venue, traits, draw, did, client
        self.markets = [item.inst_id for item in traits.instruments]
        self.contracts = [name for name in self.markets if not EVERYTHING[name].is_spot]

    def act(self, system: System) -> None:
        """One thing that a client does."""
        drawn = self.draw.random()
        if system.ledger.kill_switch.engaged and self.draw.random() < RELEASES:
            self._do("kill switch released", system.executor.release_kill_switch("looked at", principal="client"))
        elif drawn < 0.40:
            self._do("orders", self._order(system))
        elif drawn < 0.55:
            self._do("signals", self._signal(system))
        elif drawn < 0.72:
            self._do("cancels", self._cancel(system))
        elif drawn < 0.83:
            self._do("amends", self._amend(system))
        elif drawn < 0.94:
            self._do("parents", self._parent(system))
        elif drawn < 0.945:
            instrument_id = self.draw.choice((None, *self.markets))
            self._do("cancel_all", system.executor.cancel_all(instrument_id, principal="client"))
        elif drawn < 0.95:
            which = self.draw.choice((None, *self.contracts, *self.markets))
            self._do("flatten", system.executor.flatten(which, principal="client"))
        elif drawn < 0.96:
            self.venue.act("funding", rate=str(D(self.draw.randint(-300, 300)) / 100_000))

    def _do(self, what: str, asking: Awaitable[Any] | None) -> None:
        if asking is not None:
            self.did[what] += 1
            self.client(asking)

    def _price(self, instrument_id: str) -> Decimal:
        """Around the market's own middle: through it, at it, and far behind it."""
        market = self.venue.exchange.markets[instrument_id]
        tick = market.inst.tick
        last = market.inst.price(market.last_price)
        return last + round(last * D(str(round(self.draw.gauss(0, 0.0008), 6))) / tick) * tick

    def _params(self, instrument_id: str, kind: OrderType, units: int) -> OrderParams:
        inst = EVERYTHING[instrument_id]
        side = self.draw.choice(list(OrderSide))
        return OrderParams(
            instrument_id=instrument_id,
            side=side,
            order_type=kind,
            size=unit(inst) * units,
            price=self._price(instrument_id) if kind.has_price else None,
            trade_mode=TradeMode.CASH if inst.is_spot else self.draw.choice(self.traits.modes),
            position_side=PositionSide.NET if inst.is_spot else self.draw.choice(self.traits.sides),
            strategy_id=self.draw.choice((None, "one", "two")),
        )

    def _order(self, system: System) -> Awaitable[Any]:
        kind, units = self.draw.choice(list(OrderType)), self.draw.randint(1, 30)
        params = self._params(self.draw.choice(self.markets), kind, units)
        key = f"key{self.did['orders']}" if self.draw.random() < 0.2 else None
        return system.executor.place_order(params, principal="client", idempotency_key=key)

    def _signal(self, system: System) -> Awaitable[Any]:
        instrument_id = self.draw.choice(self.markets)
        kind = self.draw.choice((SignalType.BUY, SignalType.SELL, SignalType.CLOSE))
        close = kind is SignalType.CLOSE
        price = self._price(instrument_id) if self.draw.random() < 0.5 and not close else None
        size = None if close else unit(EVERYTHING[instrument_id]) * self.draw.randint(1, 20)
        signal = Signal(kind, instrument_id, price, size)
        if self.draw.random() < 0.5 and not EVERYTHING[instrument_id].is_spot:
            side, mode = self.draw.choice(self.traits.sides), self.draw.choice(self.traits.modes)
            signal = Signal(kind, instrument_id, price, size, position_side=side, trade_mode=mode)
        return system.executor.execute_signal(signal, strategy_id="three")

    @staticmethod
    def _open(system: System) -> list[Any]:
        return [order for order in system.ledger.open_orders() if not order.terminal]

    def _cancel(self, system: System) -> Awaitable[Any] | None:
        if not (orders := self._open(system)):
            return None
        return system.executor.cancel_order(self.draw.choice(orders).order_id, principal="client")

    def _amend(self, system: System) -> Awaitable[Any] | None:
        orders = [o for o in self._open(system) if o.request.order_type.rests and not o.request.external]
        if not orders:
            return None
        order = self.draw.choice(orders)
        step = unit(EVERYTHING[order.request.instrument_id])
        size = max(step, order.size + step * self.draw.randint(-4, 6)) if self.draw.random() < 0.6 else None
        price = self._price(order.request.instrument_id) if size is None or self.draw.random() < 0.4 else None
        return system.executor.modify_order(order.order_id, new_size=size, new_price=price, principal="client")

    def _parent(self, system: System) -> Awaitable[Any] | None:
        parents, drawn = system.parents, self.draw.random()
        if drawn < 0.1:
            return parents.cancel_all(self.draw.choice((None, *self.markets)), reason="drawn")
        if drawn < 0.3:
            return self._steered(parents)
        name = self._next_strategy()
        self.did[f"tried {name}"] += 1
        kind = OrderType.LIMIT if name in PRICED or self.draw.random() < 0.3 else OrderType.MARKET
        params = self._params(self.draw.choice(self.markets), kind, 40)
        market = self.venue.exchange.markets[params.instrument_id]
        last, tick = market.inst.price(market.last_price), market.inst.tick
        return self._begun(system, name, sample(name, Around(self.draw, last, tick, params.side)), params)

    def _next_strategy(self) -> str:
        """One that never began if there is one, of those the least tried: so a short run has them all."""
        names = never_began(self.did) or list(STRATEGIES)
        fewest = min(self.did[f"tried {name}"] for name in names)
        return self.draw.choice([name for name in names if self.did[f"tried {name}"] == fewest])

    async def _begun(self, system: System, name: str, config: dict[str, Any], params: OrderParams) -> None:
        await system.parents.start(name, config, params, principal="client")
        self.did[f"began {name}"] += 1

    def _steered(self, parents: ParentOrders) -> Awaitable[Any] | None:
        """One that is open is paused, goes on, or becomes another size."""
        if not (opened := parents.history(open_only=True)):
            return None
        parent, drawn = self.draw.choice(opened).parent, self.draw.random()
        if parent.status in (ParentStatus.PAUSED, ParentStatus.SUSPENDED) and drawn < 0.7:
            return parents.resume(parent.parent_id, principal="client")
        if drawn < 0.5:
            return parents.pause(parent.parent_id, principal="client")
        size = parent.size + unit(EVERYTHING[parent.instrument_id]) * self.draw.randint(-15, 20)
        return parents.amend(parent.parent_id, size=size, principal="client")
