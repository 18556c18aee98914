"""`mcp`: the running system as tools of an assistant, over standard input and output."""

import asyncio
import contextlib

from app.cli.client import address
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, Url, settings


def mcp(url: Url = None, data_dir: DataDir = None) -> None:
    """Serve an assistant by the Model Context Protocol: it reads, and proposes what a person confirms.

    With the key of the environment (TRADING_EXECUTOR_API_KEY), never with the installation's own.
    """
    try:
        from trading_executor import mcp_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise CommandError("mcp needs its extra: pip install 'trading-executor[mcp]'") from None
    found = settings(data_dir=data_dir)
    where, _, tls = address(found, url)
    key = found.api_key.get_secret_value() if found.api_key else None
    try:
        serving = mcp_server.serve(where, key, tls=tls)
    except ValueError as error:
        raise CommandError(str(error), BAD_INPUT) from None
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serving)
