from odoo import api, fields, models


class SopCustomerCardMixin(models.AbstractModel):
    """What the customer card shows of a person (row P7), on leads and on contacts.

    Verified means that the phone or the e-mail on the card was confirmed by a fact (an
    answered call, ...) or by a person; it lapses by itself when that phone or e-mail changes.
    The model must have ``phone_sanitized`` and ``email_normalized``. What only the card itself
    shows is fetched when the card is read, and not with every contact or lead.
    """

    _name = "sop.customer.card.mixin"
    _inherit = ["sop.guard.mixin"]
    _description = "Customer Card"

    sop_gender = fields.Selection([("female", "Female"), ("male", "Male"), ("other", "Other")], string="Gender", prefetch="sop_card")
    sop_birthdate = fields.Date("Birth Date", prefetch="sop_card")
    sop_is_verified = fields.Boolean("Verified", compute="_compute_sop_is_verified", store=True)
    sop_verified_contact = fields.Char("Verified Phone or E-mail", readonly=True, copy=False)
    sop_verified_at = fields.Datetime("Verified on", readonly=True, copy=False, prefetch="sop_card")
    sop_verified_uid = fields.Many2one("res.users", "Verified by", readonly=True, copy=False, prefetch="sop_card")
    sop_verified_how = fields.Selection(
        [("call", "Answered call"), ("person", "By hand")], string="Verified through", readonly=True, copy=False, prefetch="sop_card"
    )

    @api.depends("sop_verified_contact", "phone_sanitized", "email_normalized")
    def _compute_sop_is_verified(self):
        for record in self:
            contact = record.sop_verified_contact
            record.sop_is_verified = bool(contact) and contact in (record.phone_sanitized, record.email_normalized)

    @api.model
    def _sop_kept(self):
        """A confirmation is noted by the method that saw it."""
        return super()._sop_kept() | {"sop_is_verified", "sop_verified_contact", "sop_verified_at", "sop_verified_uid", "sop_verified_how"}

    def action_sop_verify(self):
        """Confirm by hand that the customer's phone (or else email) is their own. Idempotent.

        :raise AccessError: for users who may not change the record
        """
        self.check_access("write")
        self._sop_verify("person")
        return True

    def action_sop_unverify(self):
        """Take a confirmation back.

        :raise AccessError: for users who may not change the record
        """
        self.check_access("write")
        self._sop_keeping().write({"sop_verified_contact": False, "sop_verified_at": False, "sop_verified_uid": False, "sop_verified_how": False})
        return True

    def _sop_verify(self, how):
        """Note that the phone, or the e-mail where there is none, was confirmed by the current user.

        Records already verified, and those with nothing to verify, stay as they are.

        :param str how: ``call`` or ``person``
        """
        for record in self:
            contact = record.phone_sanitized or record.email_normalized
            if contact and not record.sop_is_verified:
                record._sop_keeping().write(
                    {
                        "sop_verified_contact": contact,
                        "sop_verified_at": fields.Datetime.now(),
                        "sop_verified_uid": self.env.uid,
                        "sop_verified_how": how,
                    }
                )
