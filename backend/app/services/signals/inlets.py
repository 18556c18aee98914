"""Every way in for signals of others, as the settings have them, around the one intake."""

from collections.abc import Mapping

from app.clock import Clock
from app.services.signals.alerts import Alerts
from app.services.signals.feeds import Feeds
from app.services.signals.intake import SignalIntake
from app.services.signals.sizing import Sizing
from app.services.trading.account.key_book import KeyBook


class Inlets:
    """hooks, sources: tables by name. Raises InvalidValue for settings that declare what cannot be."""

    def __init__(
        self,
        intake: SignalIntake,
        hooks: Mapping[str, object],
        sources: Mapping[str, object],
        keys: KeyBook,
        clock: Clock,
    ) -> None:
        self.intake = intake
        self.alerts = Alerts(hooks, intake, clock)
        self.feeds = Feeds(sources, intake, keys, clock)


__all__ = ["Inlets", "SignalIntake", "Sizing"]
