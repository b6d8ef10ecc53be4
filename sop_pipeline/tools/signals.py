"""Signals between parts of the suite: context values that no client can send.

A context key travels with records through core's own methods, so it is the way one method of ours
passes to another, further down, why it is called. But a client chooses the context of its call: a plain
value there proves nothing. A :class:`Signal` is an object of this process; JSON, XML-RPC, an import
or an automated action cannot make one. Rules:

- what only our code may say is sent by :func:`send` and read by :func:`received`, never by
  ``env.context.get``;
- a key of ours that arrives with a plain value reads as if it were not there.
"""


class Signal:
    """A value in a context that comes from this process. Made by :func:`send` alone."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, Signal) and self.value == other.value

    def __hash__(self):
        return hash(Signal)  # values may be dicts; contexts are compared, not looked up

    def __repr__(self):
        return f"Signal({self.value!r})"


def send(records, **values):
    """Return ``records`` with each of ``values`` in the context as a signal.

    :param records: a recordset or a model
    :param values: name of the context key (prefix ``sop_``) -> any value
    """
    return records.with_context(**{name: Signal(value) for name, value in values.items()})


def received(env, name, default=None):
    """Return the value of a signal, or ``default`` when it was not sent, or came from a client.

    :param env: an ``Environment``
    :param str name: name of the context key
    """
    value = env.context.get(name)
    return value.value if isinstance(value, Signal) else default
