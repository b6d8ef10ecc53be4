import random
from collections import defaultdict
from datetime import datetime, timedelta

from odoo.fields import Domain
from odoo.tests import tagged

from ..common import InboxCommon

OPERATIONS = 10_000
NOW = datetime(2026, 5, 1, 12, 0)


class Oracle:
    """What a conversation must look like, told by nothing but the list of what happened."""

    def __init__(self):
        self.messages = []  # (at, number, side), in the order they arrived
        self.read = -1  # number of the last message a person has read
        self.state = "open"

    def say(self, at, number, side):
        self.messages.append((at, number, side))
        if side == "out":
            self.read = max(self.read, self.read_by(at))
            self.state = "open" if self.state == "spam" else self.state
        elif side == "in" and self.state in ("done", "snoozed"):
            self.state = "open"

    def read_by(self, moment):
        """Number up to which a reply of ``moment`` has read: what came later is unread, also when the reply comes late."""
        number = -1
        for said, at in sorted((number, at) for at, number, side in self.messages if side == "in"):
            if at > moment:
                break
            number = said
        return number

    @property
    def unread(self):
        return sum(side == "in" and number > self.read for _at, number, side in self.messages)

    @property
    def unanswered(self):
        told = sorted(message for message in self.messages if message[2] != "auto")
        return bool(told) and told[-1][2] == "in"

    @property
    def last(self):
        return max((at for at, _number, _side in self.messages), default=None)


@tagged("post_install", "-at_install")
class TestFilters(InboxCommon):
    """Every filter, alone and combined, shows what a slow look at everything that happened shows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dice = random.Random(20)
        cls.tags = cls.env["crm.tag"].create([{"name": f"Thẻ {i}"} for i in range(3)])
        cls.users = cls.agent | cls.mate
        cls.oracles = {}
        for number in range(60):
            kind = cls.dice.choice(("message", "comment"))
            conversation = cls.make(f"K{number}", kind=kind, thread_ref="p" if kind == "comment" else "")
            cls.oracles[conversation] = Oracle()
        cls.conversations = cls.env["sop.conversation"].browse([c.id for c in cls.oracles])
        cls.happen()

    @classmethod
    def happen(cls):
        """Ten thousand operations in random order: messages of all sides, early and late, reads and states."""
        plan = [cls.dice.choice(cls.conversations) for _i in range(OPERATIONS)]
        sides = cls.dice.choices(("in", "out", "auto", "read", "done", "spam", "reopen"), (45, 25, 10, 10, 5, 2, 3), k=OPERATIONS)
        said = [(c, side) for c, side in zip(plan, sides, strict=True) if side in ("in", "out", "auto")]
        author = cls.agent.partner_id.id
        messages = iter(
            cls.env["mail.message"].create(
                [
                    {
                        "model": "discuss.channel",
                        "res_id": conversation.channel_id.id,
                        "body": "0901234567" if cls.dice.random() < 0.01 else "alo",
                        "date": NOW - timedelta(seconds=cls.dice.randint(0, 400_000)),
                        "message_type": "comment",
                        "author_id": author if side == "out" else False,
                    }
                    for conversation, side in said
                ]
            )
        )
        for conversation, side in zip(plan, sides, strict=True):
            cls.one(conversation.with_context(sop_no_push=True, tracking_disable=True), cls.oracles[conversation], side, messages)
        for conversation in cls.conversations:
            conversation.tag_ids = cls.tags.browse(cls.dice.sample(cls.tags.ids, cls.dice.randint(0, 3)))
            conversation.user_id = cls.dice.choice((cls.agent, cls.mate, cls.env["res.users"]))
        for conversation in cls.conversations[::7]:
            cls.env["sale.order"].create({"partner_id": cls.portal.partner_id.id, "sop_conversation_id": conversation.id})
        cls.env.flush_all()

    @classmethod
    def one(cls, conversation, oracle, side, messages):
        if side in ("in", "out", "auto"):
            message = next(messages)
            message.sop_side = side  # now it arrives
            conversation._on_message(message)
            oracle.say(message.date, message.id, side)
        elif side == "read":
            conversation.action_mark_read()
            oracle.read = max((n for _at, n, s in oracle.messages if s == "in"), default=oracle.read)
        else:
            getattr(conversation, f"action_{side}")()
            oracle.state = {"reopen": "open"}.get(side, side)
            if side == "done":
                oracle.read = max((n for _at, n, s in oracle.messages if s == "in"), default=oracle.read)

    def filters(self):
        """Name -> (domain of the filter, what it means for a conversation)."""
        oracles = self.oracles
        day = NOW - timedelta(days=2)
        phones = defaultdict(bool)
        for message in self.env["mail.message"].search(
            [("model", "=", "discuss.channel"), ("res_id", "in", self.conversations.channel_id.ids), ("sop_side", "=", "in")]
        ):
            phones[message.res_id] |= "0901234567" in message.body
        ordered = self.env["sale.order"].search([("sop_conversation_id", "in", self.conversations.ids)]).sop_conversation_id
        tag = self.tags[0]
        return {
            "message": ([("kind", "=", "message")], lambda c: c.kind == "message"),
            "comment": ([("kind", "=", "comment")], lambda c: c.kind == "comment"),
            "unread": ([("unread_count", ">", 0)], lambda c: oracles[c].unread > 0),
            "unanswered": ([("is_unanswered", "=", True)], lambda c: oracles[c].unanswered),
            "tag": ([("tag_ids", "in", tag.ids)], lambda c: tag in c.tag_ids),
            "no tag": ([("tag_ids", "not in", self.tags[:2].ids)], lambda c: not c.tag_ids & self.tags[:2]),
            "phone": ([("has_phone", "=", True)], lambda c: phones[c.channel_id.id]),
            "date": ([("last_message_at", ">=", day)], lambda c: bool(oracles[c].last and oracles[c].last >= day)),
            "order": ([("order_count", ">", 0)], lambda c: c in ordered),
            "mine": ([("user_id", "=", self.agent.id)], lambda c: c.user_id == self.agent),
            "unassigned": ([("user_id", "=", False)], lambda c: not c.user_id),
            "open": ([("state", "=", "open")], lambda c: oracles[c].state == "open"),
        }

    def tree(self, filters, depth):
        """A random combination with AND, OR and NOT, as domain and as predicate."""
        kind = self.dice.choice(("leaf", "and", "or", "not")) if depth else "leaf"
        if kind == "leaf":
            domain, predicate = filters[self.dice.choice(list(filters))]
            return Domain(domain), predicate
        one, said = self.tree(filters, depth - 1)
        if kind == "not":
            return ~one, lambda c: not said(c)
        other, told = self.tree(filters, depth - 1)
        if kind == "and":
            return one & other, lambda c: said(c) and told(c)
        return one | other, lambda c: said(c) or told(c)

    def test_columns_equal_what_happened(self):
        for conversation, oracle in self.oracles.items():
            told = (conversation.unread_count, conversation.is_unanswered, conversation.state, conversation.last_message_at)
            self.assertEqual(told, (oracle.unread, oracle.unanswered, oracle.state, oracle.last))

    def test_check_command_finds_nothing_after_ten_thousand_operations(self):
        self.assertEqual(self.env["sop.conversation.recount"]._find_drift(self.conversations.ids), [])
        self.assertEqual(self.env["sop.conversation.tally"]._find_drift(), [])

    def test_each_filter_alone_and_in_pairs(self):
        filters = self.filters()
        scope = Domain("id", "in", self.conversations.ids)
        mine = self.conversations.with_user(self.manager)
        for name, (domain, predicate) in filters.items():
            for other, (other_domain, other_predicate) in filters.items():
                with self.subTest(filters=(name, other)):
                    found = mine.search(scope & Domain(domain) & Domain(other_domain))
                    expected = self.conversations.filtered(lambda c: predicate(c) and other_predicate(c))  # noqa: B023
                    self.assertEqual(set(found.ids), set(expected.ids))

    def test_random_combinations_with_and_or_not(self):
        filters = self.filters()
        scope = Domain("id", "in", self.conversations.ids)
        seen = 0
        for _round in range(150):
            domain, predicate = self.tree(filters, 4)
            found = self.env["sop.conversation"].with_user(self.manager).search(scope & domain)
            expected = self.conversations.filtered(predicate)
            self.assertEqual(set(found.ids), set(expected.ids), domain)
            self.assertEqual(found.ids, found.sorted(lambda c: (c.last_message_at, c.id), reverse=True).ids, "newest first")
            seen += 0 < len(found) < len(self.conversations)
        self.assertGreater(seen, 30, "the dice must ask real questions")
