from unittest.mock import patch
from urllib.parse import urlencode

from odoo.tests import Form, HttpCase, TransactionCase, tagged

from ..models import res_city
from ..tools.wards import Ward, search_phrases, wards


@tagged("-at_install", "post_install", "sop_wards")
class TestWards(TransactionCase):
    """The country's wards: loaded from the installed data, found as people write them, kept with the people who live there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.City = cls.env["res.city"].with_context(active_test=False)
        cls.vietnam = cls.env.ref("base.vn")
        cls.hcm, cls.hanoi = cls.env.ref("base.state_vn_VN-SG"), cls.env.ref("base.state_vn_VN-HN")

    def ward(self, code):
        return self.City.search([("sop_code", "=", code)])

    def load(self, rows, name="later"):
        """Load as if the installed data were another."""
        with patch.object(res_city, "wards", lambda: rows), patch.object(res_city, "version", lambda: name):
            self.City._sop_load_wards()

    def test_all_are_here(self):
        """3,321 wards in 34 provinces, each with its official code."""
        rows = self.City.search([("sop_code", "!=", False), ("active", "=", True)])
        self.assertEqual(len(rows), 3321)
        self.assertEqual(len(rows.state_id), 34)
        self.assertEqual({row.country_id.code for row in rows}, {"VN"})
        self.assertEqual(self.ward("26740").name, "Phường Sài Gòn")
        self.assertEqual(self.ward("26740").state_id, self.hcm)
        self.assertTrue(self.vietnam.enforce_cities)

    def test_again_does_nothing(self):
        queries = self.cr.sql_log_count
        self.City._sop_load_wards()
        self.assertLess(self.cr.sql_log_count - queries, 3)
        self.load(wards(), "same wards, other version")
        self.assertEqual(self.City.search_count([("sop_code", "!=", False)]), 3321)

    def test_renamed_archived_added(self):
        """By the code; nobody's ward is deleted."""
        rows = wards()
        saigon = next(row for row in rows if row.code == "26740")
        gone = next(row for row in rows if row.code == "26743")
        partner = self.env["res.partner"].create({"name": "An", "city_id": self.ward("26743").id})
        rows = [row for row in rows if row not in (saigon, gone)]
        self.load([*rows, saigon._replace(name="Phường Sài Gòn Mới"), Ward("99999", "Xã Thử", "79", "Thành phố Hồ Chí Minh", ())])
        self.assertEqual(self.ward("26740").name, "Phường Sài Gòn Mới")
        self.assertFalse(self.ward("26743").active)
        self.assertEqual(partner.city_id, self.ward("26743"))
        self.assertEqual(self.ward("99999").state_id, self.hcm)
        self.load([*rows, saigon, gone], "back again")
        self.assertTrue(self.ward("26743").active)

    def test_found_as_written(self):
        """Without accents, with any kind before it, by an old name; in three queries: those found, their words, their provinces."""
        for state, typed, wanted in (
            (self.hanoi, "thanh xu", "Phường Thanh Xuân"),
            (self.hcm, "p. tan binh", "Phường Tân Bình"),
            (self.hcm, "P.TÂN BÌNH", "Phường Tân Bình"),
            (self.hcm, "Ben Nghe Q.1, TP.HCM", "Phường Sài Gòn"),
            (self.hcm, "F12 Q10", "Phường Hòa Hưng"),
            (self.hcm, "thị trấn Củ Chi", "Xã Củ Chi"),
            (self.hcm, "sai gon", "Phường Sài Gòn"),
        ):
            with self.subTest(typed=typed):
                with self.assertQueryCount(3):
                    found = self.env["res.city"].name_search(typed, [("state_id", "=", state.id)], limit=8)
                self.assertIn(wanted, [name.partition(",")[0] for _id, name in found][:3])

    def test_phrases(self):
        for typed, phrases in (
            ("Q.1", [" quan 1 "]),
            ("TP.HCM", []),
            ("F15", [" phuong 15 "]),
            ("P. Tân Bình, Q.1, TP.HCM", [" tan binh", " quan 1 "]),
        ):
            self.assertEqual(search_phrases(typed), phrases)

    def test_contact(self):
        """A chosen ward fills the address; a written one finds its ward, or has none."""
        partner = self.env["res.partner"].create({"name": "An", "city_id": self.ward("26740").id})
        self.assertEqual((partner.city, partner.state_id, partner.country_id), ("Phường Sài Gòn", self.hcm, self.vietnam))
        partner.city = "Quận 1"
        self.assertFalse(partner.city_id)
        partner.write({"city": "sài gòn", "state_id": self.hcm.id})
        self.assertEqual((partner.city_id, partner.city), (self.ward("26740"), "Phường Sài Gòn"))
        partner.city = False
        self.assertFalse(partner.city_id)
        twice = self.env["res.partner"].create({"name": "B", "city": "ba to", "state_id": self.env.ref("base.state_vn_VN-29").id})
        self.assertFalse(twice.city_id, "two wards have this name")
        form = Form(self.env["res.partner"])
        form.name = "Chị Ba"
        form.country_id = self.vietnam
        form.city_id = self.ward("26740")
        self.assertEqual(form.state_id, self.hcm)
        self.assertEqual(form.save().city, "Phường Sài Gòn")


@tagged("-at_install", "post_install", "sop_wards")
class TestWardPage(HttpCase):
    """What the address pages of customers ask; a visitor may."""

    def found(self, **query):
        return self.url_open("/sop/wards?" + urlencode(query)).json()

    def test_visitor(self):
        hanoi = self.env.ref("base.state_vn_VN-HN")
        self.assertEqual(self.found(q="thanh xu", state_id=hanoi.id)[0], {"name": "Phường Thanh Xuân", "state_id": hanoi.id, "state": hanoi.name})
        self.assertEqual(self.found(q="ben nghe q1")[0]["name"], "Phường Sài Gòn")
        self.assertLessEqual(len(self.found(q="tan")), 8)
        for query in ({"q": "t"}, {"q": ""}, {}, {"q": "x" * 500}, {"q": "thanh xu", "state_id": "999999999"}):
            self.assertEqual(self.found(**query), [])
