"""The account, how it is changed (turn.py), and who hears of what has become durable."""

from collections.abc import Callable
from decimal import Decimal

import structlog

from app.clock import Clock
from app.services.trading.account.account_state import AccountState
from app.services.trading.account.approval_book import ApprovalBook
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.key_book import KeyBook
from app.services.trading.account.opening import Opening
from app.services.trading.account.position_state import Worth
from app.services.trading.account.turn import Turn
from app.store.group import Group
from app.store.queries import LoadedState
from app.store.writer import GroupWriter

log = structlog.get_logger("ledger")


class Ledger(AccountState):
    """All that is known of one account. Reading is free; changing goes through turn(). approvals: what waits for a
    second person."""

    def __init__(
        self,
        account: str,
        clock: Clock,
        catalogue: Catalogue | None = None,
        prices: Worth | None = None,
        equity: Callable[[], Decimal | None] = lambda: None,
        keys: KeyBook | None = None,
    ) -> None:
        super().__init__(account, clock, catalogue, prices, equity, keys)
        self.approvals = ApprovalBook(account, clock)
        self._subscribers: list[Callable[[Group], None]] = []
        self._told: list[Callable[[Group], None]] = []

    def begin(self, state: LoadedState, opening: Opening, epoch: int, writer: GroupWriter) -> None:
        """From here on by what the database has, written by this writer, under the lease of this epoch. An account
        without a row is being founded."""
        self.load(state)
        self.opening = opening
        self.founding = state.account is None
        self.reads.begin(epoch)
        self.writer = writer

    def load(self, state: LoadedState) -> None:
        super().load(state)
        self.approvals.load(state.approvals)

    def turn(self, principal: str, cause_seq: int | None = None) -> Turn:
        return Turn(self, principal, cause_seq, self.approvals.follow)

    def subscribe(self, on_commit: Callable[[Group], None], *, tells: bool = False) -> Callable[[], None]:
        """Call on_commit(group) on the loop after each durable group, in order, before who waits for it goes on;
        returns what ends it, twice too. tells: it only tells of it (logs, metrics, counts), and hears of a group once
        the orders in it are on their way."""
        subscribers = self._told if tells else self._subscribers
        subscribers.append(on_commit)

        def end() -> None:
            if on_commit in subscribers:
                subscribers.remove(on_commit)

        return end

    def committed(self, group: Group) -> None:
        """The writer's word that a group is durable, before who waits for it goes on."""
        _hand_on(group, self._subscribers)

    def told(self, group: Group) -> None:
        """The same, once they do."""
        _hand_on(group, self._told)


def _hand_on(group: Group, subscribers: list[Callable[[Group], None]]) -> None:
    """A subscriber that fails does not keep it from the others."""
    for subscriber in tuple(subscribers):
        try:
            subscriber(group)
        except Exception:
            log.exception("commit.subscriber_failed")
