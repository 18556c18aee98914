"""An OKX-compatible exchange for tests, demos and paper trading: a sans-I/O core and a thin server.

Imports nothing else of the project: an independent reading of OKX's protocol.
"""

from .config import AccountConfig, Config, LatencyLeg
from .exchange import SimulatedExchange
from .rest import Response
from .streams import Close

__all__ = ["AccountConfig", "Close", "Config", "LatencyLeg", "Response", "SimulatedExchange"]
