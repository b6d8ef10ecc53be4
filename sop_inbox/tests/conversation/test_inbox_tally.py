import random
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged

from ..common import InboxCommon

CONDITIONS = [
    ("state", "=", "open"),
    ("state", "in", ["done", "spam"]),
    ("kind", "=", "comment"),
    ("unread_count", ">", 0),
    ("is_unanswered", "=", True),
    ("has_phone", "=", False),
    ("order_count", ">", 0),
    ("user_id", "=", False),
    ("user_id", "!=", False),
    ("team_id", "=", False),
]
# Not kept as numbers: these have to be counted, and come to the same.
OTHER = [("name", "ilike", "1"), ("unread_count", ">", 1), ("team_id", "=", "Bắc"), ("user_id.login", "=", "inbox_agent")]


@tagged("post_install", "-at_install")
class TestTally(InboxCommon):
    """The numbers on the chips are kept by the database and equal a count, whoever writes and whoever asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dice = random.Random(7)
        cls.tally = cls.env["sop.conversation.tally"]
        conversations = [cls.make(f"K{i}", kind=cls.dice.choice(("message", "comment")), thread_ref=f"t{i}") for i in range(40)]
        for conversation in conversations:
            conversation.write(
                {
                    "team_id": cls.dice.choice((cls.north.id, cls.south.id, False)),
                    "user_id": cls.dice.choice((cls.agent.id, cls.other.id, False)),
                    "state": cls.dice.choice(("open", "open", "done", "spam", "snoozed")),
                    "unread_count": cls.dice.choice((0, 0, 1, 3)),
                    "is_unanswered": cls.dice.random() < 0.5,
                    "has_phone": cls.dice.random() < 0.5,
                    "order_count": cls.dice.choice((0, 0, 2)),
                }
            )
        cls.conversations = cls.env["sop.conversation"].browse([c.id for c in conversations])

    def random_domain(self, conditions, depth=3):
        if not depth or self.dice.random() < 0.2:
            return Domain(*self.dice.choice(conditions))
        one, other = self.random_domain(conditions, depth - 1), self.random_domain(conditions, depth - 1)
        return self.dice.choice((one & other, one | other, ~one, one & ~other))

    def assertCounted(self, users=None, domains=None):
        """Each number equals a search, for everybody."""
        domains = domains or {name: Domain(chip) for name, chip in self.env["sop.inbox.screen"]._chip_domains().items()}
        for user in users or (self.agent, self.mate, self.other, self.manager, self.foreign, self.env.ref("base.user_root")):
            asked = self.env["sop.conversation"].with_user(user)
            expected = {name: len(asked.search(domain)) for name, domain in domains.items()}
            self.assertEqual(asked.env["sop.inbox.screen"]._count_each(domains), expected, user.login)

    def test_random_questions(self):
        domains = {str(number): self.random_domain(CONDITIONS) for number in range(60)}
        self.assertFalse([domain for domain in domains.values() if self.tally._domain(domain) is None], "all of it is kept")
        self.assertCounted(domains=domains)

    def test_questions_that_must_be_counted(self):
        self.assertFalse([condition for condition in OTHER if self.tally._domain([condition]) is not None])
        domains = {str(number): self.random_domain(CONDITIONS + OTHER * 2) for number in range(40)}
        self.assertCounted(domains=domains)

    def test_numbers_follow_whoever_writes(self):
        self.assertFalse(self.tally._find_drift())
        self.conversations[:5].channel_id.unlink()  # by cascade
        self.conversations[5].identity_id.unlink()
        self.env.cr.execute("UPDATE sop_conversation SET unread_count = 4, is_unanswered = NULL WHERE id = %s", [self.conversations[6].id])
        self.env.cr.execute("DELETE FROM sop_conversation WHERE id = %s", [self.conversations[7].id])
        self.north.unlink()  # sets null
        self.assertFalse(self.tally._find_drift())
        self.env.invalidate_all()
        self.assertCounted()

    def test_adding_up_changes_no_number(self):
        before = self.env["sop.conversation"].with_user(self.agent).get_counters([])
        rows = self.tally.search_count([])
        self.tally._cron_compact()
        self.env.invalidate_all()
        self.assertLess(self.tally.search_count([]), rows)
        self.assertFalse(self.tally.search([("number", "<=", 0)]))
        self.assertFalse(self.tally._find_drift())
        self.assertEqual(self.env["sop.conversation"].with_user(self.agent).get_counters([]), before)

    def test_drift_is_found_and_mended(self):
        self.env.cr.execute("UPDATE sop_conversation_tally SET number = number + 3 WHERE id = (SELECT max(id) FROM sop_conversation_tally)")
        self.assertEqual([row["kept"] - row["counted"] for row in self.tally._find_drift()], [3])
        self.tally._count_again()
        self.assertFalse(self.tally._find_drift())

    def test_a_rule_of_the_shop_holds_for_the_numbers_too(self):
        other = self.env["sop.channel.account"].create({"name": "Khác", "provider": "livechat", "external_id": "page-2", "team_id": self.north.id})
        self.make("Kênh khác", account=other)
        seen = self.env["sop.conversation"].with_user(self.agent).get_counters()["all"]
        self.env["ir.rule"].create(
            {
                "name": "Shop's own",
                "model_id": self.env["ir.model"]._get_id("sop.conversation"),
                "domain_force": f"[('account_id', '!=', {other.id})]",
            }
        )
        self.assertEqual(self.env["sop.conversation"].with_user(self.agent).get_counters()["all"], seen - 1)
        self.assertCounted(users=self.agent | self.manager)

    def test_joining_and_leaving_a_team_counts_at_once(self):
        mine = self.env["sop.conversation"].with_user(self.foreign)
        self.foreign.company_ids |= self.company
        mine = mine.with_context(allowed_company_ids=self.company.ids)
        teams = [(self.north, lambda: self._join(self.north)), (self.south, lambda: self.south.write({"user_id": self.foreign.id}))]
        for team, join in teams:
            before = mine.search_count([("team_id", "=", team.id)])
            self.assertEqual(before, 0)
            join()
            self.assertEqual(mine.search([("team_id", "=", team.id)]), self.conversations.filtered(lambda c: c.team_id == team))  # noqa: B023
            self.assertEqual(mine.get_counters([("team_id", "=", team.id)])["all"], len(mine.search([("team_id", "=", team.id)])))
        self.south.user_id = False
        self.env["crm.team.member"].search([("user_id", "=", self.foreign.id)]).action_archive()
        self.assertFalse(mine.search([("team_id", "!=", False)]))

    def _join(self, team):
        self.env["crm.team.member"].create({"crm_team_id": team.id, "user_id": self.foreign.id})

    def test_portal_gets_no_numbers(self):
        with self.assertRaises(AccessError):
            self.env["sop.conversation"].with_user(self.portal).get_counters()

    def test_length_of_a_page(self):
        asked = self.env["sop.conversation"].with_user(self.manager)
        mine = [("id", "in", self.conversations.ids)]
        total = len(asked.search([]))
        cases = [([], {"limit": 10, "count_limit": 21}, min(total, 21)), ([], {"limit": 10, "count_limit": total + 9}, total)]
        cases += [(mine, {"limit": 10, "count_limit": 21}, 21), (mine, {"limit": 10, "offset": 30, "count_limit": 99}, 40)]
        cases += [(mine, {"limit": 50, "count_limit": 99}, 40), (mine, {"limit": 10}, 40), (mine, {"limit": 10, "offset": 20, "count_limit": 21}, 30)]
        for domain, options, length in cases:
            with self.subTest(domain=domain, **options):
                result = asked.web_search_read(domain, {"name": {}}, **options)
                self.assertEqual(result["length"], length)
                rows = asked.search(domain, offset=options.get("offset", 0), limit=options["limit"])
                self.assertEqual([row["id"] for row in result["records"]], rows.ids)

    def test_words_are_looked_up_once(self):
        """Rows and their number come from one search where the number is not kept, whatever the page; the page is the search's."""
        asked = self.env["sop.conversation"].with_user(self.manager)
        domain = [("id", "in", self.conversations.ids), ("name", "not ilike", "nobody")]
        Conversation = type(asked)
        with patch.object(Conversation, "_search", autospec=True, side_effect=Conversation._search) as search:
            first = asked.web_search_read(domain, {"name": {}}, limit=10, count_limit=99)
            words = [call for call in search.call_args_list if "nobody" in str(call.args[1])]
        second = asked.web_search_read(domain, {"name": {}}, offset=10, limit=10, count_limit=99)
        self.assertEqual((first["length"], second["length"], len(words)), (40, 40, 1))
        ids = [row["id"] for page in (first, second) for row in page["records"]]
        self.assertEqual(ids, asked.search(domain, limit=20).ids)
        self.assertEqual(asked.web_search_read([("id", "=", 0)], {"name": {}}, limit=10, count_limit=99), {"length": 0, "records": []})
