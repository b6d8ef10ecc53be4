"""What we ask of Meta's Graph API and how its answers are to be taken. No Odoo here."""

import json

from .facts import dig, list_of, ref_of, text_of
from .outcome import Call, Outcome

URL = "https://graph.facebook.com/v25.0"
TEXT_LIMIT = 2000
MEDIA_TYPES = {"image", "video", "audio", "file"}
SUBSCRIBED = "feed,messages,messaging_postbacks,message_deliveries,message_reads,message_echoes,message_reactions,message_edits,messaging_referrals"

RATE = {"4", "17", "32", "613", "80006", "80001"}
TEMPORARY = {"1", "2", "1200", "2018012"}
# code or code/subcode -> reason shown; all of them final
FINAL = {
    "10/2018278": "window",
    "10/2018065": "window",
    "10": "permission",
    "100/1893061": "tag",
    "100/2018001": "person",
    "100/2018109": "window",
    "551": "person",
    "200": "permission",
    "200/1545041": "person",
    "230": "permission",
    "10900": "already",
    "100/10900": "already",
    "100/33": "gone",
    "368": "blocked",
    "4/2018354": "marketing",
    "9/2018352": "marketing",
}
# operation on a comment -> method, rest of the address, fields
OPERATIONS = {
    "hide": ("POST", "", {"is_hidden": True}),
    "unhide": ("POST", "", {"is_hidden": False}),
    "like": ("POST", "/likes", {}),
    "unlike": ("DELETE", "/likes", {}),
    "delete": ("DELETE", "", {}),
}


def take(answer, repeatable=False):
    """Return the ``Outcome`` of an answer to a call that changes something.

    :param repeatable: doing it twice does no harm, so a lost answer is simply tried again
    """
    unknown = "retry" if repeatable else "unknown"
    if answer.status == 0:
        return Outcome("retry" if answer.broken == "unsent" else unknown, reason="unreachable")
    error = dig(answer.body, "error")
    if answer.status < 300 and not isinstance(error, dict):
        ref = ref_of(answer.body, "message_id") or ref_of(answer.body, "id")
        return Outcome("sent", ref, found={"person": ref_of(answer.body, "recipient_id")}) if ref or repeatable else Outcome(unknown, reason="lost")
    code, sub = ref_of(error, "code"), ref_of(error, "error_subcode")
    detail = text_of(error, "message")[:300]
    return _judge(answer.status, code, f"{code}/{sub}" if sub else code, detail, unknown)


def _judge(status, code, whole, detail, unknown):
    if code == "190" or status == 401:
        return Outcome("retry", code=whole, reason="token", token=True)  # Meta's words may repeat the token
    if whole in FINAL:
        return Outcome("failed", code=whole, reason=FINAL[whole], detail=detail)
    if code in RATE or status == 429:
        return Outcome("retry", code=whole, reason="rate", detail=detail, pause=60)
    if code in TEMPORARY:
        return Outcome("retry", code=whole, reason="unreachable", detail=detail)
    if status >= 500:
        return Outcome(unknown, code=whole, reason="lost", detail=detail)
    return Outcome("failed", code=whole, reason=FINAL.get(code, "other"), detail=detail)


def talk(outgoing):
    """Dialogue that sends one message (see ``outcome.converse``)."""
    return _TALKS[outgoing.part](outgoing)


def _post(outgoing, path, body, timeout=20):
    return Call("POST", f"{outgoing.url}/{path}", params={"access_token": outgoing.token}, json=body, timeout=timeout)


def _envelope(outgoing, message):
    """Body of a Messenger message; the client_ref comes back in the echo."""
    window = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"} if outgoing.tag == "human_agent" else {"messaging_type": "RESPONSE"}
    quote = {"reply_to": {"mid": outgoing.quote}} if outgoing.quote else {}
    return {"recipient": {"id": outgoing.person}, **window, **quote, "message": {**message, "metadata": outgoing.client_ref}}


def _talk_text(outgoing):
    message = {"text": outgoing.text} | quick_replies(outgoing.data)
    return take((yield _post(outgoing, "me/messages", _envelope(outgoing, message))))


def quick_replies(data):
    """Return the choices of a question as Meta's buttons: at most 13 of at most 20 characters; longer ones are answered by their numbers."""
    choices = data.get("choices") or []
    if not choices or len(choices) > 13 or any(len(name) > 20 for name in choices):
        return {}
    return {"quick_replies": [{"content_type": "text", "title": name, "payload": name} for name in choices]}


def _talk_file(outgoing):
    """Upload once per page, then send what was uploaded."""
    file, ref = outgoing.file, outgoing.file.ref
    kind = file.kind if file.kind in MEDIA_TYPES else "file"
    if not ref:
        message = {"attachment": {"type": kind, "payload": {"is_reusable": True}}}
        answer = yield Call(
            "POST",
            f"{outgoing.url}/me/message_attachments",
            params={"access_token": outgoing.token},
            data={"message": json.dumps(message)},
            files={"filedata": (file.name, file.content, file.media_type)},
            timeout=60,
        )
        ref = ref_of(answer.body, "attachment_id")
        if not ref:
            # an unused upload does no harm: whatever broke is simply tried again
            outcome = take(answer, repeatable=True)
            return outcome if outcome.state != "sent" else Outcome("retry", reason="lost")
    message = {"attachment": {"type": kind, "payload": {"attachment_id": ref}}}
    outcome = take((yield _post(outgoing, "me/messages", _envelope(outgoing, message))))
    return outcome._replace(found={**outcome.found, "file": ref})


def _talk_cards(outgoing):
    return take(
        (
            yield _post(
                outgoing,
                "me/messages",
                _envelope(outgoing, {"attachment": {"type": "template", "payload": cards_payload(outgoing.data["cards"])}}),
            )
        )
    )


def _talk_receipt(outgoing):
    return take(
        (
            yield _post(
                outgoing,
                "me/messages",
                _envelope(outgoing, {"attachment": {"type": "template", "payload": receipt_payload(outgoing.data)}}),
            )
        )
    )


def _talk_utility(outgoing):
    """A template Meta has approved, whatever the window."""
    texts = [{"type": "text", "text": value} for value in outgoing.data["values"]]
    template = {
        "name": outgoing.data["name"],
        "language": {"code": outgoing.data["language"]},
        "components": [{"type": "body", "parameters": texts}] if texts else [],
    }
    message = {"template": template, "metadata": outgoing.client_ref}
    return take((yield _post(outgoing, "me/messages", {"recipient": {"id": outgoing.person}, "messaging_type": "UTILITY", "message": message})))


def _talk_reply(outgoing):
    """Answer a comment in public, with a picture when there is one."""
    url, params = f"{outgoing.url}/{outgoing.target}/comments", {"access_token": outgoing.token}
    if outgoing.file:
        files = {"source": (outgoing.file.name, outgoing.file.content, outgoing.file.media_type)}
        return take((yield Call("POST", url, params, data={"message": outgoing.text}, files=files, timeout=60)))
    return take((yield Call("POST", url, params, json={"message": outgoing.text})))


def _talk_private(outgoing):
    """One private message to who wrote a comment."""
    body = {"recipient": {"comment_id": outgoing.target}, "message": {"text": outgoing.text, "metadata": outgoing.client_ref}}
    return take((yield _post(outgoing, f"{outgoing.page}/messages", body)))


def _talk_operation(outgoing):
    method, path, fields = OPERATIONS[outgoing.data["op"]]
    call = Call(method, f"{outgoing.url}/{outgoing.target}{path}", {"access_token": outgoing.token}, json=fields or None)
    return take((yield call), repeatable=True)


def _talk_reaction(outgoing):
    """React to a message as the page, or take it back; another emoji takes the place of the one before."""
    emoji = outgoing.data["emoji"]
    about = {"message_id": outgoing.target} | ({"reaction": emoji} if emoji else {})
    body = {"recipient": {"id": outgoing.person}, "sender_action": "react" if emoji else "unreact", "payload": about}
    return take((yield _post(outgoing, "me/messages", body)), repeatable=True)


_TALKS = {
    "text": _talk_text,
    "file": _talk_file,
    "cards": _talk_cards,
    "receipt": _talk_receipt,
    "utility": _talk_utility,
    "reply": _talk_reply,
    "private": _talk_private,
    "op": _talk_operation,
    "reaction": _talk_reaction,
}
PARTS = frozenset(_TALKS)


def cards_payload(cards):
    """Return Meta's generic template; at most ten cards with three buttons each, texts cut at Meta's limits."""
    elements = []
    for card in cards[:10]:
        element = {"title": (card.get("title") or "-")[:80], "subtitle": (card.get("subtitle") or "")[:80]}
        if card.get("image_url"):
            element["image_url"] = card["image_url"]
        if card.get("url"):
            element["default_action"] = {"type": "web_url", "url": card["url"]}
        buttons = [{"type": "web_url", "title": b["title"][:20], "url": b["url"]} for b in card.get("buttons", [])[:3]]
        elements.append(element | ({"buttons": buttons} if buttons else {}))
    return {"template_type": "generic", "elements": elements}


def receipt_payload(receipt):
    """Return Meta's receipt template of an order's receipt (``mail.message.sop_payload``); None when one cannot be made.

    Meta adds nothing up itself, yet refuses a receipt without lines or with a total that is no number.
    """
    lines = receipt.get("lines") or []
    if not lines:
        return None
    adjustments = [{"name": item["name"][:80], "amount": item["total"]} for item in receipt.get("discounts") or []]
    if receipt.get("rounding"):
        adjustments.append({"name": "±", "amount": receipt["rounding"]})
    payload = {
        "template_type": "receipt",
        "recipient_name": receipt["customer"]["name"][:100] or "-",
        "order_number": receipt["order"],
        "currency": receipt["currency"],
        "payment_method": receipt.get("payment_label") or "-",
        "summary": {
            "subtotal": receipt["goods"],
            "shipping_cost": receipt["shipping"],
            "total_tax": receipt["tax"],
            "total_cost": receipt["total"],
        },
        "elements": [_receipt_element(line, receipt["currency"]) for line in lines[:100]],
    }
    if adjustments:
        payload["adjustments"] = adjustments
    if receipt.get("url", "").startswith("https://"):
        payload["order_url"] = receipt["url"]
    return payload


def _receipt_element(line, currency):
    return {"title": line["name"][:80], "quantity": line["qty"], "price": line["total"], "currency": currency}


def check_calls(url, page, token):
    """Calls of the "check" button: whose token it is, and what the page is subscribed to."""
    params = {"access_token": token}
    return {
        "page": Call("GET", f"{url}/{page}", {**params, "fields": "id,name"}, timeout=10),
        "fields": Call("GET", f"{url}/{page}/subscribed_apps", params, timeout=10),
    }


def subscribe_call(url, page, token):
    """Call that asks Meta to send the page's events to our app."""
    return Call("POST", f"{url}/{page}/subscribed_apps", {"access_token": token, "subscribed_fields": SUBSCRIBED}, timeout=10)


def templates_call(url, page, token):
    """Call for the page's utility templates."""
    params = {"access_token": token, "fields": "name,language,status,category,components", "limit": 200}
    return Call("GET", f"{url}/{page}/message_templates", params, timeout=15)


def read_templates(body):
    """Return the templates of an answer: list of dict name, language, body, state."""
    found = []
    for item in list_of(body, "data"):
        parts = [part for part in list_of(item, "components") if text_of(part, "type").upper() == "BODY"]
        name, language = text_of(item, "name")[:200], ref_of(item, "language") or ref_of(item, "language", "code")
        if name and language:
            state = "approved" if text_of(item, "status").upper() == "APPROVED" else "other"
            found.append({"name": name, "language": language, "body": text_of(parts, 0, "text")[:2000], "state": state})
    return found


def profile_call(url, person, token):
    """Call for a person's name and picture."""
    return Call("GET", f"{url}/{person}", {"access_token": token, "fields": "name,profile_pic"}, timeout=10)


def post_call(url, post, token):
    """Call for a post's words and picture."""
    return Call("GET", f"{url}/{post}", {"access_token": token, "fields": "message,full_picture,permalink_url"}, timeout=10)


def read_profile(body):
    """Return name and picture's address of a profile."""
    return text_of(body, "name")[:200], text_of(body, "profile_pic")


def read_post(body):
    """Return words, picture's address and address of a post."""
    return text_of(body, "message")[:2000], text_of(body, "full_picture"), text_of(body, "permalink_url")[:500]
