"""Anybody's signals in: what was wished for, durable and once, whoever sends it and how often (docs/signals.md)."""
