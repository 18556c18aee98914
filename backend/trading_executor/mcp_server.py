"""The running system as tools of an assistant (Model Context Protocol, official package), over standard input.

Every tool is a call of the typed client: the system looks at the key's scopes and limits as at any other request. What
trades is proposed only; a person confirms it, with another key. Needs the extra `mcp`.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from trading_executor.client import calls
from trading_executor.client.asynchronous import AsyncClient
from trading_executor.client.errors import ClientError, Problem
from trading_executor.client.wire import Call

INSTRUCTIONS = """A trading system: what it holds, what it works, and what that cost.
Amounts are exact decimals written as text; give sizes and prices so too. Instants are ISO 8601 in UTC.
Nothing here trades: propose_order and propose_execution leave a proposal, which a person confirms or refuses elsewhere
within an hour; `proposals` says what became of it."""

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
PROPOSES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
ROWS_MAX = 100

Answer = dict[str, Any]


async def serve(url: str, api_key: str | None, *, tls: ssl.SSLContext | None = None) -> None:
    """Until standard input ends. Raises ValueError for an address that is none."""
    async with AsyncClient(url, api_key, tls=tls) as client:
        await server(client).run_stdio_async()


def server(client: AsyncClient) -> MCPServer:
    """Its tools, asking by this client."""
    made = MCPServer("trading-executor", title="Trading Executor", instructions=INSTRUCTIONS, log_level="WARNING")
    tools = Tools(client)
    for read in (
        tools.status,
        tools.balances,
        tools.positions,
        tools.orders,
        tools.executions,
        tools.performance,
        tools.tca,
        tools.risk_limits,
        tools.instrument,
        tools.book,
        tools.candles,
        tools.proposals,
    ):
        made.add_tool(read, annotations=READS)
    for propose in (tools.propose_order, tools.propose_execution):
        made.add_tool(propose, annotations=PROPOSES)
    return made


class Tools:
    """What an assistant may ask; each method's name, words and parameters are the tool's."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def status(self) -> Answer:
        """Whether new orders are accepted and why not, the kill switch, the exchange's streams, what is open."""
        return await self._ask(calls.status())

    async def balances(self) -> Answer:
        """Balances by currency, equity, and the equity at the day's start."""
        return await self._ask(calls.account())

    async def positions(self, instrument_id: str | None = None) -> Answer:
        """What is held: size, cost, mark and profit of every position."""
        return await self._ask(calls.positions(instrument_id))

    async def orders(self, active_only: bool = False, instrument_id: str | None = None, limit: int = 20) -> Answer:
        """Orders, newest first; with active_only those that are not over, oldest first. limit: 1 to 100."""
        if active_only:
            return await self._ask(calls.active_orders(instrument_id))
        return await self._ask(calls.order_history(instrument_id=instrument_id, limit=min(limit, ROWS_MAX)))

    async def executions(self, execution_id: str | None = None, open_only: bool = False, limit: int = 20) -> Answer:
        """Executions (TWAP, iceberg and so on), newest first; or one by its id: how it stands against its schedule."""
        if execution_id is not None:
            return await self._ask(calls.execution_figures(execution_id))
        return await self._ask(calls.executions(open_only=open_only, limit=min(limit, ROWS_MAX)))

    async def performance(
        self,
        start_date: str | None = None,
        end_date: str | None = None,
        instrument_id: str | None = None,
        strategy_id: str | None = None,
    ) -> Answer:
        """Win rate, profit and loss, Sharpe, Sortino, drawdown; of a period, an instrument, a strategy. A figure that
        is not defined is null."""
        found = calls.performance(
            start_date=start_date, end_date=end_date, instrument_id=instrument_id, strategy_id=strategy_id
        )
        return await self._ask(found)

    async def tca(self, order_or_execution_id: str) -> Answer:
        """What an order or an execution cost against the market that it met: implementation shortfall by component,
        slippage, spread, markouts. Positive costs are bad; what is not known stands in `missing`, with the reason."""
        return await self._ask(calls.order_cost(order_or_execution_id))

    async def risk_limits(self) -> Answer:
        """The risk limits in force, what is used and left of each, and the limits of this assistant's own key."""
        return await self._ask(calls.risk_limits())

    async def instrument(self, instrument_id: str) -> Answer:
        """One instrument, such as BTC-USDT: steps of price and size, smallest order, fees and leverage in force."""
        return await self._ask(calls.instrument(instrument_id))

    async def book(self, instrument_id: str, depth: int = 5) -> Answer:
        """The order book, best first, each level price and size."""
        return await self._ask(calls.book(instrument_id, depth=depth))

    async def candles(
        self, instrument_id: str, bar: str = "1h", start_date: str | None = None, limit: int = 24
    ) -> Answer:
        """Candles, oldest first; bar: 1m, 5m, 15m, 30m, 1h, 4h or 1d. Without start_date the last ones."""
        asked = calls.candles(instrument_id, bar=bar, start_date=start_date, limit=min(limit, ROWS_MAX))
        return await self._ask(asked)

    async def proposals(self) -> Answer:
        """What was proposed, newest first, and what became of it: pending, confirmed, refused or expired. reason: why
        it was refused, or what kept it back when a person confirmed it last."""
        return await self._ask(calls.proposals())

    async def propose_order(
        self,
        instrument_id: str,
        side: str,
        order_type: str,
        size: str,
        price: str | None = None,
        trade_mode: str | None = None,
        reduce_only: bool | None = None,
        strategy_id: str | None = None,
        trigger_price: str | None = None,
        take_profit: str | None = None,
        stop_loss: str | None = None,
    ) -> Answer:
        """Propose an order; nothing is placed until a person confirms it. side: buy or sell. order_type: market, limit,
        post_only, ioc, fok, stop, take_profit. size, price: decimals as text; size in base currency for spot, in
        contracts for swaps. trade_mode: cash (spot), cross or isolated. Refused, with every reason, when risk would
        refuse it now. The same proposal is one while it waits."""
        proposed = calls.propose_order(
            instrument_id,
            side,
            order_type,
            size,
            price=price,
            trade_mode=trade_mode,
            reduce_only=reduce_only,
            strategy_id=strategy_id,
            trigger_price=trigger_price,
            take_profit=take_profit,
            stop_loss=stop_loss,
        )
        return await self._ask(proposed)

    async def propose_execution(
        self,
        strategy: str,
        instrument_id: str,
        side: str,
        size: str,
        config: dict[str, Any] | None = None,
        price: str | None = None,
        trade_mode: str | None = None,
        strategy_id: str | None = None,
    ) -> Answer:
        """Propose to work a larger order over time; nothing is started until a person confirms it. strategy: twap,
        vwap, pov, iceberg, adaptive and others; config: its settings, such as {"duration": 600} in seconds. price: a
        limit that no order of it crosses. The rest as of propose_order."""
        proposed = calls.propose_execution(
            strategy,
            instrument_id,
            side,
            size,
            config=config,
            price=price,
            trade_mode=trade_mode,
            strategy_id=strategy_id,
        )
        return await self._ask(proposed)

    async def _ask(self, call: Call[Any]) -> Answer:
        """The answer as the system wrote it. Raises ToolError, which the assistant reads."""
        try:
            found: Mapping[str, Any] = await self._client.fetch(call)
        except Problem as problem:
            raise ToolError(f"{problem.kind}: {problem}") from None
        except (ClientError, ValueError) as error:
            raise ToolError(str(error)) from None
        return dict(found)
