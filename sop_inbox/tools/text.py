"""Text as customers send it, made safe and short for one line of a list. No Odoo here."""

import re
import unicodedata

# Zero-width and direction-changing characters: they hide text or turn the line around.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc]")
_SPACE = re.compile(r"\s+")
_JOINER = "\u200d"  # kept between two visible characters: family and flag emoji need it


def clean(text):
    """Return ``text`` without characters that show nothing or reorder the line.

    :param text: any string; control characters and lone surrogates are allowed in
    :return: a string PostgreSQL accepts, its letters composed; line breaks are kept
    """
    text = unicodedata.normalize("NFC", text) if not text.isascii() else text
    text = re.sub(f"(?<=\\S){_JOINER}(?=\\S)", "\ue000", text)
    text = _INVISIBLE.sub("", text).replace("\ue000", _JOINER)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


_HARD = re.compile("&(?:nbsp|#160|#x0*a0);", re.IGNORECASE)
_BREAK, _BLANK = "\ue000", "\ue001"
_BREAKS = re.compile(r"<br\s*/?>\n?|</p>\s*<p(?: [^<>]*)?>", re.IGNORECASE)
_INDENT = re.compile(f"(?<={_BREAK})[ \u00a0\t]+|(?<=<p>)[ \u00a0\t]+")


def hold_lines(html):
    """Return markup whose blank lines and indents survive being made words; ``free_lines`` brings them back."""
    html = _HARD.sub("\u00a0", html)
    html = _BREAKS.sub(lambda match: _BREAK if "<br" in match[0].lower() else 2 * _BREAK, html)
    return _INDENT.sub(lambda match: len(match[0].expandtabs(4)) * _BLANK, html)


def free_lines(text):
    """Return the words made of what ``hold_lines`` returned, as the customer is to read them."""
    lines = text.replace(_BREAK, "\n").replace(_BLANK, " ").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")


def snippet(text, limit=140):
    """Return one line of at most ``limit`` characters for a list row.

    Combining marks are never cut off their letter; a cut line ends with an ellipsis.
    """
    line = _SPACE.sub(" ", clean(text)).strip()
    if len(line) <= limit:
        return line
    end = limit - 1
    while end and (unicodedata.combining(line[end]) or line[end] == _JOINER or line[end - 1] == _JOINER):
        end -= 1
    return line[:end].rstrip() + "…"
