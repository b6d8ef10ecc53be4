"""A double of Meta's Graph API for pages: Messenger, comments, Conversions API, with their rules.

python doubles/facebook.py --port 8181 --hook http://127.0.0.1:8069/sop/webhook/facebook/KEY secret=... page=... token=...
"""

import hashlib
import hmac
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from doubles.base import Double, main

DAY = 86_400


def refusal(code, sub=None, message="refused", status=400):
    return status, {"error": {"code": code, "message": message} | ({"error_subcode": sub} if sub else {})}


class Facebook(Double):
    """Meta, as far as a page sees it."""

    def __init__(self, hook="", app="demo-facebook", secret="demo-facebook-secret", page="100000000000001", token="demo-page-token", **kwargs):
        super().__init__(hook, **kwargs)
        self.app, self.secret, self.page, self.token = app, secret, page, token
        self.comments = {}  # id -> dict
        self.private = set()
        self.reactions = {}  # mid -> emoji of the page
        self.uploads = {}
        self.events = {}  # (event_name, event_id) -> event
        self.event_posts = 0
        self.subscribed = []
        self.templates = [
            {"name": "giao_hang", "language": "vi", "status": "APPROVED", "category": "UTILITY",
             "components": [{"type": "BODY", "text": "Đơn {{1}} của bạn đang được giao, dự kiến {{2}}."}]},
            {"name": "cho_duyet", "language": "vi", "status": "PENDING", "components": [{"type": "BODY", "text": "Chưa duyệt"}]},
        ]  # fmt: skip

    def sign(self, raw):
        return {"X-Hub-Signature-256": "sha256=" + hmac.new(self.secret.encode(), raw, hashlib.sha256).hexdigest()}

    # === API ===

    def route(self, method, path, query, form, headers):
        if query.get("access_token") != self.token:
            return refusal(190, message="Error validating access token", status=401)
        self.trouble_before()
        if self.happens("rate"):
            return refusal(613, message="Calls to this api have exceeded the rate limit.")
        parts = path.split("/")
        parts = parts[1:] if parts[0].startswith("v") and parts[0][1:2].isdigit() else parts
        answer = self.act(method, parts, {**query, **form})
        return self.trouble_after() or answer if method != "GET" else answer

    def act(self, method, parts, form):
        target, rest = parts[0], "/".join(parts[1:])
        if rest == "messages":
            return self.message(form)
        if rest == "message_attachments":
            ref = self.new_id("att")
            self.uploads[ref] = form.get("size")
            return 200, {"attachment_id": ref}
        if rest == "subscribed_apps":
            return self.subscribe(method, form)
        if rest == "message_templates":
            return 200, {"data": self.templates}
        if rest == "dataset":
            return 200, {"id": f"dataset-{self.page}"}
        if rest == "events":
            return self.conversions(form)
        if rest == "comments":
            return self.reply(target, form)
        if target in self.comments:
            return self.operate(method, target, rest, form)
        if method == "GET":
            return self.look(target)
        return refusal(100, 33, "Unsupported request: object does not exist")

    def look(self, target):
        if target == self.page:
            return 200, {"id": self.page, "name": "Shop SOP"}
        if target.startswith(f"{self.page}_"):
            return 200, {
                "message": f"Bài viết {target.rpartition('_')[2]}: Váy hoa mới về",
                "full_picture": f"{self.url}/media/post.png",
                "permalink_url": f"https://facebook.example/{target}",
            }
        return 200, {"name": f"Người Mua {target[-4:]}", "profile_pic": f"{self.url}/media/{target}.png"}

    def subscribe(self, method, form):
        if method == "POST":
            self.subscribed = form.get("subscribed_fields", "").split(",") if form else self.subscribed
        return 200, {"success": True} if method == "POST" else {"data": [{"id": self.app, "subscribed_fields": self.subscribed}]}

    # === MESSENGER ===

    def message(self, form):
        recipient, message = form.get("recipient") or {}, form.get("message") or {}
        if recipient.get("comment_id"):
            return self.private_reply(recipient["comment_id"], message)
        person = recipient.get("id")
        problem = self.window_problem(person, form)
        if problem:
            return problem
        if form.get("sender_action"):
            return self.react(person, form["sender_action"], form.get("payload") or {})
        if len(message.get("text") or "") > 2000:
            return refusal(100, message="Length of param message[text] must be less than or equal to 2000")
        attachment = message.get("attachment") or {}
        ref = (attachment.get("payload") or {}).get("attachment_id")
        if ref and ref not in self.uploads:
            return refusal(100, 2018074, "Invalid attachment id")
        return self.accept(person, message, attachment, reply_to=(form.get("reply_to") or {}).get("mid"))

    def react(self, person, action, about):
        """One reaction of the page to a message: the latest; what is no message of this talk is refused."""
        mid = about.get("message_id")
        if action not in ("react", "unreact") or not mid or (action == "react" and not about.get("reaction")):
            return refusal(100, message="(#100) Param sender_action or payload is not valid")
        self.reactions[mid] = about["reaction"] if action == "react" else ""
        return 200, {"recipient_id": person, "message_id": mid}

    def window_problem(self, person, form):
        last = self.people.get(person)
        if last is None:
            if not self.lenient:
                return refusal(100, 2018001, "No matching user found")
            last = self.people[person] = time.time()
        if form.get("messaging_type") == "UTILITY":
            template = (form.get("message") or {}).get("template") or {}
            known = [t["name"] for t in self.templates if t["status"] == "APPROVED" and t["language"] == (template.get("language") or {}).get("code")]
            return None if template.get("name") in known else refusal(100, 2388093, "Message template not found or not approved")
        if form.get("messaging_type") == "MESSAGE_TAG":
            if form.get("tag") != "HUMAN_AGENT":
                return refusal(100, 1893061, "Message tag is no longer supported")
            return refusal(10, 2018278, "outside of allowed window") if time.time() - last > 7 * DAY else None
        return refusal(10, 2018278, "This message is sent outside of allowed window.") if time.time() - last > DAY else None

    def accept(self, person, message, attachment, comment=None, reply_to=None):
        mid = self.new_id("m_")
        with self.lock:
            self.sent.append(
                {
                    "mid": mid,
                    "to": person,
                    "text": message.get("text", ""),
                    "kind": attachment.get("type", "text"),
                    "nonce": message.get("metadata", ""),
                    "comment": comment,
                    "payload": attachment.get("payload"),
                    "template": message.get("template"),
                    "reply_to": reply_to,
                }
            )
        parts = {key: message[key] for key in ("text", "metadata") if message.get(key)}
        if attachment:
            parts["attachments"] = [{"type": attachment["type"], "payload": {"url": f"{self.url}/media/{mid}.png"}}]
        self.echo(self.messaging(self.page, person, message={"mid": mid, "is_echo": True, "app_id": self.app, **parts}))
        return 200, {"recipient_id": person, "message_id": mid}

    def private_reply(self, comment, message):
        known = self.comments.get(comment)
        if not known:
            return refusal(100, 33, "Object does not exist")
        if comment in self.private:
            return refusal(10900, message="Activity already replied to")
        if time.time() - known["at"] > 7 * DAY:
            return refusal(10, 2018278, "outside of allowed window")
        self.private.add(comment)
        return self.accept(f"9{known['from']}", message, {}, comment)

    # === COMMENTS ===

    def reply(self, target, form):
        if target not in self.comments:
            return refusal(100, 33, "Object does not exist")
        ref = f"{self.comments[target]['post']}_{self.new_id('')}"
        self.comments[ref] = {**self.comments[target], "from": self.page, "text": form.get("message", ""), "at": time.time(), "own": True}
        with self.lock:
            self.sent.append({"mid": ref, "to": target, "text": form.get("message", ""), "kind": "reply", "nonce": "", "comment": target})
        self.echo(self.feed("add", ref, form.get("message", ""), self.page, "Shop SOP", self.comments[target]["post"], target))
        return 200, {"id": ref}

    def operate(self, method, target, rest, form):
        comment = self.comments[target]
        if rest == "likes":
            comment["liked"] = method == "POST"
        elif method == "DELETE":
            comment["removed"] = True
        elif method == "POST" and "is_hidden" in form:
            comment["hidden"] = bool(form["is_hidden"])
        else:
            return 200, {"id": target, "message": comment["text"]}
        return 200, {"success": True}

    # === CONVERSIONS ===

    def conversions(self, form):
        """One bad event refuses the whole batch; a second event with the same name and id is dropped."""
        events = form.get("data") or []
        self.event_posts += 1
        for event in events:
            user = event.get("user_data") or {}
            good = event.get("event_name") and isinstance(event.get("event_time"), int) and event["event_time"] < time.time() + 60
            good = good and event["event_time"] > time.time() - 7 * DAY and event.get("action_source") == "business_messaging" and user.get("page_id")
            hashes = [value for name in ("ph", "em", "fn", "ln") for value in user.get(name) or []]
            if not good or any(len(value) != 64 for value in hashes) or len(events) > 1000:
                return refusal(100, 2804050, "Invalid parameter")
        for event in events:
            self.events.setdefault(f"{event['event_name']}:{event.get('event_id')}", event)
        return 200, {"events_received": len(events), "messages": [], "fbtrace_id": "T"}

    # === WHAT CUSTOMERS DO ===

    def messaging(self, sender, recipient, at=None, **parts):
        stamp = int((at or time.time()) * 1000)
        event = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": stamp, **parts}
        return {"object": "page", "entry": [{"id": self.page, "time": stamp, "messaging": [event]}]}

    def feed(self, verb, ref, text, sender, name, post, parent=None):
        value = {
            "item": "comment",
            "verb": verb,
            "comment_id": ref,
            "post_id": post,
            "parent_id": parent or post,
            "message": text,
            "created_time": int(time.time()),
            "from": {"id": sender, "name": name},
            "permalink_url": f"https://facebook.example/{ref}",
        }
        return {"object": "page", "entry": [{"id": self.page, "time": int(time.time()), "changes": [{"field": "feed", "value": value}]}]}

    def know(self, person, ago=0, comment=None, text="", post=""):
        """A customer who wrote, or commented, past this double."""
        if comment:
            self.comments[comment] = {"from": person, "text": text, "post": post, "at": time.time() - ago}
        else:
            super().know(person, ago)

    def play_say(self, person, text="", picture=False, times=1, ago=0):
        """A customer writes in Messenger."""
        self.people[person] = time.time() - ago
        mid = self.new_id("m_")
        message = {"mid": mid, "text": text} | (
            {"attachments": [{"type": "image", "payload": {"url": f"{self.url}/media/{mid}.png"}}]} if picture else {}
        )
        self.notify(self.messaging(person, self.page, time.time() - ago, message=message), times=times)
        return {"mid": mid}

    def play_comment(self, person, text, name="Khách", post="900", ago=0, times=1):
        """A customer comments below a post."""
        post = f"{self.page}_{post}"
        ref = f"{post}_{self.new_id('')}"
        self.comments[ref] = {"from": person, "text": text, "post": post, "at": time.time() - ago}
        self.notify(self.feed("add", ref, text, person, name, post), times=times)
        return {"comment_id": ref}

    def play_read(self, person):
        self.notify(self.messaging(person, self.page, read={"watermark": int(time.time() * 1000)}))
        return {}

    def play_events(self):
        return {"events": self.events, "posts": self.event_posts, "comments": self.comments, "reactions": self.reactions}


if __name__ == "__main__":
    main(lambda hook, options: Facebook(hook, lenient=True, **options), 8181, "double of Facebook:")
