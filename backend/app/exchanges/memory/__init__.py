"""A venue inside the process: no I/O, no latency, its own truth."""

from app.exchanges.memory.exchange import MemoryExchange, ScriptedAnswer
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS
from app.exchanges.memory.venue import Quote

__all__ = ["DEFAULT_INSTRUMENTS", "ODD_INSTRUMENTS", "MemoryExchange", "Quote", "ScriptedAnswer"]
