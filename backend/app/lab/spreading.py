"""Runs over processes: each result is handed back as it comes, to be kept before the next is waited for."""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

import structlog

from app.lab.performing import perform
from app.lab.runs import Run

AHEAD = 2
"""So many runs a process are handed out beforehand."""


class WorkerLost(Exception):
    """A process ended that had a run under way: killed, or out of memory."""


def here(runs: Mapping[str, Run]) -> Iterator[tuple[str, bytes]]:
    """One after the other, in this process."""
    for key, run in runs.items():
        yield key, perform(run)


def over_processes(runs: Mapping[str, Run], processes: int) -> Iterator[tuple[str, bytes]]:
    """In the order in which they are done. Who stops asking ends the processes, and what is under way with them. Raises
    WorkerLost, and what perform() does."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin)
    waiting, under_way = iter(runs.items()), dict[Future[bytes], str]()
    try:
        while True:
            for key, run in waiting:
                under_way[pool.submit(perform, run)] = key
                if len(under_way) >= processes * AHEAD:
                    break
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield under_way.pop(future), future.result()
    except BrokenProcessPool:
        raise WorkerLost("a process of the lab was killed; what it had under way is not done") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()


@contextmanager
def quiet() -> Generator[None]:
    """What the system logs goes nowhere; what a run comes to is its result."""
    before, disabled = structlog.get_config(), logging.root.manager.disable
    _log_nothing()
    try:
        yield
    finally:
        structlog.configure(**before)
        logging.disable(disabled)


def _log_nothing() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)


def _begin() -> None:
    """A process of the pool: Ctrl-C is the command's matter, and without the command it is over."""
    _log_nothing()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
