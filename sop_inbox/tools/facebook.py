"""What Meta's webhooks say: Messenger events and comments of a page. No Odoo here.

Shapes: reference of the Messenger Platform and the Graph API as known in October 2026. Those that
could not be checked against a platform's page stand in ``_MESSENGER`` and ``_VERBS`` alone.
"""

from . import signature
from .facts import Fact, Item, Media, dig, digest, flag_of, list_of, moment, place_media, place_of, ref_of, text_of

ECHO_KINDS = ("messaging", "standby")
# verb of a page's feed -> what it does to a comment
_VERBS = {
    "add": "add",
    "edit": "edit",
    "edited": "edit",
    "update": "edit",
    "remove": "remove",
    "delete": "remove",
    "hide": "hide",
    "unhide": "unhide",
}
_MEDIA = {"image", "video", "audio", "file"}
_SHARES = {"fallback", "share", "post", "reel", "ig_reel", "story_mention"}


def sign(secret, raw):
    """Return the header ``X-Hub-Signature-256`` Meta sends for ``raw`` (bytes)."""
    return signature.sign(secret, raw, "sha256=")


def check(secret, raw, header):
    """Return whether ``header`` signs ``raw``; False without a secret. Constant time."""
    return signature.check(secret, raw, header, "sha256=")


def split(body):
    """Return the items of a webhook's body; what is not understood is an item too."""
    items = [item for entry in list_of(body, "entry") for item in _entry_items(entry)]
    return items or [Item(digest(body), "", "", body if isinstance(body, dict) else {"raw": str(body)[:2000]})]


def _entry_items(entry):
    page = ref_of(entry, "id")
    for field in ECHO_KINDS:
        for event in list_of(entry, field):
            yield _messenger_item(page, event)
    for change in list_of(entry, "changes"):
        payload = {"change": change, "time": entry.get("time")}
        person = ref_of(change, "value", "from", "id")
        yield Item(digest(page, payload), page, "" if person == page else person, payload)


def _messenger_item(page, event):
    sender, recipient = ref_of(event, "sender", "id"), ref_of(event, "recipient", "id")
    mid = ref_of(event, "message", "mid")
    whole = mid and not flag_of(event, "message", "is_deleted")
    # a message is identified by its id alone: a repetition may have other data around it
    key = digest(page, "message", mid) if whole else digest(page, event)
    return Item(key, page, recipient if sender == page else sender, {"messaging": event})


def read(item):
    """Return the ``Fact`` of one item; kind 'unknown' for what is not understood."""
    if "change" in item.payload:
        return _read_comment(item)
    event = item.payload.get("messaging")
    if not isinstance(event, dict):
        return Fact("unknown", item.page, item.person)
    for name, reader in _MESSENGER.items():
        if isinstance(event.get(name), dict):
            return reader(item, event, event[name])
    return Fact("unknown", item.page, item.person, moment(event.get("timestamp"), 1000))


def _fact(kind, item, event, ref="", text="", media=(), **data):
    return Fact(kind, item.page, item.person, moment(event.get("timestamp"), 1000), ref, text, media, data)


def _read_message(item, event, message):
    mid = ref_of(message, "mid")
    if not mid:
        return _fact("unknown", item, event)
    if flag_of(message, "is_deleted"):
        return _fact("delete", item, event, mid)
    data = {"reply_to": ref_of(message, "reply_to", "mid"), **_referral(message.get("referral"))}
    if codes := [code for element in _products(message) if (code := ref_of(element, "retailer_id"))]:
        data["products"] = codes[:10]
    kind = "message"
    if flag_of(message, "is_echo"):
        kind = "echo"
        data |= {"app": ref_of(message, "app_id"), "client_ref": ref_of(message, "metadata")}
    return _fact(kind, item, event, mid, text_of(message, "text"), _media(message), **data)


def _media(message):
    """Files and what else was sent along; nothing that was sent leaves no line."""
    found, stickers = [], set()
    for attachment in list_of(message, "attachments"):
        kind, url = text_of(attachment, "type"), text_of(attachment, "payload", "url")
        title = text_of(attachment, "title") or text_of(attachment, "payload", "title")
        sticker = ref_of(attachment, "payload", "sticker_id")
        if sticker or kind == "sticker":
            # for a time the same one came twice, as picture and as sticker
            if not stickers & {sticker, "any"} and not (stickers and not sticker):
                found.append(Media("sticker", url))
            stickers.add(sticker or "any")
        elif kind in _MEDIA and url:
            found.append(Media(kind, url))
        elif kind == "location" and (spot := place_of(attachment, "payload", "coordinates")):
            found.append(place_media(spot, title))
        elif kind == "template":
            found += _template(attachment, url or text_of(attachment, "url"), title)
        elif url or title or kind in _SHARES and text_of(attachment, "url"):
            found.append(Media("share", url or text_of(attachment, "url"), title[:500]))
        else:
            found.append(Media(ref_of(attachment, "type")[:40] or "other", ""))
    return tuple(found)


def _products(message):
    return [element for attachment in list_of(message, "attachments") for element in list_of(attachment, "payload", "product", "elements")]


def _template(attachment, url, title):
    """What a card says: a product of the page's shop, or what a bot sent: words, titles, buttons."""
    payload = dig(attachment, "payload")
    if products := list_of(payload, "product", "elements"):
        return [_card(element, "title", "subtitle", "retailer_id") for element in products]
    elements = [_card(element, "title", "subtitle") for element in list_of(payload, "elements")]
    buttons = [f"[{name}]" for button in list_of(payload, "buttons") if (name := text_of(button, "title"))]
    words = "\n".join(filter(None, [text_of(payload, "text") or title, " ".join(buttons)]))
    whole = [Media("share", url, words[:2000])] if words or url else []
    return whole + elements or [Media("template", "")]


def _card(element, *names):
    words = " · ".join(filter(None, [text_of(element, name)[:500] for name in names]))
    return Media("share", text_of(element, "url") or text_of(element, "item_url"), words)


def _referral(referral):
    """What brought the person: kept on conversation and lead."""
    values = {
        "ref": text_of(referral, "ref")[:500],
        "ad_id": ref_of(referral, "ad_id"),
        "source": ref_of(referral, "source"),
        "ad_title": text_of(referral, "ads_context_data", "ad_title")[:500],
    }
    return {"referral": {name: value for name, value in values.items() if value}} if any(values.values()) else {}


def _read_postback(item, event, postback):
    mid = ref_of(postback, "mid") or "postback:" + digest(item.page, event)
    text = text_of(postback, "title") or text_of(postback, "payload")
    return _fact("message", item, event, mid, text, **_referral(postback.get("referral")))


def _read_referral(item, event, referral):
    return _fact("referral", item, event, **_referral(referral))


def _read_edit(item, event, edit):
    number = edit.get("num_edit")
    number = number if isinstance(number, int) and 0 <= number < 10**6 else 0
    return _fact("edit", item, event, ref_of(edit, "mid"), text_of(edit, "text"), number=number)


def _read_reaction(item, event, reaction):
    emoji = text_of(reaction, "emoji")[:16] if text_of(reaction, "action") != "unreact" else ""
    return _fact("reaction", item, event, ref_of(reaction, "mid"), by=ref_of(event, "sender", "id"), emoji=emoji)


def _read_delivery(item, event, delivery):
    mids = delivery.get("mids")
    mids = [ref for ref in (ref_of({"mid": mid}, "mid") for mid in mids) if ref] if isinstance(mids, list) else []
    return _fact("delivery", item, event, mids=mids, until=moment(delivery.get("watermark"), 1000, exact=True))


def _read_read(item, event, read_):
    return _fact("read", item, event, until=moment(read_.get("watermark"), 1000, exact=True))


# name of the part of a Messenger event -> who reads it; the first that is there counts
_MESSENGER = {
    "message": _read_message,
    "postback": _read_postback,
    "message_edit": _read_edit,
    "reaction": _read_reaction,
    "delivery": _read_delivery,
    "read": _read_read,
    "referral": _read_referral,
}


def _read_comment(item):
    change = item.payload["change"]
    value = change.get("value") if isinstance(change, dict) else None
    # a comment's own time never changes; what happened to it later has the time of the entry
    reported = moment(item.payload.get("time")) or moment(item.payload.get("time"), 1000)
    made = moment(value.get("created_time")) if isinstance(value, dict) else None
    verb = _VERBS.get(text_of(value, "verb"))
    ref = ref_of(value, "comment_id")
    if text_of(change, "field") != "feed" or text_of(value, "item") != "comment" or not verb or not ref:
        return Fact("unknown", item.page, item.person, reported or made)
    post, parent = ref_of(value, "post_id"), ref_of(value, "parent_id")
    photo = text_of(value, "photo") or text_of(value, "video")
    data = {
        "verb": verb,
        "post": post,
        "parent": "" if parent == post else parent,
        "name": text_of(value, "from", "name")[:200],
        "own": bool(item.page) and ref_of(value, "from", "id") == item.page,
        "url": text_of(value, "permalink_url")[:500],
        "hidden": flag_of(value, "is_hidden"),
        "reported_at": reported,
    }
    media = (Media("image" if text_of(value, "photo") else "video", photo),) if photo else ()
    return Fact("comment", item.page, item.person, made or reported, ref, text_of(value, "message"), media, data)
