"""Who gets the next conversation: even shares within capacity. No Odoo here."""

from datetime import datetime
from typing import NamedTuple

_NEVER = datetime.min


class Candidate(NamedTuple):
    """A person on duty.

    :ivar load: open conversations they have now
    :ivar capacity: most they may have by distribution; 0 means no limit
    :ivar last_at: when one was last assigned to them, or None
    """

    key: int
    load: int
    capacity: int = 0
    last_at: datetime | None = None


def has_room(candidate):
    """Return whether ``candidate`` may get one more."""
    return not candidate.capacity or candidate.load < candidate.capacity


def choose(candidates, preferred=None):
    """Return the key of the agent who gets the next one, or None when none has room.

    ``preferred`` (the last seller of this customer) wins while they have room; else the smallest load,
    then who has waited longest, then the smallest key, so that the answer never depends on order.
    """
    free = [candidate for candidate in candidates if has_room(candidate)]
    if not free:
        return None
    if any(candidate.key == preferred for candidate in free):
        return preferred
    return min(free, key=lambda candidate: (candidate.load, candidate.last_at or _NEVER, candidate.key)).key
