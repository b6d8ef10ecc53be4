"""Who an erasure or an export is about."""

import json
import re
import unicodedata

from odoo.tools import SQL

from .phone import old_numbers

WORDS = 2  # a name of one word is too common to be looked for in texts
SHORT = 6  # digits that could be anything


def fold(name):
    """Return a name as it is compared: without accents, in small letters, with single blanks."""
    text = unicodedata.normalize("NFD", (name or "").replace("đ", "d").replace("Đ", "D"))
    return " ".join("".join(char for char in text if not unicodedata.combining(char)).casefold().split())


class Person:
    """A person as the models know them: their records, numbers, addresses and names. It grows while models are asked.

    A *narrow* person is what was made of the records it began with, and nothing else: who holds a link to one form may
    not reach what somebody else left on the same number. A *wide* one is looked for everywhere, by number or e-mail
    together with the name. Several persons may be one narrow ``Person``, so that jobs work in batch.
    """

    def __init__(self, *records, wide=False):
        self.wide = wide
        self.phones, self.emails, self.names, self.words = set(), set(), set(), set()
        self.found = {}
        for some in records:
            self.add(some)

    def add(self, records):
        """Take records (stored ones) as this person's; return those that are new."""
        known = self.found.setdefault(records._name, set())
        new = records.browse([id_ for id_ in records.ids if id_ not in known])
        known.update(new.ids)
        return new

    def ids(self, model):
        """Return the sorted ids known of a model; an empty list for one nothing was found of."""
        return sorted(self.found.get(model, ()))

    def contacts(self):
        """Return the ids of the contacts whose other records are theirs, too: none for a narrow person."""
        return self.ids("res.partner") if self.wide else []

    def learn(self, phones=(), emails=(), names=()):
        """Remember signs; false values and repeats do nothing."""
        self.phones.update(filter(None, phones))
        self.emails.update(email.lower() for email in emails if email)
        for name in filter(None, names):
            self.names.add(fold(name))
            if len(name.split()) >= WORDS:
                self.words.add(name)

    def is_called(self, name):
        """Whether a record with this name may be theirs: it is one of their names, or none."""
        return not fold(name) or fold(name) in self.names

    @property
    def size(self):
        """What grows until everything is found."""
        return sum(map(len, self.found.values())) + len(self.phones) + len(self.emails) + len(self.names)

    def pattern(self, names=True):
        """Return a regular expression, PostgreSQL's and Python's, of the signs of this person as they stand in texts; None without any.

        :param names: full names too; other people may have the same, so only where the text is about this person
        """
        between = r"[^0-9a-zA-Z]{0,2}"
        parts = [rf"(?<![0-9])(?:\+?(?:00)?84|0)?{between}{between.join(number)}(?![0-9])" for number in self.numbers()]
        words = self.emails | (self.words if names else set())
        # as JSON writes letters with accents, too
        parts += [re.escape(form) for word in words for form in {word, json.dumps(word)[1:-1]}]
        return "|".join(sorted(parts)) or None

    def stands_in(self, text):
        """Whether a sign of this person stands in a text about them, numbers however they are divided. Linear in the text.

        :param str text: words or markup; capitals do not count
        """
        folded = text.casefold()
        packed = "".join(char for char in folded if char.isalnum())
        words = {form.casefold() for word in self.emails | self.words for form in (word, json.dumps(word)[1:-1])}
        return any(word in folded for word in words) or any(number in packed for number in self.numbers())

    def said_in(self, model, where, *names):
        """Return the records of no known person in whose raw words a wide person's number or e-mail stands; other people have the same names.

        :param model: the model to look in, an empty recordset
        :param SQL where: which of its records are of no known person
        :param names: the columns of the words; the database has them (``sop.privacy`` has flushed)
        """
        pattern = self.pattern(names=False) if self.wide else None
        if not pattern:
            return model.browse()
        said = SQL(" OR ").join(SQL("%s::text ~* %s", SQL.identifier(name), pattern) for name in names)
        rows = model.env.execute_query(SQL("SELECT id FROM %s WHERE %s AND (%s)", SQL.identifier(model._table), where, said))
        return model.browse(row[0] for row in rows)

    def numbers(self):
        """Return the numbers of this person without country code and leading zero, the old ones of before 2018 too."""
        return {number for phone in self.phones for number in (_national(phone), *old_numbers(phone)) if len(number) > SHORT}


def _national(phone):
    digits = "".join(char for char in phone if char in "0123456789")
    return digits[2:] if phone.startswith("+84") else digits.lstrip("0")
