"""Public subscriptions: who may have which channel where, the shared publishers, and when they are due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.config import Config
from app.simulator.doors.channels.depth import DEPTH_KINDS, DepthPublisher
from app.simulator.doors.channels.public import Publisher, TradePublisher, build
from app.simulator.doors.connections import Connection, Connections, SubKey, encode_push
from app.simulator.doors.views.market import instrument_row, status_row
from app.simulator.faults import Faults
from app.simulator.market.markets import Market, index_market
from app.simulator.now import Now

VIP_CHANNELS = ("books-l2-tbt", "books50-l2-tbt")
VIP_LEVEL = 4
WITHOUT_INSTRUMENT = ("instruments", "status")


class PublicHub:
    """Publishers by (channel, instrument) and their subscribers in order of subscription."""

    def __init__(
        self,
        config: Config,
        now: Now,
        markets: Mapping[str, Market],
        faults: Faults,
        connections: Connections,
        list_ms: int,
    ) -> None:
        self._config = config
        self._now = now
        self._markets = markets
        self._faults = faults
        self._list_ms = list_ms
        self._publishers: dict[SubKey, Publisher] = {}
        self._subscribers: dict[SubKey, list[Connection]] = {}
        self._connections = connections
        connections.ended.append(self.drop)

    def problem(self, connection: Connection, arg: Mapping[str, Any]) -> Refusal | None:
        """Why this subscription is not possible, if it is not."""
        channel, inst_id = str(arg.get("channel", "")), str(arg.get("instId", ""))
        unknown = refuse("60018", f"channel:{channel},instId:{inst_id}")
        business = channel.startswith("candle") or channel == "trades-all"
        if connection.path != ("business" if business else "public"):
            return unknown
        if channel in WITHOUT_INSTRUMENT:
            return None
        if channel in VIP_CHANNELS:
            if connection.account is None:
                return refuse("60011")
            if connection.account.config.vip < VIP_LEVEL:
                return refuse("64003")
        if (channel == "books" and self._has(connection, "books-l2-tbt", inst_id)) or (
            channel == "books-l2-tbt" and self._has(connection, "books", inst_id)
        ):
            return refuse("64004")
        if self._publisher(channel, inst_id) is None:
            return unknown
        return None

    @staticmethod
    def _has(connection: Connection, channel: str, inst_id: str) -> bool:
        return (channel, inst_id) in connection.subs

    def _market(self, channel: str, inst_id: str) -> Market | None:
        """An index goes by its pair, everything else by its instrument."""
        return index_market(self._markets, inst_id) if channel == "index-tickers" else self._markets.get(inst_id)

    def _publisher(self, channel: str, inst_id: str) -> Publisher | None:
        key, market = (channel, inst_id), self._market(channel, inst_id)
        if market is None:
            return None
        found = self._publishers.get(key)
        if found is not None and self._subscribers.get(key):
            return found
        if channel in DEPTH_KINDS:
            return DepthPublisher(channel, market, self._now.ns)
        return build(channel, market, self._config, self._now.ns)

    def subscribe(self, connection: Connection, arg: dict[str, Any]) -> None:
        channel, inst_id = str(arg["channel"]), str(arg.get("instId", ""))
        key = (channel, inst_id)
        connection.subs[key] = arg
        if channel in WITHOUT_INSTRUMENT:
            self._start_plain(connection, channel, arg)
            return
        market, publisher = self._market(channel, inst_id), self._publisher(channel, inst_id)
        assert market is not None
        assert publisher is not None
        self._publishers[key] = publisher
        listeners = self._subscribers.setdefault(key, [])
        if connection not in listeners:
            listeners.append(connection)
        market.keep_fresh = market.keep_fresh or isinstance(publisher, TradePublisher)
        body = publisher.snapshot(self._now.ns)
        if body is not None:
            self._connections.push(connection, {"channel": channel, "instId": inst_id}, body)

    def _start_plain(self, connection: Connection, channel: str, arg: dict[str, Any]) -> None:
        listeners = self._subscribers.setdefault((channel, ""), [])
        if connection not in listeners:
            listeners.append(connection)
        if channel == "instruments":
            kind = arg.get("instType")
            rows = [instrument_row(m, self._list_ms) for m in self._markets.values() if m.inst.inst_type == kind]
            self._connections.push(connection, arg, {"data": rows})

    def unsubscribe(self, connection: Connection, arg: Mapping[str, Any]) -> None:
        self._forget(connection, (str(arg.get("channel", "")), str(arg.get("instId", ""))))

    def drop(self, connection: Connection) -> None:
        for key in list(connection.subs):
            self._forget(connection, key)

    def _forget(self, connection: Connection, key: SubKey) -> None:
        connection.subs.pop(key, None)
        listeners = self._subscribers.get(key)
        if listeners is None or connection not in listeners:
            return
        listeners.remove(connection)
        if not listeners:
            del self._subscribers[key]
            self._publishers.pop(key, None)

    def announce(self, title: str) -> None:
        """Tell the status channel something."""
        for connection in self._subscribers.get(("status", ""), []):
            self._connections.push(connection, {"channel": "status"}, {"data": [status_row(title, self._now.ms)]})

    def instrument_changed(self, market: Market) -> None:
        """Push one changed instrument, as OKX does since 2026-09-30: never the whole catalogue."""
        for connection in self._subscribers.get(("instruments", ""), []):
            arg = {"channel": "instruments", "instType": market.inst.inst_type}
            self._connections.push(connection, arg, {"data": [instrument_row(market, self._list_ms)]})

    # -- time ------------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Is anybody subscribed to anything that the market drives?"""
        return bool(self._publishers)

    def next_ns(self) -> int | None:
        """When the next publisher is due, given what has changed so far."""
        return min((publisher.due_ns() for publisher in self._publishers.values()), default=None)

    def collect_trades(self) -> None:
        """Hand fresh trades of the markets to their channels."""
        for market in self._markets.values():
            if not market.fresh_trades:
                continue
            for channel in ("trades", "trades-all"):
                publisher = self._publishers.get((channel, market.inst.inst_id))
                if isinstance(publisher, TradePublisher):
                    publisher.waiting += market.fresh_trades
            market.fresh_trades.clear()

    def tick(self) -> None:
        """Push what is due, books of one instrument in OKX's order."""
        now_ns = self._now.ns
        due = [key for key, publisher in self._publishers.items() if publisher.due_ns() <= now_ns]
        due.sort(key=lambda key: (key[1], DEPTH_KINDS[key[0]].rank if key[0] in DEPTH_KINDS else 9))
        for key in due:
            publisher = self._publishers.get(key)
            if publisher is None:
                # Sending an earlier one closed the only connection that listened (a fault may do that).
                continue
            if isinstance(publisher, DepthPublisher) and self._faults.any:
                self._disturb(publisher)
            body = publisher.push(now_ns)
            if body is None or (key[0] in DEPTH_KINDS and self._faults.fires("seq_gap")):
                continue
            self._send_all(key, body)

    def _disturb(self, publisher: DepthPublisher) -> None:
        """Book faults, one chance a due push."""
        if self._faults.fires("seq_reset"):
            publisher.market.book.version //= 2
        if self._faults.fires("crossed_book"):
            publisher.cross()

    def _send_all(self, key: SubKey, body: Mapping[str, Any]) -> None:
        text = encode_push({"channel": key[0], "instId": key[1]}, body)
        for connection in list(self._subscribers.get(key, [])):
            self._connections.push_text(connection, text)
