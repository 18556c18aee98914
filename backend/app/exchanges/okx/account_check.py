"""The account that answers compared with the one that is declared, before anything is connected."""

from app.exchanges.errors import AccessRefused
from app.exchanges.okx.config import OkxConfig
from app.exchanges.port import AccountConfig


def check_account(config: OkxConfig, account: AccountConfig) -> None:
    """Compare the account with what is declared. Raises AccessRefused that names every difference."""
    problems: list[str] = []
    if config.expected_uid and account.uid != config.expected_uid:
        problems.append(f"uid is {account.uid}, declared is {config.expected_uid}")
    if config.expected_hedged is not None and account.hedged is not config.expected_hedged:
        modes = {True: "long_short_mode", False: "net_mode"}
        problems.append(f"position mode is {modes[account.hedged]}, declared is {modes[config.expected_hedged]}")
    if config.expected_level and account.level != config.expected_level:
        problems.append(f"account level is {account.level}, declared is {config.expected_level}")
    if "withdraw" in account.permissions and not config.withdraw_permission_allowed:
        problems.append("the API key may withdraw; use a key without that permission")
    if account.permissions and "trade" not in account.permissions:
        problems.append("the API key may not trade")
    if problems:
        raise AccessRefused("account", "; ".join(problems))
