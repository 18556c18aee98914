"""OKX v5: REST and WebSocket behind the exchange port."""

from app.exchanges.okx.adapter import OkxExchange
from app.exchanges.okx.config import OkxConfig, Secret
from app.exchanges.okx.transport import Transport

__all__ = ["OkxConfig", "OkxExchange", "Secret", "Transport"]
