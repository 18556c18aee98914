"""The command line: `trading-executor`. Commands on a running system ask its API; audits and backups read the database.

What a command needs beyond typer is imported when it runs, so that an order is not kept waiting for a web server.
"""

from app.cli.program import main

__all__ = ["main"]
