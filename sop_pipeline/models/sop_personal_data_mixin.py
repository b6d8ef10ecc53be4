from odoo import api, models
from odoo.fields import Domain

from ..tools.readable import filled_pairs


class SopPersonalDataMixin(models.AbstractModel):
    """A model that holds data of customers says so here: where, how theirs is found, erased and exported.

    ``sop.privacy`` asks every model that inherits from this one. Everything runs as the system, with archived records;
    rights are checked at the doors. Methods are for batches: ``self`` may be the records of several people.
    """

    _name = "sop.personal.data.mixin"
    _description = "Holds Personal Data"

    #: order in which models erase: what hangs on another record goes before it
    _sop_personal_sequence = 50

    @api.model
    def _sop_personal_fields(self):
        """Return what an erasure empties: dict of field name -> value it gets. Hook: extend with super()."""
        return {}

    @api.model
    def _sop_personal_domain(self, person):
        """Return the domain of records that are this person's, from what is known of them so far. Hook."""
        return Domain.FALSE

    @api.model
    def _sop_personal_find(self, person):
        """Return the records that are this person's. Hook, where a domain does not say it."""
        domain = self._sop_personal_domain(person)
        return self.browse() if domain.is_false() else self.search(domain)

    def _sop_personal_learn(self, person):
        """Add to the person what these records know of them: signs, and other records that are theirs. Hook."""

    def _sop_personal_check(self, person):
        """Hook. :raise UserError: when these records forbid an erasure, with the way out"""

    def _sop_personal_kept(self, person):
        """Return those of these records whose talk (chatter, activities, files) stays, what names the person apart: documents
        the law wants kept. Hook."""
        return self.browse()

    def _sop_personal_erase(self, person):
        """Empty the declared fields. Idempotent, batch. Hook: extend for what is deleted instead."""
        values = self._sop_personal_fields()
        if self and values:
            self._sop_erasing().write(values)

    def _sop_erasing(self):
        """Return the same records, whose changes are noted nowhere: what is erased must not stand in the history."""
        return self.with_context(tracking_disable=True, mail_notrack=True)

    def _sop_personal_export(self, person):
        """Return what is exported of each record: a list with, for each, a list of pairs (label, value). Hook."""
        return [record._sop_personal_pairs(self._sop_personal_fields()) for record in self]

    def _sop_personal_pairs(self, names):
        """Return the pairs (label, value) of those fields of this record that are filled."""
        return filled_pairs(self, names)

    @api.model
    def _sop_personal_by_signs(self, person, phone=(), email=None, name=None):
        """Return the records that carry a number or e-mail of this person together with a name of theirs, or without any name.

        Nothing for a narrow person. A number of theirs under another name is somebody else's record.

        :param phone: names of fields with a number
        :param email: name of a field with a normalized e-mail
        :param name: name of the field with the name; None where the number alone identifies
        """
        domain = Domain.FALSE
        if person.wide:
            if person.phones:
                domain |= Domain.OR(Domain(field, "in", sorted(person.phones)) for field in phone)
            if person.emails and email:
                domain |= Domain(email, "in", sorted(person.emails))
        found = self.browse() if domain.is_false() else self.search(domain)
        return found.filtered(lambda record: person.is_called(record[name])) if name else found
