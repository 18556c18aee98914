"""Runs over a Ray cluster. Each of its machines has this release with its extra `ray`, and the tapes under the same
paths; what differs there is said and not measured.
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from app.domain.refusals import InvalidValue
from app.lab.performing import perform
from app.lab.runs import Run
from app.lab.spreading import AHEAD, WorkerLost, quiet
from app.lab.tapes import check_unchanged

REACH_SECONDS = 10
JOIN_SECONDS = 30
_ADDRESS = re.compile(r"(?:ray://)?([A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})")
_JOIN = "import sys, ray; ray.init(address=sys.argv[1], log_to_driver=False); ray.shutdown()"


def check_answers(address: str) -> None:
    """Whether a Ray cluster answers there, asked by a process of its own, since joining one that does not can take
    minutes, and end the process. Raises InvalidValue."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise InvalidValue("ray", address, "must be HOST:PORT or ray://HOST:PORT")
    if find_spec("ray") is None:
        raise InvalidValue("ray", address, "needs a library: pip install 'trading-executor[ray]'")
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise InvalidValue("ray", address, f"does not answer: {error}") from None
    try:
        joined = subprocess.run(
            [sys.executable, "-c", _JOIN, address], capture_output=True, timeout=JOIN_SECONDS, check=False, env=_env()
        )
    except subprocess.TimeoutExpired:
        raise InvalidValue("ray", address, f"does not answer as a Ray cluster within {JOIN_SECONDS} s") from None
    if joined.returncode:
        last = joined.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason"]
        raise InvalidValue("ray", address, f"does not answer as a Ray cluster: {last[0]}")


def over_ray(runs: Mapping[str, Run], address: str) -> Iterator[tuple[str, bytes]]:
    """In the order in which they are done, of a cluster that answers. Raises WorkerLost."""
    ray: Any = import_module("ray")  # an extra: where it is not installed nothing is known of it
    errors: Any = import_module("ray.exceptions")

    os.environ.update(_env())
    ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    try:
        task: Any = ray.remote(max_retries=2)(_perform)
        ahead = max(1, int(ray.cluster_resources().get("CPU", 1))) * AHEAD
        waiting, under_way = iter(runs.items()), dict[Any, str]()
        while True:
            for key, run in waiting:
                under_way[task.remote(run, version("trading-executor"))] = key
                if len(under_way) >= ahead:
                    break
            if not under_way:
                return
            done, _ = ray.wait(list(under_way))
            for each in done:
                yield under_way.pop(each), ray.get(each)
    except errors.RayTaskError as error:
        raise WorkerLost(f"on the cluster: {error.cause}") from None
    except errors.RayError as error:
        raise WorkerLost(f"on the cluster: {type(error).__name__}: {str(error).splitlines()[0]}") from None
    finally:
        ray.shutdown()


def _perform(run: Run, release: str) -> bytes:
    """On a machine of the cluster."""
    here = version("trading-executor")
    if here != release:
        raise InvalidValue("release", here, f"of a machine of the cluster is not {release}")
    if run.tape is not None:
        check_unchanged(run.tape)
    with quiet():
        return perform(run)


def _env() -> dict[str, str]:
    """Ray tells nobody that it is used."""
    return {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
