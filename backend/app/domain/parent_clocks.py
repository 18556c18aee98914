"""The clock of a parent order: a pause may freeze it, and then its schedule and its end move by the pause's length.

A schedule is planned in its own time; `wall` says when that is, `own` the other way round. Pure.
"""

from dataclasses import replace

from app.domain.parents import Freeze, ParentOrder

FREEZES_MAX = 20
"""So many are told apart; of more the two oldest, which no slice that is still to come lies between, become one."""


def frozen(parent: ParentOrder, now_ns: int) -> ParentOrder:
    """Its clock stands from now on; that of one that has not begun, from its start on."""
    return replace(parent, frozen_ns=max(now_ns, parent.start_ns))


def thawed(parent: ParentOrder, now_ns: int) -> ParentOrder:
    """Its clock goes on: what was left of its time when it was frozen is left now."""
    if parent.frozen_ns is None:
        return parent
    length_ns = max(now_ns - parent.frozen_ns, 0)
    if not length_ns:
        return replace(parent, frozen_ns=None)
    freezes = (*parent.freezes, (parent.frozen_ns, now_ns))
    if len(freezes) > FREEZES_MAX:
        (first, until), (second, end), *others = freezes
        freezes = ((first, until + end - second), *others)
    return replace(
        parent,
        frozen_ns=None,
        freezes=freezes,
        frozen_total_ns=parent.frozen_total_ns + length_ns,
        end_ns=None if parent.end_ns is None else parent.end_ns + length_ns,
    )


def wall(own_ns: int, freezes: tuple[Freeze, ...]) -> int:
    """When a moment of the schedule's own time is."""
    for since_ns, until_ns in freezes:
        if own_ns > since_ns:
            own_ns += until_ns - since_ns
    return own_ns


def own(wall_ns: int, freezes: tuple[Freeze, ...]) -> int:
    """What the schedule's own time is at a moment."""
    stood_ns = sum(min(max(wall_ns - since_ns, 0), until_ns - since_ns) for since_ns, until_ns in freezes)
    return wall_ns - stood_ns


__all__ = ["frozen", "own", "thawed", "wall"]
