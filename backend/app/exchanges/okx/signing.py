"""OKX's request signatures: Base64 of HMAC-SHA256 over timestamp, method, path and body (OKX v5, Overview).

The Signer is the only object that holds the key's secret; it offers headers and login arguments, never the secret.
"""

import base64
import hmac

from app.clock import utc
from app.exchanges.okx.config import OkxConfig, Secret

LOGIN_PATH = "/users/self/verify"


def iso_milliseconds(time_ns: int) -> str:
    """The timestamp form of REST: UTC, milliseconds, Z."""
    return utc(time_ns).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time_ns // 1_000_000 % 1000:03d}Z"


def sign(secret: str, prehash: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), prehash.encode(), "sha256")).decode()


class Signer:
    """Signs with one key. Times are the venue's, in nanoseconds."""

    __slots__ = ("_api_key", "_demo", "_passphrase", "_secret")

    def __init__(self, config: OkxConfig) -> None:
        self._api_key = _text(config.api_key)
        self._secret = Secret(_text(config.secret_key))
        self._passphrase = Secret(_text(config.passphrase))
        self._demo = config.demo

    @property
    def complete(self) -> bool:
        """Whether key, secret and passphrase are all there."""
        return bool(self._api_key and self._secret and self._passphrase)

    def public_headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._demo:
            headers["x-simulated-trading"] = "1"
        return headers

    def headers(self, time_ns: int, method: str, path: str, body: str) -> dict[str, str]:
        """Headers of a private request; path includes the query as it goes over the wire, body is the exact text."""
        timestamp = iso_milliseconds(time_ns)
        headers = self.public_headers()
        headers["OK-ACCESS-KEY"] = self._api_key
        headers["OK-ACCESS-SIGN"] = sign(self._secret.reveal(), f"{timestamp}{method}{path}{body}")
        headers["OK-ACCESS-TIMESTAMP"] = timestamp
        headers["OK-ACCESS-PASSPHRASE"] = self._passphrase.reveal()
        return headers

    def login(self, time_ns: int) -> dict[str, str]:
        """The argument of the WebSocket login; its timestamp is in whole seconds."""
        timestamp = str(time_ns // 1_000_000_000)
        return {
            "apiKey": self._api_key,
            "passphrase": self._passphrase.reveal(),
            "timestamp": timestamp,
            "sign": sign(self._secret.reveal(), f"{timestamp}GET{LOGIN_PATH}"),
        }


def _text(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value
