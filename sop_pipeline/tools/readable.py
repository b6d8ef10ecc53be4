"""Fields as a person reads them."""

from odoo import fields
from odoo.tools import html2plaintext


def filled_pairs(record, names):
    """Return the pairs (label, value) of those fields of one record that are filled, in its language and time zone."""
    pairs = [(record._fields[name]._description_string(record.env), readable(record, name)) for name in names]
    return [(label, value) for label, value in pairs if value not in (False, None, "", [])]


def readable(record, name):
    """Return the value of a field of one record as a person reads it: text, number or list of texts."""
    field, value = record._fields[name], record[name]
    if field.relational:
        names = value.mapped("display_name")
        return names[0] if len(names) == 1 else names
    if field.type == "selection":
        return dict(field._description_selection(record.env)).get(value)
    if field.type == "datetime":
        return fields.Datetime.to_string(fields.Datetime.context_timestamp(record, value)) if value else False
    if field.type == "date":
        return fields.Date.to_string(value) if value else False
    if field.type == "html":
        return html2plaintext(value or "").strip()
    if field.type == "properties":
        lines = [(line.get("string"), line.get("value")) for line in record.read([name])[0][name]]
        return [f"{label}: {text}" for label, text in lines if text]
    if field.type in ("binary", "image"):
        return record.env._("a file") if value else False
    return value
