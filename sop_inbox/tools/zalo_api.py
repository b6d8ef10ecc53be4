"""What we ask of Zalo's API for official accounts and how its answers are to be taken. No Odoo here.

Zalo answers HTTP 200 for errors too: only ``error == 0`` is a success.
"""

import json

from .facts import ref_of, text_of
from .outcome import Call, Outcome
from .outgoing import card_text
from .zalo import REMOVED

URL = "https://openapi.zalo.me"
LOGIN_URL = "https://oauth.zaloapp.com"
TEXT_LIMIT = 2000
PICTURE_LIMIT, FILE_LIMIT = 1024 * 1024, 5 * 1024 * 1024
FILE_TYPES = frozenset({"pdf", "doc", "docx", "csv"})
TOKEN_ERRORS = {"-216", "-124", "-14012"}
REFRESH_USED = "-14020"
RATE = {"-32", "429"}
# sources differ on some of these: the table is the only place that knows
FINAL = {
    "-224": "package",
    "-230": "window",
    "-213": "follow",
    "-217": "follow",
    "-201": "person",
    "-211": "quota",
    "-248": "blocked",
    "-14020": "refresh",
}


def take(answer, repeatable=False):
    """Return the ``Outcome`` of an answer to a call that changes something (see ``facebook_api.take``)."""
    unknown = "retry" if repeatable else "unknown"
    if answer.status == 0:
        return Outcome("retry" if answer.broken == "unsent" else unknown, reason="unreachable")
    code, detail = ref_of(answer.body, "error"), text_of(answer.body, "message")[:300]
    if answer.status == 401 or code in TOKEN_ERRORS:
        return Outcome("retry", code=code, reason="token", token=True)
    if code in RATE or answer.status == 429:
        return Outcome("retry", code=code, reason="rate", detail=detail, pause=60)
    if answer.status >= 500 or (answer.status < 300 and not code):
        return Outcome(unknown, code=code, reason="lost", detail=detail)
    if answer.status < 300 and code == "0":
        return Outcome(
            "sent",
            ref_of(answer.body, "data", "message_id"),
            found={"quota": text_of(answer.body, "data", "quota", "quota_type"), "left": text_of(answer.body, "data", "quota", "remain")},
        )
    return Outcome("failed", code=code, reason=FINAL.get(code, "other"), detail=detail)


def talk(outgoing):
    """Dialogue that sends one message (see ``outcome.converse``)."""
    return _TALKS[outgoing.part](outgoing)


def _send(outgoing, message):
    body = {"recipient": {"user_id": outgoing.person}, "message": message}
    return Call("POST", f"{outgoing.url}/v3.0/oa/message/cs", headers={"access_token": outgoing.token}, json=body)


def _talk_text(outgoing):
    quote = {"quote_message_id": outgoing.quote} if outgoing.quote else {}
    return take((yield _send(outgoing, {"text": outgoing.text, **quote})))


def _talk_info(outgoing):
    """Zalo's form that asks the customer for name, phone and address; what they fill in comes back as an event."""
    element = {"title": outgoing.data["title"][:100], "subtitle": outgoing.data["subtitle"][:500], "image_url": outgoing.data["image_url"]}
    attachment = {"type": "template", "payload": {"template_type": "request_user_info", "elements": [element]}}
    return take((yield _send(outgoing, {"attachment": attachment})))


def _talk_cards(outgoing):
    return take((yield _send(outgoing, {"text": "\n\n".join(map(card_text, outgoing.data["cards"]))[:TEXT_LIMIT]})))


def _talk_file(outgoing):
    """Upload, then send what was uploaded: pictures as media, everything else as file."""
    file, ref = outgoing.file, outgoing.file.ref
    picture = file.kind == "image"
    if not ref:
        answer = yield Call(
            "POST",
            f"{outgoing.url}/v2.0/oa/upload/{'image' if picture else 'file'}",
            headers={"access_token": outgoing.token},
            files={"file": (file.name, file.content, file.media_type)},
            timeout=60,
        )
        ref = text_of(answer.body, "data", "attachment_id") or text_of(answer.body, "data", "token")
        if not ref:
            outcome = take(answer, repeatable=True)
            return outcome if outcome.state != "sent" else Outcome("retry", reason="lost")
    if picture:
        element = {"media_type": "image", "attachment_id": ref}
        attachment = {"type": "template", "payload": {"template_type": "media", "elements": [element]}}
    else:
        attachment = {"type": "file", "payload": {"token": ref}}
    outcome = take((yield _send(outgoing, {"attachment": attachment})))
    return outcome._replace(found={**outcome.found, "file": ref})


def _talk_reaction(outgoing):
    """React to a message as the account, or take it back. Shape from Zalo's console; not seen live."""
    action = {"react_icon": outgoing.data["emoji"] or REMOVED, "react_message_id": outgoing.target}
    body = {"recipient": {"user_id": outgoing.person}, "sender_action": action}
    call = Call("POST", f"{outgoing.url}/v2.0/oa/message", headers={"access_token": outgoing.token}, json=body)
    return take((yield call), repeatable=True)


_TALKS = {"text": _talk_text, "cards": _talk_cards, "file": _talk_file, "info": _talk_info, "reaction": _talk_reaction}
PARTS = frozenset(_TALKS)


def login_url(api_url):
    """Where tokens are renewed: a double serves both at one address."""
    return f"{api_url.rstrip('/')}" if api_url else LOGIN_URL


def refresh_call(login, app_ref, secret, refresh_token):
    """Call that swaps the one-use refresh token for a new pair."""
    form = {"refresh_token": refresh_token, "app_id": app_ref, "grant_type": "refresh_token"}
    return Call("POST", f"{login}/v4/oa/access_token", headers={"secret_key": secret}, data=form, timeout=15)


def read_tokens(answer):
    """Return (access token, refresh token, seconds, error): the tokens are empty when there is an error."""
    access, refresh = text_of(answer.body, "access_token"), text_of(answer.body, "refresh_token")
    seconds = text_of(answer.body, "expires_in")
    if answer.status == 200 and access and refresh:
        return access, refresh, int(seconds) if seconds.isdigit() and len(seconds) < 9 else 90_000, ""
    return "", "", 0, ref_of(answer.body, "error") or str(answer.status or answer.broken)


def check_calls(url, token):
    """Calls of the "check" button: which account the token is of."""
    return {"page": Call("GET", f"{url}/v2.0/oa/getoa", headers={"access_token": token}, timeout=10)}


def profile_call(url, person, token):
    """Call for a person's name and picture."""
    data = json.dumps({"user_id": person})
    return Call("GET", f"{url}/v3.0/oa/user/detail", {"data": data}, headers={"access_token": token}, timeout=10)


def read_profile(body):
    """Return name and picture's address of a profile."""
    return text_of(body, "data", "display_name")[:200], text_of(body, "data", "avatar")


def read_account(body):
    """Return id and name of the official account a token is of."""
    return ref_of(body, "data", "oaid") or ref_of(body, "data", "oa_id"), text_of(body, "data", "name")
