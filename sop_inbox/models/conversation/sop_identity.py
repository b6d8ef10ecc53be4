from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.transactions import made_once


class SopIdentity(models.Model):
    """A person as one account knows them: a page's follower, an OA's friend, a visitor of the site.

    They write as ``guest_id`` (or ``partner_id`` for a logged-in visitor). The phone is what they gave
    in a chat; only the inbox's staff may read it.
    """

    _name = "sop.identity"
    _description = "Customer on a Channel"
    _order = "id desc"

    name = fields.Char(required=True, index="trigram")
    account_id = fields.Many2one("sop.channel.account", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    external_id = fields.Char("ID on the Platform", required=True)
    is_nameless = fields.Boolean(readonly=True, copy=False, help="Nobody has said their name yet: the one that stands here is ours.")
    image_128 = fields.Image("Picture", max_width=128, max_height=128)
    phone = fields.Char(groups="sop_inbox.sop_inbox_group_user", copy=False)
    email = fields.Char(groups="sop_inbox.sop_inbox_group_user", copy=False)
    street = fields.Char(groups="sop_inbox.sop_inbox_group_user", copy=False)
    city = fields.Char(groups="sop_inbox.sop_inbox_group_user", copy=False)
    state_id = fields.Many2one("res.country.state", "Province", groups="sop_inbox.sop_inbox_group_user", copy=False, ondelete="set null")
    partner_id = fields.Many2one("res.partner", "Customer", index="btree_not_null", ondelete="set null")
    guest_id = fields.Many2one("mail.guest", "Writes as", index="btree_not_null", ondelete="set null")
    author_id = fields.Many2one("res.partner", "Writes as (logged in)", index="btree_not_null", ondelete="set null")
    conversation_ids = fields.One2many("sop.conversation", "identity_id")

    _external_unique = models.UniqueIndex("(account_id, external_id)", "This person is known on the account already.")

    @api.model
    def _get_or_create(self, account, external_id, **values):
        """Return the identity of ``external_id`` on ``account``, made with ``values`` at first sight.

        Values fill what is still empty and never overwrite; a person without a name gets the first that is said. Two transactions at once: the unique
        index stops the second, which raises ConcurrencyError, so that a request is replayed.

        :param values: ``name``, ``image_128``, ``phone``, ``email``, ``partner_id``, ``guest_id``
        """
        # sudo: events arrive as the public user or a cron, and no rule lets them read identities
        identities = self.sudo()
        identity = identities.search([("account_id", "=", account.id), ("external_id", "=", external_id)], limit=1)
        if identity:
            missing = {name: value for name, value in values.items() if value and not identity[name]}
            if missing:
                identity.write(missing)
            identity._name_once(values.get("name"))
            return identity
        given = {name: value for name, value in values.items() if value}
        ours = {} if given.get("name") else {"name": self._name_of_nobody(account), "is_nameless": True}
        with made_once(self.env):
            return identities.create({**given, **ours, "account_id": account.id, "external_id": external_id})

    @api.model
    def _name_of_nobody(self, account):
        """What stands for a person whose name the platform does not say."""
        platform = dict(account._fields["provider"]._description_selection(self.env)).get(account.provider)
        return self.env._("%(platform)s customer", platform=platform) if platform else self.env._("Customer")

    def _name_once(self, name):
        """Somebody said the name of a person who had none; one that is known stays."""
        if name:
            self.filtered(lambda identity: identity.is_nameless and identity.name != name)._rename(name)

    def _rename(self, name):
        """This is what the person is called, in their chats too. Batch."""
        if not self:
            return
        self.write({"name": name, "is_nameless": False})
        self.guest_id.write({"name": name[:512]})
        self.conversation_ids.write({"name": name})

    def _get_guest(self):
        """Return the ``mail.guest`` this person writes as, made at first use."""
        self.ensure_one()
        if not self.guest_id:
            # sudo: guests are made by the system for people who never visit this server
            guest = self.env["mail.guest"].sudo().create({"name": self.name[:512], "image_1920": self.image_128})
            self.guest_id = guest
        return self.guest_id
