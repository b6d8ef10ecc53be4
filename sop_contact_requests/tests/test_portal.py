"""The seller's page over HTTP (C4, C9-C11): rows, filters, stable pages, empty states, other people's doors."""

import re
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import RequestCase


@tagged("post_install", "-at_install")
class TestPortal(RequestCase, HttpCase):
    def setUp(self):
        super().setUp()
        for user in self.seller | self.rival | self.staff:
            user.password = user.login
        self.authenticate("sop_seller", "sop_seller")

    def _page(self, query=""):
        page = self.url_open(f"/my/contact-requests{query}")
        self.assertEqual(page.status_code, 200, query)
        return page.text

    def _ids(self, text):
        return [int(i) for i in re.findall(r'data-id="(\d+)"', text)]

    def _many(self, count):
        now = fields.Datetime.now()
        return self.env["sop.contact.request"].create(
            [
                {
                    "listing_id": self.listing.id,
                    "buyer_name": f"Khách {i}",
                    "phone": f"+849{i:08}",
                    "message": f"Lời {i}",
                    "requested_at": now - timedelta(minutes=i // 3),
                }
                for i in range(count)
            ]
        )

    def _older(self, text):
        found = re.search(r'before=([^"&]+)', text)
        return f"?before={found.group(1)}" if found else None

    def test_columns(self):
        request = self._new_request(message="Còn hàng?")
        text = self._page()
        for wanted in (request.buyer_name, request.listing_name, request.note, "o_sop_reveal", "o_sop_state", "o_sop_clock"):
            self.assertIn(wanted, text)
        self.assertIn("o_sop_new", text)

    def test_newest_first_and_stable_while_new_ones_arrive(self):
        requests = self._many(45)
        expected = self.env["sop.contact.request"].search([("id", "in", requests.ids)]).ids
        text, seen = self._page(), []
        while True:
            seen += self._ids(text)
            self._new_request(buyer_name="Mới đến")
            older = self._older(text)
            if not older:
                break
            text = self._page(older)
        self.assertEqual(seen, expected, "none skipped, none twice")

    def test_filters(self):
        asked, again, old = (self._new_request(buyer_name=name) for name in ("Hoa", "Nam", "Xưa"))
        again.with_user(self.seller).action_set_state("contact_again")
        again.write({"reminder_at": fields.Datetime.now() - timedelta(hours=1), "touched_at": fields.Datetime.now()})
        old.requested_at = "2026-01-15 18:30:00"  # the 16th in Viet Nam
        second = self._new_listing("Chân máy", self.an)
        other = self._new_request(buyer_name="Bình", listing_id=second.id)
        for query, expected in {
            "?state=contact_again": again,
            "?only=new": asked | old | other,
            "?only=overdue": again,
            "?search=ho": asked,
            f"?listing={second.id}": other,
            "?date_from=2026-01-16&date_to=2026-01-16": old,
            "?date_from=2026-01-15&date_to=2026-01-15": self.env["sop.contact.request"],
            "?state=not_contacted&only=new&search=Xưa": old,
            "?search=Chân": other,
        }.items():
            with self.subTest(query):
                self.assertEqual(sorted(self._ids(self._page(query))), sorted(expected.ids))

    def test_broken_filters_are_ignored(self):
        request = self._new_request()
        for query in (
            "?state=hacked",
            "?only=1",
            "?listing=abc",
            "?listing=-1",
            "?date_from=yesterday",
            "?date_to=9999-99-99",
            "?before=x",
            "?before=2026-01-01_x",
            "?before=_",
            "?before=2026-01-01T00:00:00_99999999999999999999",
            "?date_from=0001-01-01",
            "?date_to=9999-12-31",
            "?search=%00",
            "?search=" + "x" * 3000,
            "?search=';--",
        ):
            with self.subTest(query):
                text = self._page(query)
                if "search=x" not in query and "--" not in query and "before=2026-01-01T" not in query:
                    self.assertEqual(self._ids(text), request.ids)

    def test_empty_states_say_why(self):
        texts = [re.search(r"o_sop_empty.*?<h2[^>]*>(.*?)</h2>", self._page(), re.S).group(1)]
        self._new_request()
        texts.append(re.search(r"o_sop_empty.*?<h2[^>]*>(.*?)</h2>", self._page("?search=zzz"), re.S).group(1))
        self.authenticate("sop_rival", "sop_rival")
        texts.append(re.search(r"o_sop_empty.*?<h2[^>]*>(.*?)</h2>", self._page(), re.S).group(1))
        self.assertEqual(len(set(texts)), 3, "none yet, filtered out, not entitled")

    def test_expired_list_stays_locked(self):
        self._new_request()
        self.right.action_revoke()
        text = self._page()
        self.assertIn("o_sop_locked", text)
        self.assertNotIn("o_sop_reveal", text)
        self.assertEqual(len(self._ids(text)), 1)
        answer = self.url_open(f"/my/contact-requests/{self._ids(text)[0]}/reveal", json={"params": {}}).json()
        self.assertIn(self.an.name, answer["error"]["data"]["message"])

    def test_actions(self):
        request = self._new_request()
        path = f"/my/contact-requests/{request.id}"
        self.assertEqual(self.make_jsonrpc_request(f"{path}/reveal")["phone"], request.phone)
        log = request.reveal_ids
        self.assertEqual((log.how, bool(log.address)), ("portal", True))
        self.assertEqual(self.make_jsonrpc_request(f"{path}/state", {"value": "contact_again"})["state"], "contact_again")
        self.make_jsonrpc_request(f"{path}/note", {"value": "Tài chính tốt"})
        kept = self.make_jsonrpc_request(f"{path}/note", {"value": f"Tài chính tốt #{request.phone}"})["note"]
        self.assertEqual(kept, "Tài chính tốt #••••••", "what is kept is shown: the number is hidden in it")
        self.make_jsonrpc_request(f"{path}/note", {"value": "Tài chính tốt"})
        when = fields.Datetime.to_string(fields.Datetime.now() + timedelta(hours=2))
        self.assertIn("o_sop_reminder", self.make_jsonrpc_request(f"{path}/reminder", {"value": when})["reminder"])
        self.assertEqual((request.state, request.note), ("contact_again", "Tài chính tốt"))
        self.assertEqual(fields.Datetime.to_string(request.reminder_at), when)

    def _write_note(self, request, value, seen):
        """What the route answers: an error's sentence, or the note as it is kept."""
        answer = self.url_open(f"/my/contact-requests/{request.id}/note", json={"params": {"value": value, "seen": seen}}).json()
        return answer["error"]["data"]["message"] if "error" in answer else answer["result"]["note"]

    def _ask_again(self, request, message):
        request._append({"message": message, "consent_text_id": False, "consent_at": fields.Datetime.now()})

    def test_a_note_is_not_put_over_what_its_writer_has_not_seen(self):
        """What a colleague or the buyer wrote since the page was drawn stays, and is told."""
        changes = {
            "hẹn xem nhà 15h": lambda r: r.with_user(self.seller_b).action_set_note("hẹn xem nhà 15h"),
            "Có màu đỏ không?": lambda r: self._ask_again(r, "Có màu đỏ không?"),
            "": lambda r: r.with_user(self.seller_b).action_set_note(False),
        }
        for told, change in changes.items():
            request = self._new_request(message="Còn hàng?")
            drawn = request.note
            change(request)
            before = request.read(["note", "touched_at", "write_date"])
            with self.subTest(told), mute_logger("odoo.http"):
                said = self._write_note(request, "hỏi giá", drawn)
                self.assertIn(told, said)
                self.assertNotEqual(said, "hỏi giá", "a sentence, in the language of the site")
                self.assertEqual(request.read(["note", "touched_at", "write_date"]), before)
                self.assertEqual(self._write_note(request, "hỏi giá", request.note or ""), "hỏi giá", "seen by now")

    def test_a_note_one_saw_is_replaced(self):
        """Spaces and line ends are no difference, and a call sent again says what stands there already."""
        request = self._new_request(message="Còn\r\nhàng?")
        hidden = f"Gọi #{request.phone}"
        for value, seen, kept in (
            ("Một", " Còn hàng?\n", "Một"),
            ("Một", "Còn hàng?", "Một"),
            (hidden, "Một", "Gọi #••••••"),
            (hidden, "Một", "Gọi #••••••"),
            ("", "Gọi #••••••", ""),
            ("Hai", "", "Hai"),
        ):
            with self.subTest(value=value, seen=seen):
                self.assertEqual(self._write_note(request, value, seen), kept)
                self.assertEqual(request.note, kept)

    def test_a_long_note_is_told_by_its_beginning(self):
        request = self._new_request(note="xem nhà " * 600)
        with mute_logger("odoo.http"):
            told = self._write_note(request, "hỏi giá", "")
        self.assertIn("xem nhà …", told)
        self.assertLess(len(told), 500)

    def test_a_refusal_tells_other_sellers_nothing(self):
        request = self._new_request(note="hẹn xem nhà 15h")
        self._entitle(self.binh)
        self.authenticate("sop_rival", "sop_rival")
        with mute_logger("odoo.http"):
            self.assertNotIn("15h", self._write_note(request, "x", ""))
        self.assertEqual(request.note, "hẹn xem nhà 15h")

    def test_what_became_of_it(self):
        """The lead, the outcome, and how to speak again: as the page sends them."""
        request = self._new_request()
        path = f"/my/contact-requests/{request.id}"
        for _time in range(2):
            self.assertTrue(self.make_jsonrpc_request(f"{path}/lead")["has_lead"])
        self.assertEqual(self.env["crm.lead"].search_count([("sop_request_ids", "in", request.ids)]), 1)
        self.make_jsonrpc_request(f"{path}/outcome", {"value": "sold"})
        self.assertEqual(request.outcome, "sold")
        before = request.read(["outcome", "state", "note", "user_id"])
        for action, value in (("outcome", "maybe"), ("outcome", 5), ("speak", "letter"), ("speak", "zalo"), ("hand", "x"), ("hand", self.rival.id)):
            with self.subTest(action, value=value), mute_logger("odoo.http"), self.assertRaises(Exception) as caught:
                self.make_jsonrpc_request(f"{path}/{action}", {"value": value})
            self.assertNotIn(request.phone, str(caught.exception.args))
        self.assertEqual(request.read(["outcome", "state", "note", "user_id"]), before)
        self.assertEqual(self.make_jsonrpc_request(f"{path}/speak", {"value": "call"})["url"], f"tel:{request.phone}")

    def test_other_sellers_request(self):
        request = self._new_request()
        self._entitle(self.binh)
        self.authenticate("sop_rival", "sop_rival")
        for action in ("reveal", "state", "note", "reminder", "lead", "outcome", "speak", "hand"):
            with self.subTest(action), mute_logger("odoo.http"), self.assertRaises(Exception) as caught:
                self.make_jsonrpc_request(f"/my/contact-requests/{request.id}/{action}")
            self.assertNotIn(request.phone, str(caught.exception.args))
        with mute_logger("odoo.http"), self.assertRaises(Exception):  # noqa: B017 (JsonRpcException of core's helper)
            self.make_jsonrpc_request("/my/contact-requests/999999999/reveal")
        self.assertFalse(request.reveal_ids)
        self.assertTrue(request.is_new)
        self.assertFalse(self._ids(self._page()))

    def test_visitors_are_sent_to_the_log_in(self):
        self.logout()
        answer = self.url_open("/my/contact-requests", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login", answer.headers["Location"])

    def test_polling(self):
        first = self._new_request()
        key = f"{first.last_requested_at.isoformat()}_{first.id}"
        poll = lambda after=key, **filters: self.make_jsonrpc_request(  # noqa: E731
            "/my/contact-requests/poll", {"after": after, "filters": filters}
        )
        self.assertFalse(poll()["rows"])
        second = self._new_request(buyer_name="Người mới")
        answer = poll()
        self.assertEqual(self._ids(answer["rows"]), second.ids)
        self.assertEqual(answer["counts"]["new"], 2)
        self.assertFalse(poll(state="contacted")["rows"])
        for broken in (None, "", "x", 5, [], "9_9"):
            self.assertIn("counts", self.make_jsonrpc_request("/my/contact-requests/poll", {"after": broken, "filters": "x"}))

    def test_a_burst_of_arrivals_comes_whole(self):
        first = self._new_request()
        key, seen = f"{first.last_requested_at.isoformat()}_{first.id}", []
        burst = self.env["sop.contact.request"].create(
            [{"listing_id": self.listing.id, "buyer_name": f"Khách {i}", "phone": f"+849{i:08}"} for i in range(45)]
        )
        for _turn in range(4):
            rows = self.make_jsonrpc_request("/my/contact-requests/poll", {"after": key, "filters": {}})["rows"]
            ids = self._ids(rows)
            self.assertEqual(ids, sorted(ids, reverse=True), "newest first")
            seen = ids + seen
            key = re.findall(r'data-key="([^"]+)"', rows)[0] if ids else key
        self.assertEqual(seen, sorted(burst.ids, reverse=True), "none skipped, none twice")

    def test_what_colleagues_and_buyers_change_is_told(self):
        """The counter equals the number highlighted, also on a page that stays open."""
        rows = self._new_request() | self._new_request()
        rows[0].with_user(self.seller_b).action_set_state("contacted")
        rows[0].with_user(self.seller_b).action_set_note("hẹn xem nhà 15h")
        self._ask_again(rows[1], "Có màu đỏ không?")
        other = self._new_request(listing_id=self.listing_binh.id)
        shown = [*rows.ids, other.id, "x", None, 10**12]
        cells = self.make_jsonrpc_request("/my/contact-requests/poll", {"after": "", "filters": {}, "shown": shown})["cells"]
        self.assertEqual(
            {int(i): (c["state"], c["is_new"], c["note"]) for i, c in cells.items()},
            {rows[0].id: ("contacted", False, "hẹn xem nhà 15h"), rows[1].id: ("not_contacted", True, rows[1].note)},
        )
        self.assertIn("Có màu đỏ không?", rows[1].note)

    def test_times_of_a_user_without_a_time_zone(self):
        self.seller.tz = False
        self.company.partner_id.tz = "Asia/Ho_Chi_Minh"
        with freeze_time("2026-03-01 01:00:00"):
            presets = dict(self.env["sop.contact.request"].with_user(self.seller)._get_reminder_presets().values())
        self.assertEqual(presets["Tomorrow, 9:00"], "2026-03-02 02:00:00", "nine o'clock of the shop, not of Greenwich")

    def test_times_where_nobody_set_a_time_zone(self):
        """The list, its filter, its clock and the mails speak of Vietnamese time."""
        self.seller.tz = self.company.partner_id.tz = False
        self._new_request(requested_at="2026-03-01 18:30:00")
        page = self.url_open("/my/contact-requests?date_from=2026-03-02&date_to=2026-03-02").text
        self.assertIn("01:30", page, "found and shown as of the second of March")
        with freeze_time("2026-03-01 01:00:00"):
            presets = dict(self.env["sop.contact.request"].with_user(self.seller)._get_reminder_presets().values())
        self.assertEqual(presets["Tomorrow, 9:00"], "2026-03-02 02:00:00")
        notice = self.env["sop.seller.notice"].create(
            {"seller_id": self.seller.partner_id.id, "company_id": self.company.id, "until": "2026-03-01 17:00:00", "kind": "7"}
        )
        mail = self.env.ref("sop_contact_requests.mail_template_ending_7")._generate_template(notice.ids, ["body_html"])
        self.assertIn(">00:00 02/03/2026<", mail[notice.id]["body_html"])

    def test_counter_on_home_and_menu(self):
        for _i in range(3):
            self._new_request()
        for path in ("/my", "/shop"):
            self.assertRegex(self.url_open(path).text, r'o_sop_new_count"?[^>]*>3<', path)
        self.authenticate("sop_rival", "sop_rival")
        self.assertNotIn("o_sop_new_count", self.url_open("/my").text, "who is no seller is not bothered")

    def test_way_to_the_package(self):
        package = self.env["product.template"].create(
            {"name": "Gói", "type": "service", "sop_is_package": True, "is_published": True, "list_price": 5}
        )
        self.env["product.template"].search([("sop_is_package", "=", True), ("id", "!=", package.id)]).is_published = False
        answer = self.url_open("/my/contact-requests/package", allow_redirects=False)
        self.assertIn(package.website_url, answer.headers["Location"])
        package.is_published = False
        self.assertEqual(self.url_open("/my/contact-requests/package", allow_redirects=False).headers["Location"][-5:], "/shop")

    def test_a_number_is_found_once_it_was_shown(self):
        request, hidden = self._new_request(), self._new_request(phone="+84912345679")
        request.with_user(self.seller_b).action_reveal_phone()
        hidden.with_user(self.staff).action_reveal_phone()
        for text in ("0912 345 678", "+84912345678", "5678", "0912345"):
            self.assertEqual(self._ids(self._page(f"?search={text.replace('+', '%2B')}")), [request.id], text)
        self.assertEqual(self._ids(self._page("?search=0912345679")), [], "staff saw it, the seller did not")

    def test_an_open_list_is_told_that_the_number_was_taken_back(self):
        request = self._new_request()
        request.consent_withdrawn_at = fields.Datetime.now()
        cells = self.make_jsonrpc_request("/my/contact-requests/poll", {"after": "", "filters": {}, "shown": request.ids})["cells"]
        self.assertTrue(cells[str(request.id)]["withdrawn"])

    def test_an_open_list_is_told_what_is_gone(self):
        """Deleted by the buyer; and what never was one's own is answered alike."""
        kept, request, other = self._new_request(), self._new_request(phone="+84912345670"), self._new_request(listing_id=self.listing_binh.id)
        bells = self.env["bus.bus"].sudo().search([])
        request._erase()
        self.env.cr.precommit.run()
        told = (self.env["bus.bus"].sudo().search([]) - bells).filtered(lambda bell: "taken_back" in bell.message)
        self.assertTrue(any(f'"res.partner",{self.seller.partner_id.id}]' in bell.channel for bell in told), "at once")
        shown = [kept.id, request.id, other.id, "x", 10**12]
        answer = self.make_jsonrpc_request("/my/contact-requests/poll", {"after": "", "filters": {}, "shown": shown})
        self.assertEqual((list(answer["cells"]), answer["gone"]), ([str(kept.id)], [request.id, other.id]))

    def test_the_banner_says_what_the_rows_do(self):
        """The right is one of another company of this database, as the row is."""
        other = self.env["res.company"].create({"name": "Other market"})
        self.right.company_id = other
        self._new_request(company_id=other.id)
        page = self._page()
        self.assertIn("o_sop_reveal", page)
        self.assertNotIn("o_sop_locked", page)

    def test_each_button_says_whose_number_it_shows(self):
        self._many(3)
        page = self._page()
        labels = re.findall(r'o_sop_reveal"[^>]*aria-label="([^"]+)"', page)
        self.assertEqual(len(set(labels)), 3)
        self.assertEqual(page.count("<h1"), 1)
