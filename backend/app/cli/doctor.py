"""The command `doctor`: whether this installation can trade, finding by finding."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from app.cli.errors import FAILED
from app.cli.options import DataDir, Json
from app.cli.output import print_json
from app.cli.serving import logging_to

if TYPE_CHECKING:
    from app.cli.findings import Finding


def doctor(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Look at settings, versions, files, disk, address, database, exchange and clock; 1 when something is wrong."""
    findings = asyncio.run(_found(data_dir, shows=not as_json))
    if as_json:
        print_json({"findings": [asdict(each) for each in findings]})
    if any(each.verdict == "wrong" for each in findings):
        raise typer.Exit(FAILED)


async def _found(data_dir: DataDir, *, shows: bool) -> "list[Finding]":
    from app.cli import examining, findings, local_exchange
    from app.clock import SystemClock
    from app.settings import SettingsError, load_settings

    clock, heard = SystemClock(), list[findings.Finding]()

    def tell(finding: findings.Finding) -> None:
        heard.append(finding)
        if shows:
            advice = f"\n       -> {finding.advice}" if finding.advice else ""
            print(f"{finding.verdict.value:5}  {finding.what}: {finding.seen}{advice}", flush=True)

    try:
        found = load_settings(data_dir=data_dir)
    except SettingsError as error:
        for problem in error.problems:
            tell(findings.wrong("settings", problem, "docs/configuration.md lists every name and its rule"))
        return heard
    tell(findings.fine("settings", f"{found.exchange}, {found.environment}, account {found.account}"))
    found = local_exchange.pointed_at(found, clock)
    with logging_to(found.model_copy(update={"log_level": "ERROR"})):  # what is to be said, the findings say
        async for each in examining.everything(found, clock):
            tell(each)
    return heard
