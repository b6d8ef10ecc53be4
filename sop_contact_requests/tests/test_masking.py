"""A request's own number is in none of its texts, whoever wrote them and however (C5)."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from odoo.tests import BaseCase, tagged

from odoo.addons.sop_pipeline.tests.linear import LinearMixin
from odoo.addons.sop_pipeline.tests.test_known_phone import AROUND, writings

from ..tools import masking, stamp
from .common import RequestCase

NUMBER = "+84987555222"
TAILS = ("87555222", "7555222", "555222")
# what the phone finder lets stand, and with reason: hash tags, accounts, codes, links
SHY = ("#0987555222", "stk 0987555222", "mã đơn 0987555222", "vcb 10987555222", "0987555222đ", "https://x.vn/0987555222", "DH0987555222", "987555222")


@tagged("post_install", "-at_install")
class TestMasking(RequestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._new_request(phone=NUMBER)

    def _assert_masked(self, *texts):
        for text in texts:
            digits = "".join(c for c in str(text or "") if c.isdecimal())
            for tail in TAILS:
                self.assertNotIn(tail, digits, text)

    def _shown(self, request):
        return request.buyer_name, request.message, request.note, request.display_name

    def test_whatever_the_finder_thinks(self):
        for text in SHY:
            request = self._new_request(phone=NUMBER, buyer_name=f"Lan {text}", message=f"Gọi {text} nhé", note=f"Ghi {text}")
            self._assert_masked(*self._shown(request))
            self.assertIn("987555222", request.message_full)

    def test_asked_again(self):
        for text in SHY:
            self.request._append({"message": f"Vẫn {text} ạ", "consent_text_id": False, "consent_at": False})
            self._assert_masked(*self._shown(self.request))
        self.assertEqual(self.request.message_full.count("987555222"), len(SHY))

    def test_notes_of_sellers_and_staff(self):
        for user in self.seller | self.staff | self.manager:
            request = self.request.with_user(user)
            for text in SHY:
                request.action_set_note(f"Đã gọi {text}, khách của 0912 345 678")
                self._assert_masked(*self._shown(request))
                self.assertIn("0912 345 678", request.note, "only the request's own number is hidden in a note")
        self.request.with_user(self.staff).write({"note": SHY[0]})
        self._assert_masked(self.request.note)

    def test_several_at_once(self):
        other = self._new_request(phone="+84912000111")
        (self.request | other).write({"note": "#0987555222 #0912000111"})
        for request in self.request | other:
            self._assert_masked(request.note)
            self.assertNotIn("2000111", request.note)

    def test_another_number_from_now_on(self):
        request = self._new_request(phone="+84912000111", buyer_name="Lan #0987555222", message="stk 0987555222", note="#0987555222")
        self.assertIn("0987555222", request.note)
        request.write({"phone": NUMBER})
        self._assert_masked(*self._shown(request))

    def test_chatter_activities_and_mails(self):
        staff = self.request.with_user(self.staff)
        mails = self.env["mail.mail"]
        for number, text in enumerate(SHY):
            body = Markup("<p>Gọi <b>%s</b></p>") % text
            message = staff.message_post(body=body, subject=text, partner_ids=self.manager.partner_id.ids, message_type="comment")
            log = staff._message_log(body=body)
            activity = staff.activity_schedule("mail.mail_activity_data_todo", summary=text, note=body)
            self._assert_masked(message.body, message.subject, log.body, activity.summary, activity.note)
            staff._message_update_content(message, body=body)
            activity.note = body
            waiting = (
                self.env["mail.scheduled.message"]
                .with_user(self.staff)
                .create(
                    {
                        "model": staff._name,
                        "res_id": staff.id,
                        "body": body,
                        "subject": text,
                        "scheduled_date": "2099-01-01",
                        "author_id": self.staff.partner_id.id,
                    }
                )
            )
            self._assert_masked(message.body, activity.note, waiting.body, waiting.subject)
            done = activity.action_feedback(feedback=text)
            self._assert_masked(self.env["mail.message"].browse(done).body)
            mails |= mails.search([("mail_message_id", "=", message.id)])
            self.assertEqual(len(mails), number + 1, "the manager is told by mail")
        self._assert_masked(*mails.mapped("body_html"), *mails.mapped("subject"), *mails.mapped("body"))
        self.assertTrue(all("•" in mail.body_html for mail in mails))

    def test_chatter_of_other_records_is_left_alone(self):
        message = self.an.message_post(body="#0987555222")
        self.assertIn("0987555222", message.body)

    def test_lead_and_reminder(self):
        request = self._new_request(phone=NUMBER, buyer_name="Lan #0987555222", message="stk 0987555222")
        request.with_user(self.staff).action_set_reminder("2099-01-01 00:00:00")
        request._send_reminder()
        request.with_user(self.staff).action_create_lead()
        self._assert_masked(request.lead_id.name, request.lead_id.contact_name, request.lead_id.description)
        mails = self.env["mail.mail"].search([("model", "=", request._name), ("res_id", "=", request.id)])
        self._assert_masked(*mails.mapped("subject"), *mails.mapped("body_html"))
        self.manager.group_ids |= self.env.ref("base.group_allow_export")
        self._assert_masked(*request.with_user(self.manager).export_data(["buyer_name", "message", "note", "display_name"])["datas"][0])

    def test_what_was_stored_before(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sop_contact_request SET buyer_name = %s, message = %s, note = %s, touched_at = NULL WHERE id = %s", [*(SHY[:3]), self.request.id]
        )
        self.env.invalidate_all()
        path = next(Path(__file__).parents[1].glob("migrations/*/post-masks.py"))
        spec = spec_from_file_location("post_masks", path)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self._assert_masked(*self._shown(self.request))
        self.assertTrue(self.request.is_new)

    @given(st.data())
    @settings(max_examples=60)
    def test_any_writing_in_any_words(self, data):
        before, after = data.draw(st.sampled_from(AROUND)), data.draw(st.sampled_from(AROUND))
        text = before + data.draw(writings("987555222")) + after
        request = self._new_request(phone=NUMBER, buyer_name=text, message=text, note=text)
        for shown in self._shown(request):
            self.assertIn(masking.DOT, shown)
            self.assertLess(sum(c.isdecimal() for c in shown), 4, shown)


@tagged("post_install", "-at_install")
class TestLinear(LinearMixin, BaseCase):
    """What meets buyers' words takes time in proportion to their length."""

    def test_tools(self):
        self.assertAllLinear(
            "sop_contact_requests",
            {
                "masking.mask_numbers": lambda text: masking.mask_numbers(text, ["+84900099909"]),
                "masking.mask_spans": lambda text: masking.mask_spans(text, [(at, at + 2) for at in range(0, len(text), 3)]),
                "stamp.verify": lambda text: stamp.verify(b"x" * 16, "form", text),
            },
        )


@tagged("post_install", "-at_install")
class TestLinearForm(LinearMixin, RequestCase):
    def test_fields_of_the_form(self):
        requests = self.env["sop.contact.request"]
        self.assertLinear(lambda text: requests._clean(text, multiline=True))
        self.assertLinear(requests._read_stamp)
        self.assertLinear(lambda text: requests._get_filter_domain({"search": text, "date_from": text, "listing": text}))
        self.assertLinear(self.env["sop.embed.site"]._get_site)
