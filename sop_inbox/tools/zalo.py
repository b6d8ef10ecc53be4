"""What Zalo's webhooks of an official account say. No Odoo here.

Identifiers are larger than a JavaScript number can hold: they stay text from end to end.
"""

import hashlib

from .facts import Fact, Item, Media, digest, list_of, load, moment, ref_of, text_of
from .signature import same

# last word of user_send_* and oa_send_* -> kind of file; text has none
_MEDIA = {"image": "image", "gif": "image", "sticker": "sticker", "file": "file", "audio": "audio", "video": "video"}
_SHARES = {"link", "location", "business_card"}
# emoji -> Zalo's sign for it; the first of several with one sign is the one shown
REACTIONS = {
    "❤️": "/-heart",
    "👍": "/-strong",
    "😆": ":>",
    "😮": ":o",
    "😭": ":-((",
    "😡": ":-h",
    "😂": ":>",
    "🤣": ":>",
    "😯": ":o",
    "😢": ":-((",
    "😠": ":-h",
}
REMOVED = "/-remove"


def sign(app_ref, raw, timestamp, secret):
    """Return the header ``X-ZEvent-Signature`` Zalo sends: a plain hash over app, body, its timestamp and the key."""
    return "mac=" + hashlib.sha256(app_ref.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()


def check(app_ref, raw, secret, header):
    """Return whether ``header`` signs ``raw`` for the app; the prefix ``mac=`` may be missing. Constant time.

    The timestamp is the body's own; a body without one, or that is no JSON, is never signed.
    """
    timestamp = text_of(load(raw), "timestamp")
    if not (secret and app_ref and timestamp):
        return False
    given = header or ""
    return same(sign(app_ref, raw, timestamp, secret), given if given.startswith("mac=") else f"mac={given}")


def split(body):
    """Return the one item of a body: Zalo sends one event at a time."""
    if not isinstance(body, dict):
        return [Item(digest(body), "", "", {"raw": str(body)[:2000]})]
    name = text_of(body, "event_name")
    sender, recipient = ref_of(body, "sender", "id"), ref_of(body, "recipient", "id")
    ours = name.startswith("oa_") or name in ("user_received_message", "user_seen_message")
    page, person = (sender, recipient) if ours else (recipient, sender)
    if name in ("follow", "unfollow"):
        page, person = ref_of(body, "oa_id") or recipient, ref_of(body, "follower", "id") or sender
    mid = ref_of(body, "message", "msg_id")
    whole = mid and name.startswith(("user_send_", "oa_send_"))
    return [Item(digest(page, "message", mid) if whole else digest(page, body), page, person, body)]


def read(item):
    """Return the ``Fact`` of one item; kind 'unknown' for what is not understood."""
    body = item.payload
    name = text_of(body, "event_name")
    at = moment(body.get("timestamp"), 1000)
    mid = ref_of(body, "message", "msg_id")
    user = ref_of(body, "user_id_by_app")
    if name.startswith(("user_send_", "oa_send_")) and mid and "group" not in name:
        kind = "message" if name.startswith("user_") else "echo"
        # Zalo marks no echo with who sent it: app and words are compared with what is under way
        data = {"reply_to": ref_of(body, "message", "quote_msg_id"), "user": user}
        return Fact(kind, item.page, item.person, at, mid, _text(body, name), _media(body, name), data)
    if name in _OTHERS:
        return _OTHERS[name](item, body, at, mid)
    return Fact("unknown", item.page, item.person, at)


def _text(body, name):
    text = text_of(body, "message", "text")
    if name.endswith("_location"):
        spot = [text_of(body, "message", "attachments", 0, "payload", "coordinates", axis) for axis in ("latitude", "longitude")]
        return text or ", ".join(filter(None, spot))
    return text


def _media(body, name):
    found = []
    default = name.rsplit("_", 1)[-1]
    for attachment in list_of(body, "message", "attachments"):
        kind = text_of(attachment, "type") or default
        url = text_of(attachment, "payload", "url") or text_of(attachment, "payload", "thumbnail")
        title = text_of(attachment, "payload", "name") or text_of(attachment, "payload", "title")
        if kind in _MEDIA and url:
            found.append(Media(_MEDIA[kind], url, title[:200]))
        elif url or kind in _SHARES:
            found.append(Media("share", url, (title or text_of(attachment, "payload", "description"))[:500]))
    return tuple(found)


def _read_follow(item, body, at, _mid):
    return Fact("follow" if text_of(body, "event_name") == "follow" else "unfollow", item.page, item.person, at)


def _read_seen(item, body, at, mid):
    ids = body.get("message", {}).get("msg_ids") if isinstance(body.get("message"), dict) else None
    mids = [ref_of({"id": ref}, "id") for ref in ids] if isinstance(ids, list) else []
    mids = [ref for ref in [*mids, mid] if ref]
    kind = "read" if text_of(body, "event_name") == "user_seen_message" else "delivery"
    return Fact(kind, item.page, item.person, at, data={"mids": mids, "until": None})


def _read_click(item, body, at, mid):
    ref = mid or "click:" + digest(item.page, body)
    return Fact("message", item.page, item.person, at, ref, text_of(body, "message", "text") or text_of(body, "payload"))


def _read_info(item, body, at, _mid):
    info = body.get("info") if isinstance(body.get("info"), dict) else {}
    names = ("name", "phone", "address", "city", "district", "ward")
    data = {name: text_of(info, name)[:250] for name in names if text_of(info, name)}
    return Fact("info", item.page, item.person, at, "info:" + digest(item.page, body), data=data)


def _read_reaction(item, body, at, mid):
    icon = text_of(body, "message", "react_icon")[:16]
    emoji = next((emoji for emoji, sign in REACTIONS.items() if sign == icon), "" if icon == REMOVED else icon)
    return Fact("reaction", item.page, item.person, at, mid, data={"by": item.person, "emoji": emoji})


_OTHERS = {
    "follow": _read_follow,
    "unfollow": _read_follow,
    "user_received_message": _read_seen,
    "user_seen_message": _read_seen,
    "user_click_button": _read_click,
    "user_submit_info": _read_info,
    "user_reacted_message": _read_reaction,
}
