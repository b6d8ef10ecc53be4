import json

from odoo import api, fields, models
from odoo.exceptions import AccessError

GROUP = "sales_team.group_sale_manager"


class SopPrivacy(models.AbstractModel):
    """One erasure and one access for a person's data, over every model that declares some (``sop.personal.data.mixin``).

    Only private methods: the caller has checked that the person, or a manager, may.
    """

    _name = "sop.privacy"
    _description = "Personal Data"

    @api.model
    def _get_models(self):
        """Return the models that hold personal data, in the order in which they erase; as the system, archived records too."""
        # sudo: a person's data is theirs wherever it lies; rights were checked at the door
        everything = self.sudo().with_context(active_test=False).env
        mixin = self.env.registry["sop.personal.data.mixin"]
        names = [name for name, model in self.env.registry.items() if issubclass(model, mixin) and model._auto and not model._abstract]
        return sorted((everything[name] for name in names), key=lambda model: (model._sop_personal_sequence, model._name))

    @api.model
    def _collect(self, person):
        """Ask all models until nothing new is found; return the person."""
        models_, size, known = self._get_models(), -1, {}
        self.env.flush_all()
        while size != person.size:
            size = person.size
            for model in models_:
                person.add(model._sop_personal_find(person))
                news = model.browse(sorted(person.found.get(model._name, set()) - known.setdefault(model._name, set())))
                known[model._name].update(news.ids)
                news.exists()._sop_personal_learn(person)
        return person

    @api.model
    def _get_found(self, person):
        """Return the records found, a recordset for each model that has any."""
        found = (model.browse(person.ids(model._name)).exists() for model in self._get_models())
        return [records for records in found if records]

    @api.model
    def _title(self, records):
        """What people call such records, in their language."""
        return self.env["ir.model"].sudo()._get(records._name).with_context(lang=self.env.lang).name  # sudo: a name

    # === ERASURE ===

    @api.model
    def _erase(self, person):
        """Erase everything kept about a person, but for what the law wants kept. Idempotent; see README.

        :param person: a ``Person``; it has grown to all that was found when this returns
        :raise UserError: nothing is erased, because a record forbids it (a colleague, a seller)
        """
        self._collect(person)
        found = self._get_found(person)
        for records in found:
            records._sop_personal_check(person)
        kept = [records._sop_personal_kept(person) for records in found]
        theirs = [records - some for records, some in zip(found, kept, strict=True)]
        talk = self._get_talk(theirs, person)
        for records in found:
            records.exists()._sop_personal_erase(person)
        self._erase_talk(talk, theirs, person)
        self._erase_names(kept, person)
        self.env.flush_all()
        self._erase_passing(person)
        return person

    # === ACCESS ===

    @api.model
    def _export(self, person, companies=None):
        """Return everything kept about a person, in words.

        :param companies: only what belongs to one of these, or to none
        :return: dict ``made_at``, ``sections``: list of dict ``title``, ``records``: list of lists of dict ``label``, ``value``
        """
        self._collect(person)
        sections = []
        for records in self._get_found(person):
            if companies is not None and "company_id" in records._fields:
                records = records.filtered(lambda record: not record.company_id or record.company_id in companies)
            records = records.with_context(lang=self.env.lang, tz=str(self.env.tz))
            exported = [pairs for pairs in records._sop_personal_export(person) if pairs]
            if exported:
                sections.append((self._title(records), exported))
        if person.wide:
            sections += self._export_talk(person, companies)
        return {
            "made_at": fields.Datetime.to_string(fields.Datetime.context_timestamp(self, fields.Datetime.now())),
            "sections": [
                {"title": title, "records": [[{"label": label, "value": value} for label, value in pairs] for pairs in exported]}
                for title, exported in sections
            ],
        }

    @api.model
    def _export_json(self, data):
        """Return the bytes of an export, for machines and for people with an editor."""
        return json.dumps(data, ensure_ascii=False, indent=2, default=str).encode()

    # === STAFF ACTIONS ===

    @api.model
    def _check_manager(self, records):
        """:raise AccessError: for users who are no sales manager, or may not change these records"""
        if not self.env.user.has_group(GROUP):
            raise AccessError(self.env._("Only a sales manager may read or erase all that is kept about a customer."))
        records.check_access("write")

    @api.model
    def _check_companies(self, person):
        """:raise AccessError: when some of what was found belongs to companies the user does not work in"""
        foreign = self.env["res.company"].sudo()  # sudo: names of companies one is not in
        for records in self._get_found(self._collect(person)):
            if "company_id" in records._fields:
                foreign |= records.company_id - self.env.user.company_ids
        if foreign:
            raise AccessError(
                self.env._(
                    "Data of this customer is kept by %(companies)s too, where you do not work. Please ask somebody who works in all of them.",
                    companies=", ".join(foreign.mapped("name")),
                )
            )

    @api.model
    def _log(self, person):
        """Note in Odoo's privacy log that a person was erased: by which user, how many records of which kind; no name that could be read."""
        lines = [f"{self._title(records)}: {len(records)}" for records in self._get_found(person)]
        # sudo: the log is the administrator's
        self.env["privacy.log"].sudo().create(
            {
                "anonymized_name": "x",
                "anonymized_email": "x@x.invalid",
                "user_id": self.env.uid,
                "execution_details": self.env._("Erased"),
                "records_description": "\n".join(lines),
            }
        )
