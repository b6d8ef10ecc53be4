"""A double of Zalo's API for official accounts: messages, one-use refresh tokens, with their rules.

python doubles/zalo.py --port 8182 --hook http://127.0.0.1:8069/sop/webhook/zalo/KEY app=... secret=... oa_secret=... oa=...
"""

import hashlib
import json
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from doubles.base import Double, main

DAY = 86_400


class Zalo(Double):
    """Zalo, as far as an official account sees it. Errors are HTTP 200 with ``error`` below zero."""

    def __init__(
        self,
        hook="",
        app="demo-zalo",
        secret="demo-zalo-secret",
        oa_secret="demo-zalo-oa-secret",
        oa="2000000000000000001",
        token="demo-oa-token",
        refresh="demo-oa-refresh",
        **kwargs,
    ):
        super().__init__(hook, **kwargs)
        self.app, self.secret, self.oa_secret, self.oa = app, secret, oa_secret, oa
        self.token, self.refresh = token, refresh
        self.used = []  # refresh tokens that were used, in order
        self.refused = 0  # uses of one that was used already
        self.replies = {}
        self.uploads = set()
        self.reactions = {}  # message -> sign of the account
        self.hold = {"before": 0, "after": 0}  # seconds a renewal takes before and after the token is used up

    def sign(self, raw):
        stamp = json.loads(raw)["timestamp"]
        return {"X-ZEvent-Signature": "mac=" + hashlib.sha256(self.app.encode() + raw + stamp.encode() + self.oa_secret.encode()).hexdigest()}

    # === API ===

    def route(self, method, path, query, form, headers):
        if path == "v4/oa/access_token":
            return self.renew(form, headers)
        if headers.get("access_token") != self.token:
            return 200, {"error": -216, "message": "Access token is invalid"}
        self.trouble_before()
        if self.happens("rate"):
            return 200, {"error": -32, "message": "Your application reached limit"}
        return self.trouble_after() or self.act(path, query) if method == "GET" else self.change(path, form)

    def act(self, path, query):
        if path.endswith("getoa"):
            return 200, {"error": 0, "data": {"oa_id": self.oa, "name": "Shop SOP"}}
        if path.endswith("user/detail"):
            person = json.loads(query.get("data") or "{}").get("user_id") or ""
            return 200, {"error": 0, "data": {"display_name": f"Khách Zalo {person[-4:]}", "avatar": f"{self.url}/media/zalo.png"}}
        return 404, {}

    def change(self, path, form):
        if "/upload/" in f"/{path}":
            ref = self.new_id("up")
            self.uploads.add(ref)
            return self.trouble_after() or (200, {"error": 0, "data": {"attachment_id": ref, "token": ref}})
        answer = self.message(path.rsplit("/", 1)[1], form)
        return self.trouble_after() or answer

    def renew(self, form, headers):
        """The refresh token works once, ever: a second use is -14020, and only people can mend that."""
        time.sleep(self.hold["before"])
        with self.lock:
            if headers.get("secret_key") != self.secret or form.get("app_id") != self.app:
                return 200, {"error": -14002, "error_name": "Invalid app"}
            if form.get("refresh_token") != self.refresh:
                self.refused += 1
                return 200, {"error": -14020, "error_name": "Invalid refresh token"}
            self.used.append(self.refresh)
            self.token, self.refresh = self.new_id("access"), self.new_id("refresh")
            answer = {"access_token": self.token, "refresh_token": self.refresh, "expires_in": "90000"}
        time.sleep(self.hold["after"])
        return 200, answer

    def message(self, kind, form):
        person, message = (form.get("recipient") or {}).get("user_id"), form.get("message") or {}
        last = self.people.get(person)
        if last is None:
            if not self.lenient:
                return 200, {"error": -213, "message": "User has not followed the OA"}
            last = self.people[person] = time.time()
        if kind in ("transaction", "promotion"):
            return 200, {"error": -240, "message": "API MessageV2 has been shut down"}
        if kind == "cs" and time.time() - last > 7 * DAY:
            return 200, {"error": -230, "message": "User has not interacted with the OA in the past 7 days"}
        if form.get("sender_action"):
            return self.react(form["sender_action"])
        mid = self.new_id("z")
        attachment = message.get("attachment") or {}
        with self.lock:
            self.replies[person] = self.replies.get(person, 0) + 1
            free = self.replies[person] <= 8 and time.time() - last <= 2 * DAY
            left = max(0, 8 - self.replies[person]) if free else 0
            self.sent.append({"mid": mid, "to": person, "text": message.get("text", ""), "kind": kind, "payload": attachment.get("payload")})
        name = "oa_send_image" if attachment else "oa_send_text"
        parts = {"text": message.get("text", "")} | (
            {"attachments": [{"type": "image", "payload": {"url": f"{self.url}/media/{mid}.png"}}]} if attachment else {}
        )
        self.echo(self.event(name, self.oa, person, {"msg_id": mid, **parts}))
        return 200, {
            "error": 0,
            "message": "Success",
            "data": {"message_id": mid, "user_id": person, "quota": {"quota_type": "reply" if free else "sub_quota", "remain": str(left)}},
        }

    def react(self, action):
        """One reaction of the account to a message; only Zalo's own signs."""
        sign, mid = action.get("react_icon"), action.get("react_message_id")
        if not mid or sign not in ("/-heart", "/-strong", ":>", ":o", ":-((", ":-h", "/-remove"):
            return 200, {"error": -201, "message": "react_icon is invalid"}
        self.reactions[mid] = "" if sign == "/-remove" else sign
        return 200, {"error": 0, "message": "Success", "data": {"message_id": mid}}

    # === WHAT CUSTOMERS DO ===

    def event(self, name, sender, recipient, message, ago=0):
        stamp = str(int((time.time() - ago) * 1000))
        return {
            "app_id": self.app,
            "event_name": name,
            "sender": {"id": sender},
            "recipient": {"id": recipient},
            "message": message,
            "timestamp": stamp,
        }

    def play_say(self, person, text="", picture=False, times=1, ago=0):
        """A customer writes."""
        self.people[person] = time.time() - ago
        self.replies[person] = 0
        mid = self.new_id("z")
        message = {"msg_id": mid, "text": text}
        if picture:
            message["attachments"] = [{"type": "image", "payload": {"url": f"{self.url}/media/{mid}.png"}}]
        self.notify(self.event("user_send_image" if picture else "user_send_text", person, self.oa, message, ago), times=times)
        return {"mid": mid}

    def play_expire(self):
        """The access token ends now."""
        self.token = self.new_id("expired")
        return {}

    def play_hold(self, before=0, after=0):
        """Renewals take their time before and after the refresh token is used up."""
        self.hold = {"before": before, "after": after}
        return {}

    def play_tokens(self):
        return {"token": self.token, "refresh": self.refresh, "used": len(self.used), "refused": self.refused}


if __name__ == "__main__":
    main(lambda hook, options: Zalo(hook, lenient=True, **options), 8182, "double of Zalo:")
