"""Parts of a text replaced: what hides phones, or leaves them out. No Odoo here."""


def replace_spans(text, spans, filler):
    """Return ``text`` with ``filler`` in place of each span, in one pass.

    :param spans: (start, end), also overlapping, in any order
    """
    parts, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            parts += [text[at : max(start, at)], filler]
            at = end
    return "".join([*parts, text[at:]])


def join_spans(spans):
    """Return ``spans`` in their order, those that overlap made one."""
    joined = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
