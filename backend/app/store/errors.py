"""What can go wrong with the database, as it can be told from one process to another."""


class StoreError(Exception):
    """The database cannot be used; the message says why in one line and holds no password."""


class LeaseLost(StoreError):
    """A commit found its lease gone: another owner has taken over, or it ran out."""


class NotCommitted(StoreError):
    """Why a transaction failed, as it can be told from one process to another. refused: by a constraint. lost: by the
    lease."""

    def __init__(self, reason: str, *, refused: bool = False, lost: bool = False) -> None:
        self.refused = refused
        self.lost = lost
        super().__init__(reason)


def not_committed(error: Exception) -> NotCommitted:
    """The error of a driver in one line."""
    if isinstance(error, NotCommitted):
        return error
    text = str(error).splitlines()
    # PEP 249 prescribes the name, in every driver a class of its own.
    refused = any(kind.__name__ == "IntegrityError" for kind in type(error).__mro__)
    reason = f"{type(error).__name__}: {text[0] if text else ''}"
    return NotCommitted(reason, refused=refused, lost=isinstance(error, LeaseLost))
