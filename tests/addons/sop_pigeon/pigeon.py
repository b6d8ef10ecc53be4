"""What Pigeon says and what it is asked. Nothing here touches the database."""

from odoo.addons.sop_inbox.tools.facts import Fact, Item, Media, digest, moment, ref_of, text_of
from odoo.addons.sop_inbox.tools.outcome import Call, take

URL = "https://api.pigeon.example"


def split(body):
    """Return the one happening of a body; what says the same twice has the same key."""
    page, ref = ref_of(body, "account"), ref_of(body, "id")
    return [Item(digest(page, ref or body), page, ref_of(body, "user"), body)]


def read(item):
    """Return what the happening is in the inbox's words."""
    body, page, person = item.payload, item.page, item.person
    kind, ref = text_of(body, "event"), ref_of(body, "id")
    if kind not in ("message", "echo") or not ref:
        return Fact("unknown", page, person)
    picture = text_of(body, "picture")
    media = (Media("image", picture),) if picture else ()
    data = {"name": text_of(body, "name"), "client_ref": ref_of(body, "reference")}
    return Fact(kind, page, person, moment(body.get("time")), ref, text_of(body, "text"), media, data)


def talk(outgoing):
    """Send one message: its words, or its picture, which is uploaded first."""
    headers = {"Authorization": f"Bearer {outgoing.token}"}
    message = {"to": outgoing.person, "reference": outgoing.client_ref}
    if outgoing.part == "text":
        answer = yield Call("POST", f"{outgoing.url}/messages", headers=headers, json={**message, "text": outgoing.text})
        return take(answer, ref_of(answer.body, "id"))
    picture = outgoing.file.ref  # uploaded before, and still known there
    if not picture:
        file = (outgoing.file.name, outgoing.file.content, outgoing.file.media_type)
        answer = yield Call("POST", f"{outgoing.url}/pictures", headers=headers, files={"file": file}, timeout=60)
        picture = ref_of(answer.body, "picture")
        uploaded = take(answer, picture, repeatable=True)
        if uploaded.state != "sent":
            return uploaded
    answer = yield Call("POST", f"{outgoing.url}/messages", headers=headers, json={**message, "picture": picture})
    return take(answer, ref_of(answer.body, "id"))._replace(found={"file": picture})
