from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

from odoo.addons.sop_pipeline.tools.vacuum import vacuum

from ...tools.carrier_base import CarrierError

AT_MOST = 100


class SopParcel(models.Model):
    """Labels of parcels: printed as their carrier gives them, and marked so. Printing makes nothing at the carrier."""

    _inherit = "sop.parcel"

    printed_at = fields.Datetime("Label Printed", readonly=True, copy=False)

    def action_print(self):
        """Print the labels of parcels of one carrier, at most a hundred. Right: writing parcels.

        :return: action that opens one file, or the carrier's own page with all of them
        :raise UserError: they are of several carriers, have no waybill, or the carrier gives no label
        """
        self.check_access("write")
        # sudo: checked above
        parcels = self.sudo().filtered(lambda parcel: parcel.tracking_ref and parcel.state not in ("new", "unknown", "cancelled"))
        if not parcels:
            raise UserError(self.env._("None of these parcels has a waybill."))
        if len(parcels.carrier_id) > 1:
            raise UserError(self.env._("Print the labels of one carrier at a time."))
        if len(parcels) > AT_MOST:
            raise UserError(self.env._("At most %(limit)s labels at once.", limit=AT_MOST))
        labels = parcels._fetch_labels()
        if not labels:
            raise UserError(self.env._("%(carrier)s gave no label.", carrier=parcels.carrier_id.name))
        parcels.printed_at = fields.Datetime.now()
        if isinstance(labels, str):
            return {"type": "ir.actions.act_url", "url": labels, "target": "new"}
        name = f"{parcels.carrier_id.name} {fields.Datetime.now():%Y%m%d-%H%M%S}.pdf"
        # of no one parcel: who may see one of them may not see the others' receivers
        vals = {"name": name, "raw": merge_pdf(labels), "res_model": self._name, "mimetype": "application/pdf"}
        attachment = self.env["ir.attachment"].create(vals)
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}", "target": "new"}

    @api.autovacuum
    def _gc_labels(self):
        """Forget files of labels a day later: the carrier gives the same again."""
        return vacuum(self.env["ir.attachment"], [("res_model", "=", self._name), ("res_id", "=", False), ("create_date", "<", "-1d")])

    def _fetch_labels(self):
        """Return a list of PDF files, or the address of the carrier's page with all labels."""
        carrier = self.carrier_id
        config = carrier._sop_config()
        codes = {parcel.tracking_ref: parcel.our_ref for parcel in self}
        try:
            return carrier._sop_service()._call("labels", config, codes, carrier.sop_label or "")
        except CarrierError as error:
            raise UserError(carrier._sop_error(error))
        finally:
            carrier._sop_keep_session(config.session)


class DeliveryCarrier(models.Model):
    """The size of a carrier's labels."""

    _inherit = "delivery.carrier"

    sop_label = fields.Selection(
        [("a5", "A5"), ("a6", "A6"), ("80x80", "80 x 80 mm"), ("52x70", "52 x 70 mm")],
        "Size of Labels",
        groups="base.group_user",
        help="GHN: A5, 80 x 80 or 52 x 70. Viettel Post: A5 or A6. The others give one size.",
    )

    @api.constrains("sop_label", "delivery_type")
    def _check_sop_label(self):
        sizes = {"ghn": ("a5", "80x80", "52x70"), "viettelpost": ("a5", "a6")}
        for carrier in self:
            if carrier.sop_label and carrier.delivery_type in sizes and carrier.sop_label not in sizes[carrier.delivery_type]:
                raise UserError(self.env._("%(carrier)s has no labels of this size.", carrier=carrier.name))
