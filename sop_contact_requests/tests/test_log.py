"""Nothing of a buyer is in the server's log, whatever happens to their request (C12, C14)."""

from odoo.tests import tagged

from odoo.addons.sop_pipeline.tests.logs import LogsMixin

from .test_form import FormCase

NUMBER = "0987555222"
FORMS = (NUMBER, NUMBER[1:], "0987 555 222", "0987%20555", "987 555 222")
NAME = "Nguyễn Thị Kín"
WORDS = "hẻm số bảy mươi"


@tagged("post_install", "-at_install")
class TestLog(LogsMixin, FormCase):
    def _rest(self, path):
        return path.rpartition("/")[2]

    def _act(self, request, action, value, **more):
        params = more if value is None else {"value": value, **more}
        self.opener.post(f"{self.base_url()}/my/contact-requests/{request.id}/{action}", json={"params": params})

    def test_log(self):
        self.seller.password = self.seller.login
        with self.log() as log:
            link = self._link(self._send(buyer_name=NAME, phone="0987 555 222", message=f"{WORDS}, gọi {NUMBER}"))
            self._send(buyer_name=NAME, phone="không", message=WORDS)
            self._send(buyer_name="", phone=NUMBER, message=WORDS, stamp="x")
            request = self.requests
            self._buyer(link, action="correct", buyer_name=NAME, phone=NUMBER, message=WORDS)
            self._buyer(link, action="correct", buyer_name="", phone="x")
            self.url_open(link, data={"action": "withdraw"})  # without the token of the form: core tells of the address
            self.url_open(link + "x")
            self.authenticate(self.seller.login, self.seller.login)
            self.url_open(f"/my/contact-requests?search={NAME}")
            self.url_open("/my/contact-requests?search=" + NUMBER)
            for action, value in (("reveal", None), ("note", f"{NAME} {NUMBER}"), ("note", [NUMBER]), ("lead", None), ("state", NAME)):
                self._act(request, action, value)
            self._act(request, "note", WORDS, seen=NAME)  # refused, in words that hold the note
            self.authenticate(None, None)
            self._buyer(link, action="delete")
        self.assertEqual(request.phone, False)
        for line in ("POST /sop/contact-request", "GET /sop/my-request…", "CSRF", "/my/contact-requests…", "UserError at"):
            self.assertIn(line, log[0])
        self.assertUntold(log[0], *FORMS, NAME, WORDS, self._rest(link), self._rest(link).partition(".")[0])

    def test_counters_say_nothing(self):
        """Keys of counters are made with the database's secret: nobody finds the number by trying them all."""
        keys = set()
        for secret in ("a" * 36, "b" * 36):
            self.env["ir.config_parameter"].set_param("database.secret", secret)
            keys.add(self.env["sop.rate.limit"]._get_key("submit:phone", "+84987555222"))
        self.assertEqual(len(keys), 2)
        self.assertEqual({len(key) for key in keys}, {64})
