from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .test_order_carriers import CarrierCommon


@tagged("post_install", "-at_install", "sop_orders", "sop_inbox_address")
class TestCarrierPlaces(CarrierCommon):
    """GHN's own list of the wards of today: its spelling goes to it word for word, and a ward it does not serve is said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        wards = cls.env["res.city"].search([("state_id", "=", cls.saigon.id), ("sop_code", "!=", False)])
        # GHN's spelling is not the decree's everywhere
        cls.double.places = {"Thành phố Hồ Chí Minh": [ward.name.replace("Hòa", "Hoà") for ward in wards]}
        cls.double.post_places = {"TP Hồ Chí Minh": [ward.name.upper() for ward in wards if ward.name != "Phường Vũng Tàu"]}
        cls.double.closed = {"Phường Thủ Dầu Một"}
        cls.addClassCleanup(cls.double.places.clear)
        cls.addClassCleanup(cls.double.closed.clear)
        cls.addClassCleanup(cls.double.post_places.clear)
        cls.Place = cls.env["sop.carrier.place"]
        cls.Place._cron_fetch()

    def place(self, name, carrier="ghn"):
        return self.Place.search([("delivery_type", "=", carrier), ("city_id.name", "=", name), ("state_id", "=", self.saigon.id)])

    def live_in(self, name):
        self.partner.write({"city": name, "state_id": self.saigon.id})
        self.assertTrue(self.partner.city_id)

    def asked(self, end, carrier="ghn"):
        return next(body for kind, path, body in reversed(self.double.calls) if kind == carrier and path.endswith(end))

    def test_list(self):
        rows = self.Place.search([("delivery_type", "=", "ghn"), ("fetched_at", "!=", False)])
        self.assertEqual(len(rows), len(self.double.places["Thành phố Hồ Chí Minh"]))
        self.assertEqual(self.place("Phường Hòa Hưng").ward, "Phường Hoà Hưng", "as GHN spells it")
        self.assertEqual(rows.filtered("closed").mapped("ward"), ["Phường Thủ Dầu Một"])
        calls = len(self.double.calls)
        self.Place._cron_fetch()
        self.assertEqual(len(self.double.calls), calls, "not again within a week")

    def test_quote_and_parcel_of_a_ward_of_today(self):
        self.live_in("Phường Hòa Hưng")
        self.assertTrue(self.quotes()[self.ghn.id]["ok"])
        fee = self.asked("fee")
        self.assertEqual((fee["to_ward_id_v2"], fee["is_new_to_address"]), (int(self.place("Phường Hòa Hưng").ward_code), True))
        self.assertNotIn("to_district_id", fee)
        order = self.order(self.conversation, carrier_id=self.ghn.id, confirm=True)
        order.picking_ids.button_validate()
        made = self.asked("create")
        self.assertEqual((made["to_ward_name"], made["to_province_name"]), ("Phường Hoà Hưng", "Thành phố Hồ Chí Minh"))
        self.assertTrue(order.picking_ids.carrier_tracking_ref)

    def test_not_served(self):
        """It is said in the quote, and the others go on."""
        self.live_in("Phường Thủ Dầu Một")
        rows = self.quotes()
        self.assertFalse(rows[self.ghn.id]["ok"])
        self.assertIn("Phường Thủ Dầu Một", rows[self.ghn.id]["error"])
        self.assertTrue(all(rows[carrier.id]["ok"] for carrier in (self.ghtk, self.vtp, self.jt)))
        self.assertIn("These deliver there: ", rows[self.ghn.id]["error"])
        for carrier in (self.ghtk, self.vtp, self.jt):
            self.assertIn(carrier.name, rows[self.ghn.id]["error"].partition("These deliver there: ")[2])

    def test_viettelpost_goes_by_its_numbers(self):
        """Its own list, fetched after a log-in: both places by number, the same for the price and the parcel."""
        self.live_in("Phường Hòa Hưng")
        place = self.place("Phường Hòa Hưng", "viettelpost")
        self.assertEqual((place.ward, bool(place.fetched_at)), ("PHƯỜNG HÒA HƯNG", True))
        for zero in (False, True):
            with self.subTest(district_zero=zero):
                self.double.post_district_zero = zero
                self.addCleanup(setattr, self.double, "post_district_zero", False)
                self.Place.search([("delivery_type", "=", "viettelpost")]).fetched_at = "2026-01-01 00:00:00"
                self.Place._cron_fetch()
                self.env["sop.carrier.rate"].search([]).unlink()
                self.assertTrue(self.quotes()[self.vtp.id]["ok"])
                order = self.order(self.conversation, carrier_id=self.vtp.id, confirm=True, request_ref=f"zero {zero}")
                order.picking_ids.button_validate()
                self.assertTrue(order.picking_ids.carrier_tracking_ref)
                for path in ("getPriceAll", "createOrder"):
                    body = self.asked(path, "viettelpost")
                    district = 0 if zero else 7_001
                    self.assertEqual((body["RECEIVER_PROVINCE"], body["RECEIVER_DISTRICT"]), (1, district))
                    self.assertEqual(body["RECEIVER_WARD"], int(place.ward_code))
                    self.assertEqual(body["SENDER_WARD"], int(self.place("Phường Bến Thành", "viettelpost").ward_code))

    def test_an_old_address_goes_as_text(self):
        self.partner.write({"city": "Phường Bến Nghé", "state_id": self.saigon.id})
        self.assertFalse(self.partner.city_id)
        self.assertTrue(self.quotes()[self.vtp.id]["ok"])
        self.assertIn("Phường Bến Nghé", self.asked("getPriceAllNlp", "viettelpost")["RECEIVER_ADDRESS"])

    def test_what_is_not_in_the_list_is_not_served(self):
        self.live_in("Phường Vũng Tàu")
        self.assertTrue(self.place("Phường Vũng Tàu", "viettelpost").closed)
        rows = self.quotes()
        self.assertFalse(rows[self.vtp.id]["ok"])
        self.assertTrue(rows[self.ghn.id]["ok"])

    def test_no_rows_by_hand_beside_a_list(self):
        self.assertFalse(self.Place.search([("delivery_type", "=", "ghn"), ("fetched_at", "=", False)]), "those of before are gone")
        values = {"state_id": self.saigon.id, "ward": "Phường Bến Nghé"}
        for carrier in ("ghn", "viettelpost"):
            with self.assertRaisesRegex(ValidationError, "a list of its own"):
                self.Place.create({"delivery_type": carrier, **values})
        self.assertTrue(self.Place.create({"delivery_type": "ghtk", **values}))

    def test_ghtk_gets_no_district(self):
        self.live_in("Phường Hòa Hưng")
        self.quotes()
        fee = next(body for kind, path, body in self.double.calls if kind == "ghtk")
        self.assertEqual((fee["ward"], fee["province"]), ("Phường Hòa Hưng", "Thành phố Hồ Chí Minh"))
        self.assertNotIn("district", fee)

    def test_a_carrier_that_fails_keeps_its_list(self):
        rows = self.Place.search([("fetched_at", "!=", False)])
        rows.fetched_at = "2026-01-01 00:00:00"
        self.double.mood["ghn"] = "html"
        with self.assertLogs("odoo.addons.sop_inbox.models.carrier.sop_carrier_place", "WARNING"):
            self.Place._cron_fetch()
        self.assertEqual(self.Place.search([("fetched_at", "!=", False)]), rows)
