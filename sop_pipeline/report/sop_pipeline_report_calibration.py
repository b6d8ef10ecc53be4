from odoo import api, models
from odoo.tools import SQL

from ..models.crm_lead import INTERESTS
from ..tools.arguments import choice, takes
from ..tools.funnel import share, wilson

#: Below so many leads a share says nothing, and none is given
ENOUGH = 20


class SopPipelineReport(models.Model):
    """What the three faces are worth (row P14)."""

    _inherit = "sop.pipeline.report"

    @api.model
    @api.readonly
    @takes(by=choice("user", "product", "all"))
    def get_calibration(self, by="user", domain=None, date_from=None, date_to=None, as_of=None):
        """How often leads rated with each face were won in the end, so that people who rate too high see it.

        Counts leads that are won or lost; one that somebody rated twice with the same face counts once.

        :param str by: user (who rated), product (advised on), or all
        :param list domain: on ``crm.lead``
        :param date_from, date_to, as_of: ratings of these days, and what was won and lost by then, see :meth:`get_funnel`
        :return: list of dicts ``key``, ``label``, ``faces``: for each face in order a dict ``interest``, ``sample``, ``won``,
            and ``share``, ``low``, ``high`` (0 to 1; the interval holds the true share in 95 of 100 cases), which are
            False for a sample below 20. The first line is everybody's.
        :raise UserError: for a domain or dimension that cannot be read
        :raise AccessError: for users who may not see leads
        """
        self.check_access("read")
        keys = {"user": SQL("call.user_id"), "product": SQL("advised.product_product_id"), "all": SQL("NULL::int")}
        counted = {}
        days = self._sop_bounds(date_from, date_to, as_of)
        for dimension in {"all", by}:
            for key, interest, sample, won in self._sop_rated(keys[dimension], dimension == "product", domain, days):
                counted.setdefault(None if dimension == "all" else key or 0, {})[interest] = (sample, won)
        everybody = counted.pop(None, {})
        model = {"user": "res.users", "product": "product.product"}.get(by)
        labels = {}
        if model:
            # sudo: names of people and products in the user's own leads
            records = self.env[model].sudo().with_context(active_test=False).browse([key for key in counted if key]).exists()
            labels = {record.id: record.display_name for record in records}
        lines = [self._sop_calibration_line(False, self.env._("Everybody"), everybody)]
        lines += [self._sop_calibration_line(key, labels.get(key) or self.env._("None"), faces) for key, faces in counted.items()]
        return lines[:1] + sorted(lines[1:], key=lambda line: -sum(face["sample"] for face in line["faces"]))

    @api.model
    def _sop_rated(self, key, products, domain, days):
        """Leads rated and done, by a key and face, as they were at the horizon of the days; one query."""
        start, end, horizon = days
        rated = SQL(" AND ").join(
            SQL(condition, bound)
            for condition, bound in (
                ("call.rated_at >= %s", start),
                ("call.rated_at < %s", end),
                ("call.rated_at < %s", horizon),
                ("lead.date_closed < %s", horizon),
            )
            if bound
        )
        return self.env.execute_query(
            SQL(
                """
            SELECT %(key)s, call.interest, COUNT(DISTINCT lead.id), COUNT(DISTINCT lead.id) FILTER (WHERE lead.won_status = 'won')
              FROM sop_call call
              JOIN crm_lead lead ON lead.id = call.lead_id AND lead.won_status IN ('won', 'lost')
              %(products)s
             WHERE call.interest IS NOT NULL AND lead.id IN %(leads)s AND %(rated)s
          GROUP BY 1, 2
            """,
                key=key,
                leads=self._sop_leads(domain),
                rated=rated or SQL("TRUE"),
                products=SQL("JOIN product_product_sop_call_rel advised ON advised.sop_call_id = call.id") if products else SQL(),
            )
        )

    @api.model
    def _sop_calibration_line(self, key, label, faces):
        line = {"key": key, "label": label, "faces": []}
        for interest, _label in INTERESTS:
            sample, won = faces.get(interest, (0, 0))
            known = sample >= ENOUGH
            low, high = wilson(won, sample) if known else (False, False)
            line["faces"].append(
                {"interest": interest, "sample": sample, "won": won, "share": share(won, sample) if known else False, "low": low, "high": high}
            )
        return line
