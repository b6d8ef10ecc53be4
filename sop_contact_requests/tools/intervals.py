"""Interval arithmetic of a seller's right to use the contact list.

Pure: no ORM, no clock. All moments are naive UTC; every interval is half-open, [start, end),
so that two that touch leave neither a gap nor a shared instant.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

LONGEST_SECONDS = 2**31 - 1
#: End of what ends on a day not known yet; years behind it are left for what waits for that day
OPEN_END = datetime(9000, 1, 1)


class Interval(NamedTuple):
    """Half-open stretch of time; empty when ``end <= start``."""

    start: datetime
    end: datetime

    @property
    def length(self):
        """Time it covers, never negative."""
        return max(self.end - self.start, timedelta(0))

    def __contains__(self, moment):
        return self.start <= moment < self.end


class Purchase(NamedTuple):
    """One paid package: what is known of it, independent of every other.

    :param key: total order among purchases paid in the same instant (the record's id)
    :param paid_at: when the payment succeeded
    :param length: paid time
    :param revoked_at: when the payment was taken back, or None
    """

    key: int
    paid_at: datetime
    length: timedelta
    revoked_at: datetime | None = None


def effective(interval, revoked_at=None):
    """What is left of *interval* when it was revoked at *revoked_at* (None: all of it)."""
    if revoked_at is None or revoked_at >= interval.end:
        return interval
    return Interval(interval.start, max(interval.start, revoked_at))


def schedule(purchases, programme=()):
    """Lay purchases end to end: each starts when paid, or when what the seller has already ends.

    What they have already is the purchase before, and the programme while it runs: no one pays for
    time that is theirs anyway. A revoked purchase frees the rest of its time, and those after it move
    forward. The result depends on the set of facts only, never on the order in which they arrived.

    :param purchases: iterable of :class:`Purchase`
    :param programme: intervals covered without paying, each from when it was granted
    :return: dict key -> planned :class:`Interval` (apply :func:`effective` for what counts)
    """
    result, free_from, free_of_charge = {}, datetime.min, union(programme)
    for purchase in sorted(purchases, key=lambda p: (p.paid_at, p.key)):
        start = max(purchase.paid_at, free_from)
        start = next((stretch.end for stretch in free_of_charge if start in stretch), start)
        result[purchase.key] = planned = Interval(start, start + purchase.length)
        free_from = max(free_from, effective(planned, purchase.revoked_at).end)
    return result


def union(intervals):
    """Disjoint, ordered cover of *intervals*; touching ones are joined, empty ones vanish."""
    merged = []
    for interval in sorted(i for i in intervals if i.start < i.end):
        if merged and interval.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, interval.end))
        else:
            merged.append(interval)
    return merged


def covering(intervals, moment):
    """The stretch of the union that contains *moment*, or None."""
    return next((stretch for stretch in union(intervals) if moment in stretch), None)


def remaining_length(total, used):
    """Paid time not yet lived through: *total* less the length of the *used* intervals."""
    return max(total - sum((interval.length for interval in used), timedelta(0)), timedelta(0))


def whole_seconds(length):
    """*length* in whole seconds, at most what the database's column holds (68 years)."""
    return min(int(length.total_seconds()), LONGEST_SECONDS)


def paid_units(bought, paid_amount, refunded_amount):
    """Units still paid for after refunds: a unit is lost once it is refunded in full.

    A refund of everything leaves nothing, also where the price was zero; a rebate smaller
    than one unit's price takes nothing away.

    :param float bought: units invoiced or ordered
    :param float paid_amount: what was paid for them, in any currency
    :param float refunded_amount: what was given back, same currency, not negative
    :return: whole units, from 0 to ``int(bought)``
    """
    units = max(int(bought), 0)
    if refunded_amount <= 0:
        return units
    if refunded_amount >= paid_amount:
        return 0
    return units - int(units * refunded_amount / paid_amount + 1e-9)
