"""How a command says no: one line on standard error and an exit status."""

BAD_INPUT = 2
FAILED = 1


class CommandError(Exception):
    """status: 2 for bad input, 1 for everything else that keeps a command from its end. The message is one line."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(" ".join(message.split()))
        self.status = status
