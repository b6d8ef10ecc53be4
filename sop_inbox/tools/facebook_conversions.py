"""Meta's Conversions API for business messaging: events as it wants them, batches that survive a bad one. No Odoo here."""

import hashlib
import re
import time

from .facts import dig, epoch, ref_of, text_of
from .outcome import Call, Outcome

NAMES = {"add_to_cart": "AddToCart", "purchase": "Purchase", "lead": "LeadSubmitted"}
OLDEST = 7 * 86_400  # seconds: older events are refused


def digest_phone(e164):
    """Return the hash of a phone as Meta wants it (digits with country code, no plus), "" for none."""
    digits = re.sub(r"\D", "", e164 or "").lstrip("0")
    return hashlib.sha256(digits.encode()).hexdigest() if digits else ""


def digest_email(email):
    """Return the hash of an e-mail as Meta wants it (small letters, no blanks), "" for none."""
    email = (email or "").strip().lower()
    return hashlib.sha256(email.encode()).hexdigest() if email else ""


def build(kind, key, at, page, person, phone="", email="", value=0, currency="", contents=()):
    """Return one event.

    :param at: naive UTC datetime
    :param person: the page-scoped id of a Messenger conversation, "" when there is none: never hashed
    """
    user = {"page_id": page}
    if person:
        user["page_scoped_user_id"] = person
    for name, hashed in (("ph", digest_phone(phone)), ("em", digest_email(email))):
        if hashed:
            user[name] = [hashed]
    event = {
        "event_name": NAMES[kind],
        "event_time": epoch(at),
        "event_id": key,
        "action_source": "business_messaging",
        "messaging_channel": "messenger",
        "user_data": user,
    }
    if kind != "lead":
        event["custom_data"] = {"currency": currency, "value": value, "contents": list(contents)}
    return event


def problem_of(event, now=None):
    """Return why Meta would refuse an event, and the whole batch with it; "" when it would not."""
    now = now or time.time()
    if not now - OLDEST < event["event_time"] <= now + 60:
        return "time"
    if not {"page_scoped_user_id", "ph", "em"} & set(event["user_data"]):
        return "nobody"
    data = event.get("custom_data")
    if data and not (isinstance(data["value"], (int, float)) and data["value"] >= 0 and len(data["currency"]) == 3):
        return "value"
    return ""


def talk(url, dataset, token, events, test_code=""):
    """Dialogue that sends a batch; one bad event refuses all, so a refused batch is cut in two until the bad one stands alone.

    :return: list of Outcome, one for each event, in their order
    """
    body = {"data": events} | ({"test_event_code": test_code} if test_code else {})
    answer = yield Call("POST", f"{url}/{dataset}/events", {"access_token": token}, json=body, timeout=30)
    outcome = take(answer)
    if outcome.state == "failed" and len(events) > 1:
        middle = len(events) // 2
        first = yield from talk(url, dataset, token, events[:middle], test_code)
        return first + (yield from talk(url, dataset, token, events[middle:], test_code))
    return [outcome] * len(events)


def talk_good(url, dataset, token, events, test_code=""):
    """Dialogue over the events Meta would take (see ``talk``); the others fail by themselves."""
    problems = [problem_of(event) for event in events]
    good = [event for event, problem in zip(events, problems, strict=True) if not problem]
    outcomes = iter((yield from talk(url, dataset, token, good, test_code)) if good else [])
    return [Outcome("failed", reason=problem, detail=problem) if problem else next(outcomes) for problem in problems]


def take(answer):
    """Return the Outcome of a batch. A lost answer is simply tried again: Meta drops what it has within 48 hours."""
    if 200 <= answer.status < 300:
        return Outcome("sent", ref_of(answer.body, "fbtrace_id"))
    code, detail = ref_of(answer.body, "error", "code"), text_of(answer.body, "error", "message")[:200]
    if code == "190" or answer.status == 401:
        return Outcome("retry", code=code, reason="token", detail=detail, token=True)
    if answer.status == 0 or answer.status >= 500 or answer.status == 429 or code in ("1", "2", "4", "17", "32", "613"):
        return Outcome("retry", code=code, reason="unreachable", detail=detail)
    return Outcome("failed", code=code, reason="other", detail=detail or str(answer.status))


def dataset_call(url, page, token):
    """Call that returns the page's dataset, made when there is none."""
    return Call("POST", f"{url}/{page}/dataset", {"access_token": token}, timeout=15)


def read_dataset(answer):
    """Return the dataset's id, "" when there is none."""
    return ref_of(answer.body, "id") if answer.status == 200 and not dig(answer.body, "error") else ""
