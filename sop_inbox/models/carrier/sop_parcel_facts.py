from collections import Counter
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.arguments import takes, text
from odoo.addons.sop_pipeline.tools.phone import find_phones

from ...tools.words import fold

MONTHS = 24  # facts older than that fall out
NEVER_PAID = timedelta(days=7)  # a transfer that was asked for and has not come in so long
WHOSE = {"data": "shop", "sender": "shop"}  # a wrong address, or what the shop asked for, is the shop's doing too
BACK = ("buyer", "unclear", "shop", "carrier")
# Which parcels count. One that came back did so after a failure: whose doing that was; other ends say nothing of the buyer.
COUNTED = "p.company_id = %(company)s AND p.create_date > %(since)s AND p.excluded IS NOT TRUE"
OUTCOME = "CASE WHEN p.state IN ('returned', 'returning') THEN COALESCE(r.fault, 'unclear') ELSE p.state END"
PARCELS = "sop_parcel p LEFT JOIN sop_parcel_reason r ON r.id = p.reason_id"
PAST = f"""
    SELECT p.phone_key AS who, p.create_date AS at, {OUTCOME} AS outcome FROM {PARCELS}
     WHERE {COUNTED} AND p.phone_key IS NOT NULL AND p.state IN ('delivered', 'returned', 'returning')
     ORDER BY COALESCE(p.since, p.write_date), p.id
"""
# What is known of each number, and of the address it is sent to now: one statement for any number of them.
FACTS = f"""
    SELECT asked.id,
           ARRAY(SELECT {OUTCOME} FROM {PARCELS}
                  WHERE {COUNTED} AND p.phone_key = asked.phone AND p.state NOT IN ('new', 'unknown', 'cancelled')) AS outcomes,
           ARRAY(SELECT n.name FROM res_partner n
                  WHERE n.phone_sanitized = asked.phone AND n.name IS NOT NULL
                    AND EXISTS (SELECT FROM sale_order o WHERE (o.partner_id = n.id OR o.partner_shipping_id = n.id)
                                   AND o.company_id = %(company)s AND o.create_date > %(since)s)) AS names,
           (SELECT count(DISTINCT o.id)::int FROM res_partner n JOIN sale_order o ON o.partner_id = n.id OR o.partner_shipping_id = n.id
             WHERE n.phone_sanitized = asked.phone
               AND o.company_id = %(company)s AND o.create_date > %(since)s AND o.sop_payment = 'transfer' AND o.sop_payment_ref IS NOT NULL
               AND (o.state = 'cancel' OR o.sop_awaits_transfer AND o.create_date < %(waited)s)
               AND NOT EXISTS (SELECT FROM sale_order_transaction_rel t JOIN payment_transaction tx ON tx.id = t.transaction_id
                                WHERE t.sale_order_id = o.id AND tx.state IN ('authorized', 'done'))) AS unpaid,
           (SELECT count(DISTINCT p.phone_key)::int FROM sop_parcel p
             WHERE {COUNTED} AND p.phone_key != asked.phone AND p.address_mark != 0
               AND p.address_mark IN (SELECT asked.place UNION ALL SELECT m.address_mark FROM sop_parcel m
                                       WHERE m.phone_key = asked.phone AND m.company_id = %(company)s)) AS neighbours
      FROM unnest(%(ids)s, %(phones)s, %(places)s) AS asked (id, phone, place)
"""


class SopParcel(models.Model):
    """What a shop's own parcels say of a number: over all contacts and channels, and of no other shop."""

    _inherit = "sop.parcel"

    # facts of a number are for who has it before them: there is no list of numbers to browse
    phone_key = fields.Char("Receiver's Number", readonly=True, index="btree_not_null", groups=fields.NO_ACCESS)
    address_mark = fields.Integer(readonly=True, groups=fields.NO_ACCESS, help="The same for the same address; 0 without a street.")
    excluded = fields.Boolean("Does Not Count", readonly=True, help="This parcel says nothing about its buyer.")
    excluded_reason = fields.Char("Because", readonly=True)

    reason_fault = fields.Selection(related="reason_id.fault")

    _address_idx = models.Index("(address_mark) WHERE address_mark != 0")

    @api.model
    def _phone_key(self, words):
        """Return a number as it is counted, False for none."""
        return next((match.e164 for match in find_phones(words or "")), False)

    @api.model
    def _address_mark(self, order):
        """Return the number of the address an order goes to; 0 where that has no street: a whole town lives there."""
        street = order.partner_shipping_id.sudo().street  # sudo: only to be compared
        return order._sop_address_number() if street else 0

    @api.model
    def _past(self, company):
        """Return the parcels with an outcome in the last 24 months, in the order they ended: list of dict ``who, at (sent), outcome``."""
        self.env.flush_all()
        return self.env.execute_query_dict(SQL(PAST, company=company.id, since=self._since()))

    @api.model
    def _since(self):
        return fields.Datetime.now() - relativedelta(months=MONTHS)

    @api.model
    def _facts(self, company, numbers):
        """Return what is known of each number: list of facts, empty where nothing is. One query.

        :param numbers: list of (number in any form, mark of the address it is sent to now or 0)
        :return: facts are a dict of ``sent`` (also what is on its way), ``parcels`` (with an outcome), ``delivered, back``, ``refused``
            (an unclear one as the shop's setting says), of those that came back whose doing it was: ``buyer, unclear, shop, carrier``;
            ``going``, ``unpaid`` (orders whose transfer never came), ``names`` (of who ordered with the number), ``neighbours`` (other numbers
            at the same address)
        """
        phones = [self._phone_key(words) for words, _place in numbers]
        asked = [(index, phone, place) for index, (phone, (_words, place)) in enumerate(zip(phones, numbers, strict=True)) if phone]
        if not asked:
            return [{}] * len(numbers)
        self.env.flush_all()
        lists = dict(zip(("ids", "phones", "places"), map(list, zip(*asked, strict=True)), strict=True))
        when = {"since": self._since(), "waited": fields.Datetime.now() - NEVER_PAID}
        rows = {row["id"]: row for row in self.env.execute_query_dict(SQL(FACTS, company=company.id, **lists, **when))}
        weights = company.sudo()._sop_refusal_weights()  # sudo: a setting, for any user who sells
        return [self._count_facts(rows[index], weights) if index in rows else {} for index in range(len(numbers))]

    @api.model
    def _facts_of(self, company, words, place=0):
        """Return the facts of one number, see :meth:`_facts`."""
        return self._facts(company, [(words, place)])[0]

    @api.model
    def _count_facts(self, row, weights):
        names = {fold(" ".join(name.split())) for name in row["names"]}
        if not (row["outcomes"] or row["unpaid"] or row["neighbours"] or len(names) > 1):
            return {}
        found = Counter(WHOSE.get(outcome, outcome) for outcome in row["outcomes"])
        ended = {name: found[name] for name in ("delivered", *BACK)}
        return {
            "sent": sum(found.values()),
            "parcels": sum(ended.values()),
            "back": sum(ended.values()) - found["delivered"],
            "refused": sum(weights.get(name, 0) * number for name, number in ended.items()),
            **ended,
            "going": sum(found.values()) - sum(ended.values()) - found["lost"] - found["damaged"],
            "unpaid": row["unpaid"],
            "names": len(names),
            "neighbours": row["neighbours"],
        }

    @takes(reason=text(200))
    def action_exclude(self, reason):
        """Have parcels that came back through no fault of the buyer count no more. Idempotent, batch. Right: writing parcels.

        :param reason: why; empty has them count again
        """
        self.check_access("write")
        for parcel in self.sudo():  # sudo: checked; the facts are written by us alone
            parcel.write({"excluded": bool(reason), "excluded_reason": reason or False})

    # === IN WORDS ===

    @api.model
    def _facts_words(self, facts, guess, env):
        """Return (what came back of how many, with the estimate if there is one; what else is known) in the reader's language."""
        said = env._("%(back)s returned / %(parcels)s parcels", back=facts["back"], parcels=facts["parcels"]) if facts["parcels"] else ""
        if said and guess:
            rate, low, high = (round(100 * share) for share in guess)
            said = env._("%(facts)s, risk %(rate)s %% (%(low)s-%(high)s)", facts=said, rate=rate, low=low, high=high)
        words = {
            "buyer": env._("refused by the buyer"),
            "unclear": env._("unclear"),
            "shop": env._("the shop's doing"),
            "carrier": env._("the carrier's doing"),
            "going": env._("on the way"),
            "unpaid": env._("orders by transfer never paid"),
            "names": env._("names with this number"),
            "neighbours": env._("other numbers at this address"),
        }
        shown = {**facts, "names": facts["names"] if facts["names"] > 1 else 0}
        return said, ", ".join(f"{shown[name]} {label}" for name, label in words.items() if shown[name])
