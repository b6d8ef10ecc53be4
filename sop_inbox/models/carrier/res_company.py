from odoo import fields, models

from ...tools.risk import WEIGHTS


class ResCompany(models.Model):
    """How a shop counts a parcel that came back for a reason which says not whose doing that was."""

    _inherit = "res.company"

    sop_unclear_refusal = fields.Selection(
        [("half", "Counts by half"), ("none", "Does not count")],
        "A Return for an Unclear Reason",
        default="half",
        required=True,
        help="Nobody answered, or the receiver put it off: among the refused parcels of a number.",
    )

    def _sop_refusal_weights(self):
        """Return how much of a refused parcel each outcome is: dict outcome -> 0 to 1; what is not in it is none."""
        self.ensure_one()
        return WEIGHTS if self.sop_unclear_refusal == "half" else {**WEIGHTS, "unclear": 0}
