"""Who asks through a proxy: X-Forwarded-For and X-Forwarded-Proto count from those that the settings declare, alone."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

from app.api.connections import CERTIFICATE

Networks = Sequence[IPv4Network | IPv6Network]
NOBODY = ("", 0)
"""Who comes through a declared proxy that does not say from where."""
_SECURE = {"http": "https", "ws": "wss"}


def seen_through(scope: Scope, proxies: Networks) -> Scope:
    """The request with the client and the scheme that its proxy tells. Of several hops the last that no declared proxy
    is: what stands before it anybody could have written. A certificate that the proxy shows is its own, and nobody's
    key."""
    client = scope.get("client")
    if not proxies or client is None or not among(_read(str(client[0])), proxies):
        return scope
    hops = [hop for value in _values(scope, b"x-forwarded-for") for hop in value.split(",")]
    found = NOBODY
    for hop in reversed(hops):
        address = _read(hop.strip())
        found = NOBODY if address is None else (str(address), 0)
        if not among(address, proxies):
            break
    said = [part.strip().lower() for value in _values(scope, b"x-forwarded-proto") for part in value.split(",")]
    scheme = _SECURE.get(scope["scheme"], scope["scheme"]) if said[-1:] == ["https"] else scope["scheme"]
    state = {name: value for name, value in scope.get("state", {}).items() if name != CERTIFICATE}
    return {**scope, "client": found, "scheme": scheme, "state": state}


def comes_by(scope: Scope, proxies: Networks) -> bool:
    """Whether the connection is a declared proxy's, or of this machine."""
    client = scope.get("client")
    address = None if client is None else _read(str(client[0]))
    return client is None or (address is not None and (address.is_loopback or among(address, proxies)))


def among(address: IPv4Address | IPv6Address | None, networks: Networks) -> bool:
    return address is not None and any(address in network for network in networks)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address, perhaps with a port; None for what is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
