"""What Zalo's webhooks of an official account say. No Odoo here.

Identifiers are larger than a JavaScript number can hold: they stay text from end to end.
"""

import hashlib

from .facts import Fact, Item, Media, digest, list_of, load, moment, place_media, place_of, ref_of, text_of
from .signature import same

# last word of user_send_* and oa_send_* -> kind of file; text has none
_MEDIA = {"image": "image", "gif": "image", "sticker": "sticker", "file": "file", "audio": "audio", "video": "video"}
# who writes: a follower, a visitor of the site's widget without an account, the shop
_SENT = ("user_send_", "anonymous_send_", "oa_send_")
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
    return "mac=" + hashlib.sha256(app_ref.encode() + raw + timestamp.encode(errors="replace") + secret.encode()).hexdigest()


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
    whole = mid and name.startswith(_SENT)
    return [Item(digest(page, "message", mid) if whole else digest(page, body), page, person, body)]


def read(item):
    """Return the ``Fact`` of one item; kind 'unknown' for what is not understood."""
    body = item.payload
    name = text_of(body, "event_name")
    at = moment(body.get("timestamp"), 1000)
    mid = ref_of(body, "message", "msg_id")
    if name.startswith(_SENT) and mid and "group" not in name:
        kind = "echo" if name.startswith("oa_") else "message"
        # Zalo marks no echo with who sent it: app and words are compared with what is under way
        data = {"reply_to": ref_of(body, "message", "quote_msg_id")}
        return Fact(kind, item.page, item.person, at, mid, text_of(body, "message", "text"), _media(body, name), data)
    if name in _OTHERS:
        return _OTHERS[name](item, body, at, mid)
    return Fact("unknown", item.page, item.person, at)


def _media(body, name):
    found = []
    default = name.rsplit("_", 1)[-1]
    for attachment in list_of(body, "message", "attachments"):
        kind = text_of(attachment, "type") or default
        url = next(filter(None, (text_of(attachment, "payload", name) for name in ("url", "link_url", "thumbnail"))), "")
        title = next(filter(None, (text_of(attachment, "payload", name) for name in ("name", "title", "text", "description"))), "")
        spot = place_of(attachment, "payload", "coordinates")
        elements = [_element(element) for element in list_of(attachment, "payload", "elements")]
        if kind in _MEDIA and url:
            found.append(Media(_MEDIA[kind], url, title[:200]))
        elif spot:
            found.append(place_media(spot, title))
        elif url or title:
            found.append(Media("share", url, title[:2000]))
        elif not elements:
            found.append(Media(ref_of(attachment, "type")[:40] or default[:40], ""))
        found += elements
    return tuple(found)


def _element(element):
    words = " · ".join(filter(None, [text_of(element, name)[:500] for name in ("title", "subtitle")]))
    return Media("share", text_of(element, "url") or text_of(element, "default_action", "url"), words)


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
    whole = info.get("full_address") if isinstance(info.get("full_address"), dict) else {}
    names = {"name": "name", "phone": "phone", "address": "street", "ward": "ward", "district": "district", "city": "province"}
    names |= {"user_dob": "birthday", "gender": "gender"}
    data = {ours: text for name, ours in names.items() if (text := text_of(info, name)[:250] or text_of(whole, f"user_{name}")[:250])}
    return Fact("info", item.page, item.person, at, "info:" + digest(item.page, body), data=data)


def _read_reaction(item, body, at, mid):
    icon = text_of(body, "message", "react_icon")[:16]
    emoji = next((emoji for emoji, sign in REACTIONS.items() if sign == icon), "" if icon == REMOVED else icon)
    return Fact("reaction", item.page, item.person, at, mid, data={"by": item.person, "emoji": emoji})


def _read_withdraw(item, body, at, _mid):
    return Fact("withdraw", item.page, item.person, at)


_OTHERS = {
    "user_withdraw": _read_withdraw,
    "user_withdraw_consent": _read_withdraw,
    "follow": _read_follow,
    "unfollow": _read_follow,
    "user_received_message": _read_seen,
    "user_seen_message": _read_seen,
    "user_click_button": _read_click,
    "user_submit_info": _read_info,
    "user_reacted_message": _read_reaction,
}
