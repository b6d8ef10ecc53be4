"""The five phases of a customer's journey, and the one rule that says which phase a customer is in (rows G1-G5)."""

PHASES = ("awareness", "consideration", "acquisition", "experience", "loyalty")

#: Phases a customer can be in before the first order
_BEFORE_ORDER = PHASES.index("acquisition")


def derive_phase(touched, orders):
    """The phase of a customer.

    * Two orders or more: loyalty.
    * One order: experience.
    * No order: the furthest phase of the interactions so far, at most acquisition. A chat
      (a type of experience) or a gift (of loyalty) does not make a buyer out of somebody who never
      bought: it shows that we know them, which is acquisition.
    * Nothing happened yet: no phase.

    More touches or more orders never take a customer back.

    :param touched: phases of the customer's interactions, any order, repeats allowed, unknown ones ignored
    :param int orders: how many of the interactions are orders that stand
    :return: one of ``PHASES``, or None
    """
    if orders >= 2:
        return "loyalty"
    if orders == 1:
        return "experience"
    ranks = [PHASES.index(phase) for phase in touched if phase in PHASES]
    return PHASES[min(max(ranks), _BEFORE_ORDER)] if ranks else None


def suggest_types(phase, types, done, limit=6):
    """What to do next with a customer: what leads on from the phase, then what the phase still lacks.

    Types the customer has had already come last in their phase, so that a suggestion repeats only when
    nothing new is left.

    :param str phase: the customer's phase; None counts as the one before awareness
    :param types: list of (id, phase) in the order people are to see them; facts that record
        themselves left out
    :param done: ids of types recorded already
    :return: list of at most ``limit`` ids
    """
    rank = PHASES.index(phase) if phase else -1
    following = PHASES[min(rank + 1, len(PHASES) - 1)]
    order = {following: 0, phase: 1}
    fitting = [(type_id in done, order[kind], place, type_id) for place, (type_id, kind) in enumerate(types) if kind in order]
    return [type_id for *_key, type_id in sorted(fitting)[:limit]]
