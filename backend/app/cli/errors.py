"""How a command says no: one line on standard error and an exit status; with --json also an object on standard output.

Statuses: 0 done, 1 any failure, 2 bad input, 3 refused by risk or by the kill switch; of `flatten`
also 4 nothing was held; of `flatten` and `execute --watch` 5 something is left.
"""

from collections.abc import Mapping, Sequence
from typing import Any

FAILED = 1
BAD_INPUT = 2
REFUSED = 3
NOTHING_HELD = 4
LEFT = 5


class CommandError(Exception):
    """status: 2 for bad input, 3 for what risk refused, 1 for everything else that keeps a command from its end. The
    message is one line. errors: the values at fault, as the API's problems have them."""

    def __init__(self, message: str, status: int = FAILED, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(" ".join(message.split()))
        self.status = status
        self.errors = tuple(errors)
