"""Whether a template is being rendered: then hidden fields are hidden from code with all rights, too.

Templates are words of people (mails, pages), run by core with whatever rights the sender has, and ``sudo()`` is at hand in
them. What may be in a page or mail is read before and handed over as a plain value.
"""

import re
import unicodedata
from contextlib import contextmanager
from contextvars import ContextVar

from lxml import html

_rendering = ContextVar("sop_rendering", default=False)

#: names that lead to the database itself, past every field
DATABASE = {"cr", "_cr", "cursor", "execute", "execute_query", "execute_query_dict", "_search", "_as_query", "add_where"}
#: core's own mails name the database
NAME_OF_DATABASE = re.compile(r"\bcr\.dbname\b")


def is_rendering():
    """Return whether this thread renders a template now."""
    return _rendering.get()


@contextmanager
def rendering(env):
    """What runs inside reads no hidden field: neither from the database nor of what was read before."""
    if _rendering.get():
        yield
        return
    for name in env.registry["sop.hidden.mixin"]._inherit_children:
        env[name]._sop_hide()
    token = _rendering.set(True)
    try:
        yield
    finally:
        _rendering.reset(token)


def names_database(code):
    """Return whether an expression names the way to the database. Letters count as Python reads them."""
    code = NAME_OF_DATABASE.sub("", unicodedata.normalize("NFKC", code))
    return not DATABASE.isdisjoint(re.findall(r"\w+", code))


def code_of_markup(source):
    """Return the expressions in a QWeb source, as one text."""
    nodes = html.fragment_fromstring(source, create_parent="div").iter()
    return "\n".join(str(value) for node in nodes for name, value in node.attrib.items() if name.startswith("t-"))
