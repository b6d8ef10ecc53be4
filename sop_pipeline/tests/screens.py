"""What a form shows its user."""

from lxml import etree
from odoo.tools.safe_eval import safe_eval


def form_of(record, view):
    """The form as the record's user gets it: what is of another group is not in it."""
    return etree.fromstring(record.get_view(record.env.ref(view).id, "form")["arch"])


def alerts_shown(record, view):
    """Words of the alerts that a form shows above or beside a record."""
    form = form_of(record, view)
    names = {field.get("name") for field in form.iter("field")} & record._fields.keys()
    [values] = record.read(list(names))
    alerts = form.iterfind(".//div[@role='alert']")
    return [" ".join("".join(alert.itertext()).split()) for alert in alerts if not safe_eval(alert.get("invisible") or "False", dict(values))]
