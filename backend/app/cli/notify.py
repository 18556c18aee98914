"""`notify`: the channels and rules of the settings, and a message to try a channel with. Needs no running system."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.errors import BAD_INPUT, FAILED, CommandError
from app.cli.options import DataDir, Json, settings
from app.cli.output import print_json, print_table
from app.cli.serving import logging_to

if TYPE_CHECKING:
    from app.notifications.channels import Channel
    from app.notifications.rules import Rule
    from app.settings import Settings

app = typer.Typer(help="Channels and rules of notices: list them, try a channel.", no_args_is_help=True)
ROW = (
    "rule",
    "channel",
    "severity",
    "events",
    "strategies",
    "instruments",
    "digest_seconds",
    "repeat_seconds",
    "quiet",
)


@app.command("list")
def list_rules(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List which notices go where."""
    rules, _ = _chosen(settings(data_dir=data_dir))
    rows = [_row(rule, channel) for rule in rules for channel in rule.channels]
    if as_json:
        print_json({"rules": rows})
    else:
        print_table(rows, ROW, empty="no rules: docs/notifications.md says how to declare one")


@app.command("test")
def try_channels(
    names: Annotated[list[str] | None, typer.Argument(help="Channels; all of them without.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Send a message to each channel now; 1 when one does not take it."""
    found = settings(data_dir=data_dir)
    with logging_to(found):
        _, channels = _chosen(found)
        for name in names or ():
            if name not in channels:
                raise CommandError(f"channel={name}: is none; there are: {', '.join(channels) or 'none'}", BAD_INPUT)
        if not channels:
            raise CommandError("the settings declare no channel; docs/notifications.md says how")
        results = asyncio.run(_tried(found, [channels[name] for name in names or channels]))
    if as_json:
        print_json({"channels": results})
    else:
        print_table(results, ("channel", "delivered", "reason"), empty="-")
    failed = [each["channel"] for each in results if not each["delivered"]]
    if failed and as_json:
        raise typer.Exit(FAILED)
    if failed:
        raise CommandError(f"not delivered: {', '.join(failed)}")


async def _tried(found: "Settings", channels: "list[Channel]") -> list[dict[str, Any]]:
    from app.notifications.channels import NotDelivered
    from app.notifications.rules import Message
    from app.notifications.words import Severity

    title = f"TEST [{found.account}, {found.environment}] a notice"
    results: list[dict[str, Any]] = []
    for channel in channels:
        try:
            await channel.send(Message(Severity.INFO, title, "Notices reach this channel. Nothing has happened."))
            results.append({"channel": channel.name, "delivered": True, "reason": None})
        except NotDelivered as error:
            results.append({"channel": channel.name, "delivered": False, "reason": str(error)})
    return results


def _chosen(found: "Settings") -> "tuple[list[Rule], dict[str, Channel]]":
    from app.domain.refusals import InvalidValue
    from app.notifications.chosen import rules_and_channels
    from app.observability.redaction import register_secret

    try:
        return rules_and_channels(found.notices, found.channels, register_secret)
    except InvalidValue as error:
        raise CommandError(str(error), BAD_INPUT) from None


def _row(rule: "Rule", channel: str) -> dict[str, Any]:
    quiet = rule.quiet and f"{rule.quiet.begins:%H:%M}-{rule.quiet.ends:%H:%M} UTC"
    return {
        "rule": rule.name,
        "channel": channel,
        "severity": rule.severity.name.lower(),
        "events": list(rule.events),
        "strategies": list(rule.strategies),
        "instruments": list(rule.instruments),
        "digest_seconds": rule.digest_seconds,
        "repeat_seconds": rule.repeat_seconds,
        "quiet": quiet,
    }
