"""What became of a call to a platform. No Odoo here."""

from typing import NamedTuple


class Call(NamedTuple):
    """One HTTP request; ``files`` maps a field to (name, bytes, type)."""

    method: str
    url: str
    params: dict = {}
    headers: dict = {}
    json: dict | None = None
    data: dict | None = None
    files: dict | None = None
    timeout: float = 20


class Answer(NamedTuple):
    """What came back: ``status`` 0 when nothing did, and then why in ``broken``.

    :ivar broken: "" | "unsent" (the platform cannot have seen it) | "lost" (it may have)
    """

    status: int
    body: dict = {}
    broken: str = ""


class Outcome(NamedTuple):
    """What became of an outgoing row.

    :ivar state: sent | retry (nothing happened, later) | failed (final) | unknown (it may have arrived)
    :ivar ref: the platform's id of what was sent
    :ivar code: the platform's error code, "" without
    :ivar reason: key of the sentence shown to people (``sop.channel.account._reason_text``)
    :ivar pause: seconds the whole account must wait
    :ivar token: True when the access token is dead: nothing of the account can go before it is renewed
    :ivar found: what else came back (an uploaded file's id, the recipient's id)
    """

    state: str
    ref: str = ""
    code: str = ""
    reason: str = ""
    detail: str = ""
    pause: int = 0
    token: bool = False
    found: dict = {}


def take(answer, ref=None, repeatable=False):
    """Return the ``Outcome`` of an ``Answer`` by what HTTP itself says, for platforms that keep to it.

    :param ref: the platform's id read from the answer: "" when it should be there and is not; None when there is none to be had
    :param repeatable: doing it twice does no harm, so what may have been done is simply tried again
    """
    lost = "retry" if repeatable else "unknown"
    if answer.status == 0:
        return Outcome("retry" if answer.broken == "unsent" else lost, reason="unreachable")
    code = str(answer.status)
    if 200 <= answer.status < 300:
        return Outcome(lost, code=code, reason="lost") if ref == "" else Outcome("sent", ref or "")
    if answer.status == 401:
        return Outcome("retry", code=code, reason="token", token=True)
    if answer.status == 429:
        return Outcome("retry", code=code, reason="rate", pause=60)
    if answer.status >= 500:
        return Outcome(lost, code=code, reason="lost")
    return Outcome("failed", code=code, reason="other")


def converse(dialogue, transport):
    """Run a dialogue with a platform or carrier: a generator that yields calls, is sent their answers and returns an Outcome.

    :param dialogue: may be an Outcome already
    :param transport: function(Call) -> Answer
    """
    if isinstance(dialogue, Outcome):
        return dialogue
    try:
        call = next(dialogue)
        while True:
            call = dialogue.send(transport(call))
    except StopIteration as stop:
        return stop.value
