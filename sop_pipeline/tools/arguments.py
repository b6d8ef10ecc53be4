"""What clients send to public methods: each argument is checked, and what is none of its kind gets a sentence.

A method says of what kind its arguments are:

    @takes(user_id=record_id, until=moment, note=text(2000))
    def action_something(self, user_id, until, note=None):

The method then sees plain values of that kind. None means that nothing was said: the argument's
default, where it has one. So does False, except where yes or no is asked: there it is a no. A check is a
function of a value that returns it, or raises
:class:`ArgumentError`; models write their own where these are not enough. The number of arguments is
Python's matter, as everywhere.
"""

import functools
import inspect
import math
from collections.abc import Set
from datetime import datetime, timezone

from odoo.exceptions import UserError
from odoo.fields import Domain

from .outside import storable_text

#: Years that every part of a date's way survives: time zones, the database, the browser
FIRST_YEAR, LAST_YEAR = 1900, 9000


class ArgumentError(ValueError):
    """A value that is not what an argument takes. ``expected`` names the sentence, ``words`` stand in it."""

    def __init__(self, expected, **words):
        super().__init__(expected)
        self.expected = expected
        self.words = words


def takes(**checks):
    """Decorator of a public method: name of an argument -> its check.

    :raise UserError: from the method, naming the argument and what it takes
    """

    def decorate(method):
        signature = inspect.signature(method)

        @functools.wraps(method)
        def checked(self, *args, **kwargs):
            bound = signature.bind(self, *args, **kwargs)
            for name, check in checks.items():
                if name in bound.arguments:
                    default = signature.parameters[name].default
                    bound.arguments[name] = take(self.env, name, check, bound.arguments[name], default)
            return method(*bound.args, **bound.kwargs)

        return checked

    return decorate


def take(env, name, check, value, default=inspect.Parameter.empty):
    """Return the value of one argument, for methods in which one argument decides on the kind of another.

    :raise UserError: see :func:`takes`
    """
    is_unsaid = value is None or value is False and check is not flag
    if is_unsaid and default is not inspect.Parameter.empty:
        return default
    try:
        return check(value)
    except ArgumentError as error:
        raise UserError(_sentence(env, error, name))


def _sentence(env, error, name):
    sentences = {
        "id": env._("“%(name)s” takes the number of a record.", name=name),
        "ids": env._("“%(name)s” takes a list of record numbers.", name=name),
        "text": env._("“%(name)s” takes a text.", name=name),
        "long": env._("“%(name)s” takes a text of at most %(limit)s characters.", name=name, limit=error.words.get("limit")),
        "moment": env._("“%(name)s” takes a date and time.", name=name),
        "number": env._("“%(name)s” takes a number from %(low)s to %(high)s.", name=name, low=error.words.get("low"), high=error.words.get("high")),
        "flag": env._("“%(name)s” takes yes or no.", name=name),
        "choice": env._("“%(name)s” takes one of: %(choices)s.", name=name, choices=error.words.get("choices")),
        "values": env._("“%(name)s” takes named values.", name=name),
        "list": env._("“%(name)s” takes a list.", name=name),
    }
    return sentences[error.expected]


# === CHECKS ===


def record_id(value):
    """The id of a record, there or not."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise ArgumentError("id")
    return value


def record_ids(value):
    """A list of ids, there or not; each once, in the order they came."""
    if not isinstance(value, (list, tuple)):
        raise ArgumentError("ids")
    try:
        return list(dict.fromkeys(record_id(part) for part in value))
    except ArgumentError:
        raise ArgumentError("ids")


def clean_text(value):
    """A text without what the database cannot keep: zeros and halves of surrogate pairs, which cannot be typed."""
    if not isinstance(value, str):
        raise ArgumentError("text")
    return storable_text(value)


def is_clean(value):
    """Whether the database can keep a text as it is."""
    return clean_text(value) == value


def text(limit):
    """A text of at most ``limit`` characters; see :func:`clean_text`."""

    def check(value):
        if len(clean_text(value)) > limit:
            raise ArgumentError("long", limit=limit)
        return clean_text(value)

    return check


def or_nothing(check):
    """False for any false value, else of a kind: for arguments without a default that may say "none"."""
    return lambda value: check(value) if value else False


def moment(value):
    """A moment: datetime, or text ("2026-01-31 08:30:00", also ISO with T, Z or offset); naive UTC, whole seconds."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value.replace("Z", "+00:00"))
        if at.tzinfo:
            at = at.astimezone(timezone.utc).replace(tzinfo=None)
    except (AttributeError, TypeError, ValueError, OverflowError):
        raise ArgumentError("moment")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ArgumentError("moment")
    return at.replace(microsecond=0)


def number(low, high):
    """A finite number within [low, high]."""

    def check(value):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or not low <= value <= high:
            raise ArgumentError("number", low=low, high=high)
        return value

    return check


def at_most(high):
    """How many of something a client wants: a number from 0, of which there are at most ``high``."""

    def check(value):
        return min(int(number(0, 1_000_000)(value)), high)

    return check


def flag(value):
    """Yes or no."""
    if not isinstance(value, bool):
        raise ArgumentError("flag")
    return value


def choice(*allowed):
    """One of these words."""

    def check(value):
        if not isinstance(value, str) or value not in allowed:
            raise ArgumentError("choice", choices=", ".join(allowed))
        return value

    return check


def named(value):
    """Named values; what they are is the method's to check."""
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise ArgumentError("values")
    return value


def each(check, most):
    """A list of at most ``most`` values, each of a kind."""

    def check_all(value):
        if not isinstance(value, (list, tuple)) or len(value) > most:
            raise ArgumentError("list")
        return [check(part) for part in value]

    return check_all


def read_domain(model, value):
    """The ``Domain`` a client sent, with which nothing breaks when it is searched for.

    :param model: what is searched
    :raise UserError: when it is none, names fields that are not there, or compares them with what they cannot be
    """
    try:
        domain = Domain(value or Domain.TRUE)
        _check_domain(model, domain.optimize_full(model))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UserError(model.env._("The filter on “%(model)s” cannot be read.", model=model._description))
    return domain


def _check_domain(model, domain):
    """Texts of a domain can be kept, and yes and no are compared with such fields alone."""
    for condition in domain.iter_conditions():
        field, value = condition._field(model), condition.value
        if not field._description_searchable:
            raise ArgumentError("field")
        if isinstance(value, Domain):
            _check_domain(model.env[field.comodel_name], value)
            continue
        for part in value if isinstance(value, (list, tuple, Set)) else [value]:
            if isinstance(part, str):
                if not is_clean(part):
                    raise ArgumentError("text")
            elif isinstance(part, float) and not math.isfinite(part):
                raise ArgumentError("number")
            elif isinstance(part, (list, tuple, dict, Set)) or part is True and field.type != "boolean":
                raise ArgumentError("values")
