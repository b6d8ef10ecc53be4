from odoo import api, fields, models, tools

from ..tools.transactions import made_once


class CrmTag(models.Model):
    """Some tags say a fact and keep themselves true (row P7); people use the others freely."""

    _name = "crm.tag"
    _inherit = ["crm.tag", "sop.guard.mixin"]

    sop_fact = fields.Selection(
        [
            ("new", "New customer"),
            ("has_phone", "Has phone"),
            ("recare", "Re-care"),
            ("unpaid", "Unpaid"),
        ],
        string="Set by the Fact",
        readonly=True,
        copy=False,
        help="The tag is put on a lead and taken off again by the system, as the fact comes and goes.",
    )

    sop_owner_id = fields.Many2one(
        "res.users",
        "Says Whose Customer It Is",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The tag is put on the leads of this salesperson by the system, and follows when a lead is handed over.",
    )

    _sop_owner_unique = models.UniqueIndex("(sop_owner_id) WHERE sop_owner_id IS NOT NULL", "Each salesperson has one tag.")
    _sop_fact_unique = models.UniqueIndex("(sop_fact) WHERE sop_fact IS NOT NULL", "Each fact has one tag.")

    @api.model
    def _sop_kept(self):
        """Which fact a tag says, and whose customers, is the system's to say."""
        return super()._sop_kept() | {"sop_fact", "sop_owner_id"}

    @api.model_create_multi
    def create(self, vals_list):
        """Forget which tags say facts; see core for the contract."""
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def unlink(self):
        """Forget which tags say facts; see core for the contract."""
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @tools.ormcache()
    def _get_fact_tags(self):
        """Which tag says which fact, kept in memory because every change of a lead asks.

        :return: dict of fact -> tag id
        """
        # sudo: facts are the same for everyone, also when this user may not read all of them
        tags = {tag.sop_fact: tag.id for tag in self.sudo().search([("sop_fact", "!=", False)])}
        # put on by the fact, given and taken off by people too
        vip = self.env.ref("sop_pipeline.crm_tag_vip", raise_if_not_found=False)
        return {**tags, "vip": vip.id} if vip else tags

    @api.model
    @tools.ormcache()
    def _get_owner_tags(self):
        """Which tag says whose customer a lead is, kept in memory as above: dict of user id -> tag id."""
        # sudo: as above
        return {tag.sop_owner_id.id: tag.id for tag in self.sudo().search([("sop_owner_id", "!=", False)])}

    @api.model
    def _get_owner_tag(self, user):
        """The tag of a salesperson, made when there is none: "Khách của Hạnh".

        :param user: one ``res.users``
        :return: its id
        """
        if tag_id := self._get_owner_tags().get(user.id):
            return tag_id
        # sudo: the system names these tags, whichever user's change of a lead asks for one
        Tag, user = self.sudo(), user.sudo()
        local = Tag.with_context(lang=user.lang or self.env.lang)
        words = user.name.split() or [user.login]
        given = words[-1] if (user.lang or "").startswith("vi") else words[0]
        for name in (given, user.name, f"{user.name} ({user.login})", f"{user.name} ({user.id})"):
            label = local.env._("Customer of %(name)s", name=name)
            if not local.search_count([("name", "=", label)], limit=1):
                break
        with made_once(self.env):
            return local.create({"name": label, "sop_owner_id": user.id, "color": 7}).id
