"""What may be read again while the system runs: the settings of strategies of one's own."""

from typing import Any

from app.domain.refusals import InvalidValue
from app.settings import SettingsError, load_settings


def strategies_now() -> dict[str, dict[str, Any]]:
    """As the settings have them by now. Raises InvalidValue for settings that are wrong."""
    try:
        return load_settings().strategies
    except SettingsError as error:
        raise InvalidValue("settings", "strategies", "; ".join(error.problems)) from None
