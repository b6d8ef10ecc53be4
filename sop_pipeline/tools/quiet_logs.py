"""What the server's log says about people: that something happened and where, never their names, texts or data.

Core writes three things into its log that may name a person or open a door: the addresses asked for (a private link
is a key, a search holds a name), the statements the database refused with all their values, and the words of errors.
A filter on the log's handlers shortens them: addresses of ours to their fixed part, statements to their shape, what
was shown to a user, and errors that come through our code or from the database, to their kind and place.
"""

import logging
import re
import traceback
from pathlib import Path

import psycopg2
from odoo.exceptions import UserError

# an address of ours: what is the same for everybody (numbers of listings and requests included), and the rest of it
_ADDRESS = re.compile(
    r"(/sop/contact-request/[0-9]{1,9}(?![^/? '])|/sop/[a-z-]{1,30}|/my/contact-requests(?:/(?:[a-z]{1,20}|[0-9]{1,9})(?![^/? '])){0,6})([/?][^ ]*)?"
)
_LITERAL = re.compile(r"'[^']*(?:'|\Z)")
_ADDONS = Path(__file__).parents[2]


def install():
    """Make the log's handlers quiet; those that are already stay as they are."""
    for handler in logging.getLogger().handlers:
        quieten(handler)


def quieten(handler):
    """Make a handler of the log quiet."""
    if not any(isinstance(known, Quiet) for known in handler.filters):
        handler.addFilter(Quiet())


class Quiet(logging.Filter):
    """Lets every record pass, without what belongs to people."""

    def filter(self, record):
        """Change the record in place, once for all handlers; see ``logging.Filter``."""
        if getattr(record, "sop_quiet", False):
            return True
        record.sop_quiet = True
        if isinstance(record.msg, str) and record.msg.startswith("bad query:") and len(record.args or ()) == 2:
            query, error = record.args
            record.args = (statement_shape(query), error_kind(error))
        elif isinstance(record.msg, UserError):
            record.msg = f"{error_kind(record.msg)} at {error_place(record.msg)}"
        elif isinstance(record.msg, str):
            record.msg = short_address(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(short_address(arg) if isinstance(arg, str) else arg for arg in record.args)
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error and any(isinstance(link, psycopg2.Error) or _is_ours(link) for link in _chain(error)):
            record.exc_text = trace(error)
        return True


def short_address(text):
    """Return ``text`` without what stands in addresses of ours behind their fixed part: keys, tokens, searches."""
    return _ADDRESS.sub(lambda match: match[1] + ("…" if match[2] else ""), text)


def statement_shape(query):
    """Return a statement of SQL without the texts in it."""
    return _LITERAL.sub("'…'", query.decode("utf-8", "replace") if isinstance(query, bytes) else str(query))


def error_kind(error):
    """Return what kind of error it is, without its words; the database's with the rule it broke."""
    rule = error.diag.constraint_name if isinstance(error, psycopg2.Error) else None
    return " ".join(filter(None, [type(error).__name__, rule]))


def error_place(error):
    """Return where an error was raised: in our code, if it came through it."""
    frames = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in frames if _is_our_file(frame.filename)] or frames
    return f"{'/'.join(Path(frames[-1].filename).parts[-3:])}:{frames[-1].lineno} in {frames[-1].name}" if frames else "?"


def trace(error):
    """Return the trace of an error and of those behind it, without their words."""
    parts = ["".join([*traceback.format_tb(link.__traceback__), error_kind(link)]) for link in reversed(list(_chain(error)))]
    return "Traceback (most recent call last):\n" + "\n\nwhich led to\n\n".join(parts)


def _chain(error):
    """Yield an error and those it came from, the last first."""
    seen = []
    while error is not None and error not in seen:
        yield error
        seen.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _is_ours(error):
    return any(_is_our_file(frame.f_code.co_filename) for frame, _line in traceback.walk_tb(error.__traceback__))


def _is_our_file(name):
    return name.startswith(f"{_ADDONS}/sop_")
