"""Where signals are fetched from: a folder, a Redis stream, a NATS subject; port.py says what a source is.

One a file; a new one stands in KINDS. What a source's settings may be, its `of` says.
"""

from collections.abc import Mapping

from app.domain.refusals import InvalidValue
from app.services.signals.sources.directory import Directory
from app.services.signals.sources.nats_subject import NatsSubject
from app.services.signals.sources.port import Declared, SignalSource, SourceKind
from app.services.signals.sources.redis_stream import RedisStream

KINDS: Mapping[str, SourceKind] = {"directory": Directory.of, "redis": RedisStream.of, "nats": NatsSubject.of}


def made(name: str, said: object) -> tuple[Declared, SignalSource]:
    """A source of the settings. Raises InvalidValue naming the key at fault."""
    declared = Declared.of(name, said)
    kind = KINDS.get(declared.kind)
    if kind is None:
        raise InvalidValue(f"signal_sources.{name}.kind", declared.kind, f"must be one of {', '.join(KINDS)}")
    source = kind(declared)
    declared.check_read()
    return declared, source
