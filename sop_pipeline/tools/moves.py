"""Which stage a fact leads to: the one rule behind every automatic move (row V1)."""

CODES = ("collect", "evaluate", "contact", "convert", "close")

#: fact -> the stage it puts a lead in
TARGETS = {
    "profile_completed": "evaluate",
    "call_answered": "evaluate",
    "call_rated": "contact",
    "quotation_sent": "convert",
    "order_confirmed": "close",
    "order_cancelled": "convert",
}


def next_code(current, fact, enabled=tuple(TARGETS)):
    """Decide the move a fact causes.

    A fact only ever moves a lead forward; the exception is a cancelled order, which takes
    a closed lead back to Chuyển đổi and touches no other.

    :param str current: code of the lead's stage, one of ``CODES``; anything else (a lead
        outside the process) never moves
    :param str fact: one of ``TARGETS``
    :param enabled: the facts the team lets move its leads
    :return: the code to move to, or None where the lead stays
    :raise KeyError: for an unknown fact, which is a programming error
    """
    target = TARGETS[fact]
    if current not in CODES or fact not in enabled:
        return None
    if fact == "order_cancelled":
        return target if current == "close" else None
    return target if CODES.index(target) > CODES.index(current) else None
