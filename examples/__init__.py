"""Runnable examples: `python -m examples.basic_order` and so on, each over an exchange in memory, in simulated time."""
