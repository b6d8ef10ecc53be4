"""When to call next, and who: pure, so that the order of a day can be read and tested in one place."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz

#: An unanswered attempt is tried again after this long; the nearest time a person is offered; a promise is called this long before its time
REST, SOON, EARLY = timedelta(hours=2), timedelta(minutes=30), timedelta(minutes=10)
#: Talked to, and nothing planned: time to hear from us again
SILENT = {"interested": timedelta(days=1), "thinking": timedelta(days=3)}
FACES = {"interested": 0, "thinking": 1, None: 2, "not_interested": 3}
EVENING, MORNING = time(19), time(9)
#: When to call again later than soon: on which day at what time
STEPS = {"evening": (0, EVENING), "tomorrow": (1, MORNING), "days": (3, MORNING)}
#: Face of the last rating -> the step proposed for it
PROPOSED = {"interested": "tomorrow", "thinking": "days", "not_interested": "nothing"}


class Wait(NamedTuple):
    """What makes one lead wait for a call; moments are naive UTC, ``due_on`` is the day it is planned for."""

    created_at: datetime
    interest: str | None = None
    value: float = 0
    last_call_at: datetime | None = None
    talked: bool = False
    due_on: object = None
    due_at: datetime | None = None


def why(wait, now, today):
    """Why a lead is to be called now.

    :param datetime now: naive UTC
    :param date today: where the caller is
    :return: promised, overdue, planned, new, silent or again; None when its time has not come
    """
    if wait.due_on and wait.due_on < today:
        return "overdue"
    if wait.due_at:
        return "promised" if wait.due_at <= now + EARLY else None
    if wait.due_on:
        return "planned" if wait.due_on == today else None
    if not wait.last_call_at:
        return "new"
    since = now - wait.last_call_at
    if wait.interest:
        return "silent" if since >= SILENT.get(wait.interest, timedelta.max) else None
    return "again" if since >= REST else None


ORDER = ("promised", "overdue", "planned", "new", "silent", "again")


def rank(wait, reason):
    """Sort key: the reason, then the face, the value, and who waits longest; of new leads the freshest first."""
    age = wait.due_at or wait.last_call_at or wait.created_at
    seconds = (age - datetime(2000, 1, 1)).total_seconds()
    return ORDER.index(reason), FACES.get(wait.interest, 2), -wait.value, -seconds if reason == "new" else seconds


def moments(now, zone, offered, ahead=timedelta(minutes=5)):
    """When the times are that a person is offered, counted from now; those that are over or nearly so are left out.

    :param datetime now: naive UTC
    :param str zone: where the person is
    :param dict offered: code -> how long from now (a timedelta), or (days from today, time of day)
    :param timedelta ahead: how far ahead a time must be to be offered
    :return: dict of code -> moment in naive UTC
    """
    place = pytz.timezone(zone)
    today = pytz.utc.localize(now).astimezone(place).date()

    def moment(when):
        if isinstance(when, timedelta):
            return now + when
        days, clock = when
        return place.localize(datetime.combine(today + timedelta(days=days), clock)).astimezone(pytz.utc).replace(tzinfo=None)

    return {code: at for code, at in ((code, moment(when)) for code, when in offered.items()) if at > now + ahead}


def steps(now, zone):
    """Moments to call again, from the nearest; see :func:`moments`. No evening when it is late."""
    now = now.replace(second=0, microsecond=0)
    return {"soon": now + SOON, **moments(now, zone, STEPS, ahead=SOON)}
