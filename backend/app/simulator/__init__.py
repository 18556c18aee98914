"""An OKX-compatible exchange for tests, demos and paper trading: a sans-I/O core and a thin server.

Imports nothing else of the project: an independent reading of OKX's protocol.
"""

from app.simulator.config import AccountConfig, Config, LatencyLeg
from app.simulator.doors.connections import Close
from app.simulator.doors.rest.door import Response
from app.simulator.exchange import SimulatedExchange

__all__ = ["AccountConfig", "Close", "Config", "LatencyLeg", "Response", "SimulatedExchange"]
