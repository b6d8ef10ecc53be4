from odoo.fields import Command
from odoo.tests import tagged

from ..common import InboxCommon


@tagged("post_install", "-at_install")
class TestLeaving(InboxCommon):
    """A colleague leaves, in whatever way: what was theirs is worked on by the others (field case 1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = cls.env.ref("sop_inbox.sop_inbox_group_user")
        cls.ways = {
            "archived": {"active": False},
            "portal": {"group_ids": [Command.set(cls.env.ref("base.group_portal").ids)]},
            "group": {"group_ids": [Command.unlink(group.id)]},
            "company": {"company_id": cls.company_b.id, "company_ids": [Command.set(cls.company_b.ids)]},
        }

    def leaver(self, name):
        user = self.agent.copy({"login": f"leaver_{name}", "name": name})
        self.env["crm.team.member"].create({"crm_team_id": self.north.id, "user_id": user.id})
        return user

    def taken(self, user, name):
        """Return a conversation of ``user`` who has talked in it."""
        conversation = self.make(name)
        self.say(conversation)
        conversation.with_user(user).action_claim()
        self.reply(conversation, user=user)
        self.say(conversation, "còn không shop?")
        return conversation

    def members(self, conversation):
        return conversation.channel_id.channel_member_ids.partner_id

    def test_others_go_on(self):
        """Every way to leave, and every thing a colleague may then do."""
        doings = {
            "done": lambda talk: talk.action_done(),
            "assign": lambda talk: talk.action_assign(self.mate.id),
            "spam": lambda talk: talk.action_spam(),
            "claim": lambda talk: talk.action_claim(),
            "bulk": lambda talk: self.assertTrue(all(row["ok"] for row in talk.action_bulk("done"))),
            "reply": lambda talk: self.reply(talk.sudo(), user=self.mate),
            "nobody": lambda talk: talk.action_assign(False),
        }
        for way, values in self.ways.items():
            user = self.leaver(way)
            talks = {name: self.taken(user, f"{way} {name}") for name in doings}
            user.write(values)
            for name, talk in talks.items():
                with self.subTest(way=way, doing=name):
                    self.assertFalse(talk.user_id)
                    self.assertNotIn(user.partner_id, self.members(talk))
                    doings[name](talk.with_user(self.mate))
                    if name in ("assign", "claim", "reply"):
                        self.assertEqual((talk.user_id, self.members(talk) & (user + self.mate).partner_id), (self.mate, self.mate.partner_id))

    def test_found_later(self):
        """Left by a way that told nobody: every doing works all the same, and the job finds what is left."""
        group = self.env.ref("sop_inbox.sop_inbox_group_user")
        user = self.leaver("later")
        claimed, waiting, closed = self.taken(user, "A"), self.taken(user, "B"), self.taken(user, "C")
        closed.with_user(user).action_done()
        group.write({"user_ids": [Command.unlink(user.id)]})
        self.assertEqual(claimed.user_id, user, "nobody was told")
        claimed.with_user(self.mate).action_claim()
        self.assertEqual(claimed.user_id, self.mate)
        self.say(closed, "shop ơi")
        self.assertEqual((closed.state, closed.user_id.id), ("open", False), "a new message never sticks to who has left")
        self.env["sop.conversation"]._cron_distribute()
        self.assertFalse(waiting.user_id)

    def test_goes_to_those_on_duty_where_the_team_says_so(self):
        self.north.sop_distribution = "even"
        user = self.leaver("even")
        for person in (user, self.mate):
            self.env["sop.duty"].with_user(person).action_set(True)
        talk = self.make("D")
        talk.with_user(user).action_claim()
        user.active = False
        self.assertEqual(talk.user_id, self.mate)
        again = self.make("D", kind="comment", thread_ref="p")
        self.say(again)
        self.assertEqual(again.user_id, self.mate, "not their last seller, who has left")
        self.assertFalse(self.env["sop.duty"].search([("user_id", "=", user.id)]).on_duty)

    def test_who_stays_keeps_what_is_theirs(self):
        user = self.leaver("stays")
        talk = self.taken(user, "E")
        user.write({"group_ids": [Command.link(self.env.ref("base.group_partner_manager").id)], "company_ids": [Command.link(self.company_b.id)]})
        self.assertEqual(talk.user_id, user)
        self.env["sop.conversation"]._cron_distribute()
        self.assertEqual(talk.user_id, user)
