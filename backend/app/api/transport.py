"""How the API is reached from other machines: over TLS of its own or through a declared proxy, else not at all."""

import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from app.clock import Clock, utc

EXPIRES_SOON = timedelta(days=14)

log = structlog.get_logger("api")


class TransportError(Exception):
    """The API would be reached without protection, or its certificate cannot be used; the message names the setting."""


@dataclass(slots=True)
class Certificate:
    """The server's own, with its private key. client_ca: who signs certificates of clients, where those are taken.
    renew() takes a new one up that stands in the same files."""

    certificate: Path
    key: Path
    client_ca: Path | None
    clock: Clock
    context: ssl.SSLContext = field(default_factory=lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    _seen: tuple[int, int] = (0, 0)

    def load(self) -> None:
        """Read it. Raises TransportError."""
        written = self._written()
        mode = self.key.stat().st_mode & 0o777
        if mode & 0o007:
            raise TransportError(f"tls_key={self.key}: mode {mode:04o}: others may read the private key; make it 0600")
        self._check_time()
        try:
            # A certificate whose key has not been written yet would take the old key away: tried beside it first.
            for context in (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), self.context):
                context.load_cert_chain(self.certificate, self.key, password=_no_password)
                if self.client_ca is not None:
                    context.load_verify_locations(self.client_ca)
                    context.verify_mode = ssl.CERT_OPTIONAL
        except (OSError, ssl.SSLError, ValueError) as error:
            rule = "is no certificate with its unencrypted private key (and the authority of clients)"
            raise TransportError(f"tls_certificate={self.certificate}: {rule}: {error}") from None
        self._seen = written

    def renew(self) -> None:
        """Take up what was written since; what cannot be used is told, and the old one goes on."""
        try:
            if self._written() != self._seen:
                self.load()
                log.info("api.certificate_renewed", certificate=str(self.certificate))
        except TransportError as error:
            log.warning("api.certificate_not_renewed", reason=str(error))

    def _written(self) -> tuple[int, int]:
        times: list[int] = []
        for name, path in (("tls_certificate", self.certificate), ("tls_key", self.key)):
            try:
                with path.open("rb") as file:
                    times.append(os.fstat(file.fileno()).st_mtime_ns)
            except OSError as error:
                raise TransportError(f"{name}={path}: cannot be read ({error.strerror})") from None
        return times[0], times[1]

    def _check_time(self) -> None:
        from cryptography import x509  # a twentieth of a start, for those who serve TLS

        try:
            leaf = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError) as error:
            raise TransportError(f"tls_certificate={self.certificate}: is no certificate in PEM ({error})") from None
        now = utc(self.clock.now_ns()).astimezone(UTC)
        begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
        if not begins <= now < ends:
            rule = f"is valid from {_day(begins)} to {_day(ends)}, and it is {_day(now)}"
            raise TransportError(f"tls_certificate={self.certificate}: {rule}")
        if ends - now < EXPIRES_SOON:
            log.warning("api.certificate_expires_soon", certificate=str(self.certificate), ends=_day(ends))


def certificate(
    host: str,
    files: tuple[Path | None, Path | None, Path | None],
    proxies: Sequence[str],
    clock: Clock,
    *,
    loopback: bool,
) -> Certificate | None:
    """What the API is served with on that host: None for plain HTTP on this machine, or behind a declared proxy.
    files: certificate, private key, authority of clients. Raises TransportError."""
    own, key, client_ca = files
    if own is not None and key is not None:
        found = Certificate(own, key, client_ca, clock)
        found.load()
        return found
    if own is not None or key is not None or client_ca is not None:
        raise TransportError("tls_certificate, tls_key: give both or none (tls_client_ca beside them)")
    if not loopback and not proxies:
        rule = (
            "keys would go over the network in the clear: give tls_certificate and tls_key, or declare the proxy that "
            "ends TLS (trusted_proxies)"
        )
        raise TransportError(f"host={host}: {rule}")
    return None


def _no_password() -> bytes:
    """A start asks nobody: an encrypted private key is refused."""
    return b""


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d")
