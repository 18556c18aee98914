"""Trading Executor: signals and orders in, durable, risk-checked execution at the exchange, fills and accounts out.

docs/ARCHITECTURE.md draws the rooms; app.system puts them together.
"""
