"""A core dump would hold every secret of the process: this one, and what it starts, leave none."""

import resource


def disable() -> None:
    """Raises nothing: a limit may always be lowered."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
