"""`python -m trading_executor` and the command trading-executor: first see whose `app` is imported, then run it."""

import sys

from trading_executor import _check_app


def main() -> None:
    """The command line; one line and status 1 when another package called app stands in the way."""
    try:
        _check_app()
    except ImportError as error:
        print(f"trading-executor: {error}", file=sys.stderr)
        sys.exit(1)
    from app.cli import main as run

    run()


if __name__ == "__main__":
    main()
