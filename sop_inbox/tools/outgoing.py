"""What goes out to a platform, in words of our own, and how long texts are cut. No Odoo here."""

from typing import NamedTuple


class File(NamedTuple):
    """A file to send; ``ref`` is the platform's id when the page has uploaded it before."""

    name: str
    content: bytes
    media_type: str
    ref: str = ""

    @property
    def kind(self):
        """image, video, audio or file."""
        family = self.media_type.split("/")[0]
        return family if family in ("image", "video", "audio") and self.media_type != "image/svg+xml" else "file"


class OutgoingMessage(NamedTuple):
    """One outgoing row, ready for a thread that must not touch the database.

    :ivar part: text | file | cards | receipt | info | utility | reply | private | op | reaction
    :ivar person: the platform's id of who gets it
    :ivar target: the platform's id of the comment or message it is about
    :ivar data: what the part needs more: cards, the receipt, the name of the operation
    :ivar client_ref: our reference, returned by the platform in the echo
    :ivar quote: the platform's id of the message this one answers, "" when none
    :ivar tag: why it may go outside the window ("human_agent"), "" inside
    """

    part: str
    url: str
    token: str
    page: str
    person: str = ""
    target: str = ""
    text: str = ""
    data: dict = {}
    file: File | None = None
    client_ref: str = ""
    tag: str = ""
    quote: str = ""


def cut_text(text, limit):
    """Return ``text`` in pieces of at most ``limit`` characters, cut at line ends or spaces where there are any."""
    pieces, rest = [], text.strip()
    while len(rest) > limit:
        end = max(rest.rfind("\n", 0, limit), rest.rfind(" ", 0, limit)) if rest[limit] not in " \n" else limit
        end = end if end > 0 else limit
        pieces.append(rest[:end].strip())
        rest = rest[end:].strip()
    return [piece for piece in [*pieces, rest] if piece]


def card_text(card):
    """Return a product card as lines of text, for platforms and windows without cards."""
    return "\n".join(filter(None, [card.get("title"), card.get("subtitle"), card.get("url")]))
