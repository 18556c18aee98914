"""A venue inside the process: no I/O, no latency, its own truth."""

from app.exchanges.memory.exchange import DEFAULT_INSTRUMENTS, MemoryExchange, Quote, ScriptedAnswer

__all__ = ["DEFAULT_INSTRUMENTS", "MemoryExchange", "Quote", "ScriptedAnswer"]
