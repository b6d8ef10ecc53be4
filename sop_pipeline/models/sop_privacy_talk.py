from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.readable import filled_pairs


class SopPrivacy(models.AbstractModel):
    """What core keeps around records: messages with their values and mails, activities, meetings, ratings, files, the bus.

    One search for each of core's tables, whatever the number of records.
    """

    _inherit = "sop.privacy"

    #: core's models that point at a record by name and id: model -> (field of the model's name, field of the id)
    _around = {
        "mail.message": ("model", "res_id"),
        "mail.scheduled.message": ("model", "res_id"),
        "mail.activity": ("res_model", "res_id"),
        "rating.rating": ("res_model", "res_id"),
        "ir.attachment": ("res_model", "res_id"),
        "calendar.event": ("res_model", "res_id"),
    }

    @api.model
    def _get_around(self, name, records_list):
        """Return core's records of one model that belong to any of these records; as the system."""
        model_field, id_field = self._around[name]
        model = self.env[name].sudo().with_context(active_test=False)  # sudo: see _get_models
        domain = Domain.OR(Domain(model_field, "=", records._name) & Domain(id_field, "in", records.ids) for records in records_list if records)
        return model.browse() if domain.is_false() else model.search(domain)

    # === ERASURE ===

    @api.model
    def _get_talk(self, records_list, person):
        """Return what was said and filed about these records, and what the person wrote: messages and files, before the records go."""
        messages = self._get_around("mail.message", records_list) | self._get_written(person)
        return messages, self._get_around("ir.attachment", records_list) | messages.attachment_ids

    @api.model
    def _erase_talk(self, talk, records_list, person):
        """Delete messages and files (``talk``), activities, ratings and meetings; the records themselves may be gone by now."""
        messages, files = talk
        self._erase_meetings(self._get_around("calendar.event", records_list), person)
        for name in ("mail.activity", "mail.scheduled.message", "rating.rating"):
            self._get_around(name, records_list).unlink()
        (messages.exists() | self._get_around("mail.message", records_list)).unlink()
        files.exists().unlink()
        if files:  # the bytes leave the disk with the next cleaning: have it soon
            self.env.ref("base.autovacuum_job").sudo()._trigger()  # sudo: a job of the system

    @api.model
    def _get_written(self, person):
        """Return the messages a wide person wrote themself, wherever they stand; as the system."""
        messages = self.env["mail.message"].sudo()  # sudo: see _get_models
        partners = person.contacts()
        return messages.search([("author_id", "in", partners)]) if partners else messages

    @api.model
    def _erase_meetings(self, events, person):
        """Empty meetings about these records or with this person; one that others are invited to loses the person only."""
        partners = self.env["res.partner"].sudo().browse(person.ids("res.partner"))  # sudo: see _get_models
        if partners:
            events |= events.search([("partner_ids", "in", partners.ids)])
        if leads := person.ids("crm.lead"):
            events |= events.search([("opportunity_id", "in", leads)])
        quiet = events.with_context(dont_notify=True, no_mail_to_attendees=True, tracking_disable=True)
        alone = quiet.filtered(lambda event: not (event.partner_ids - partners).filtered(lambda partner: not partner.user_ids))
        alone.write({"name": self.env._("Erased"), "description": False, "location": False, "videocall_location": False})
        self._get_around("mail.message", [alone]).unlink()
        for event in quiet:
            event.partner_ids -= partners
        self.env["calendar.attendee"].sudo().search([("partner_id", "in", partners.ids)]).unlink()  # sudo: see _get_models

    @api.model
    def _erase_names(self, records_list, person):
        """Of documents that are kept: delete the messages, activities and notes in which a sign of the person stands."""
        messages = self._get_around("mail.message", records_list)
        messages.filtered(
            lambda message: person.stands_in(
                " ".join(
                    filter(
                        None,
                        [
                            message.subject,
                            message.body,
                            message.email_from,
                            *(
                                str(value)
                                for line in message.tracking_value_ids
                                for value in (line.old_value_char, line.new_value_char, line.old_value_text, line.new_value_text)
                                if value
                            ),
                        ],
                    )
                )
            )
        ).unlink()
        activities = self._get_around("mail.activity", records_list)
        activities.filtered(lambda activity: person.stands_in(" ".join(filter(None, [activity.summary, activity.note, activity.feedback])))).unlink()

    @api.model
    def _erase_passing(self, person):
        """Delete what passes through and is cleaned by itself later, where a sign of the person stands in it: bus, mails and messages to send,
        pages of the privacy lookup."""
        pattern = person.pattern()
        if not pattern:
            return
        exact = person.pattern(names=False) if person.wide else None
        self._erase_mails(person, exact)
        for table, columns, sign in (
            ("bus_bus", ["message"], pattern),
            ("privacy_lookup_wizard", ["name", "email"], pattern),
            ("privacy_lookup_wizard_line", ["res_name"], pattern),
            ("sms_sms", ["number", "body"], exact),
        ):
            if sign and self.env.execute_query(SQL("SELECT to_regclass(%s)", table))[0][0]:
                where = SQL(" OR ").join(SQL("%s::text ~* %s", SQL.identifier(column), sign) for column in columns)
                self.env.cr.execute(SQL("DELETE FROM %s WHERE %s", SQL.identifier(table), where))
        self.env.invalidate_all()

    @api.model
    def _erase_mails(self, person, sign):
        """Delete mails to a wide person or with a sign of theirs, and the messages that are nothing but such a mail."""
        mails = self.env["mail.mail"].sudo()  # sudo: see _get_models
        if person.wide and (partners := person.ids("res.partner")):
            mails |= mails.search([("recipient_ids", "in", partners)]).filtered(lambda mail: set(mail.recipient_ids.ids) <= set(partners))
        if sign:
            query = SQL("SELECT id FROM mail_mail WHERE email_to ~* %s OR body_html ~* %s", sign, sign)
            mails |= mails.browse(row[0] for row in self.env.execute_query(query))
        mails.unlink()

    # === ACCESS ===

    @api.model
    def _export_talk(self, person, companies=None):
        """Return the sections with messages, activities, meetings and files about a wide person's records."""
        records_list = self._get_found(person)
        if companies is not None:
            records_list = [
                records.filtered(lambda record: not record.company_id or record.company_id in companies)
                if "company_id" in records._fields
                else records
                for records in records_list
            ]
        exported = {
            "mail.message": ("date", "author_id", "email_from", "subject", "body"),
            "mail.activity": ("date_deadline", "summary", "note"),
            "calendar.event": ("start", "name", "description", "location"),
            "rating.rating": ("rating_text", "feedback"),
            "ir.attachment": ("name", "create_date"),
        }
        sections = []
        for name, names in exported.items():
            around = self._get_around(name, records_list).with_context(lang=self.env.lang, tz=str(self.env.tz))
            lines = [filled_pairs(record, names) for record in around]
            if lines := [line for line in lines if line]:
                sections.append((self._title(around), lines))
        return sections
