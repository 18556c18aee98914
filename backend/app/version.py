"""Which version this is."""

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """Of the distribution; 0 where the code runs without being installed."""
    try:
        return version("trading-executor")
    except PackageNotFoundError:
        return "0"
