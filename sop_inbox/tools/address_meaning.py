"""Which wards of today the names of an address can mean together. No Odoo here (see address)."""

import sys
from pathlib import Path

if not __package__:  # loaded by its path, without the addon
    sys.path.append(str(Path(__file__).parent))
    from address_units import near, units
else:
    from .address_units import near, units

MAX_CHOICES = 12


def places_of(district, province):
    """Return the districts a written one can be in a province."""
    places = units().place_of
    return {mark for mark in district.marks if not province or province.marks & set(places[mark])}


def says_province(district):
    """Whether a district's name is a province's too: "Lào Cai"."""
    return district.key in units().province_keys and district.kind != "d"


def is_district(ward, district, province):
    """Whether a bare name before a province alone may be the district of old as well."""
    if district and (province or not says_province(district)):
        return False
    marks = province.marks if province else frozenset(units().province_keys[district.key])
    return any(marks & set(units().place_of[place]) for place in units().districts.get(ward.key, ()))


def meaning(ward, district, province):
    """Return the codes of the wards of today that names can mean, and why they are not sure: "" when they are, None for nothing at all."""
    country, places = units(), places_of(district, province) if district else set()
    if district and not places:
        return ((), "district") if district.kind and ward.kind and not ward.slip else ((), None)
    marks = places or (province.marks if province else set())
    if ward.slip:
        return _meaning_of_slip(ward, marks)
    news, olds = country.named(ward.key, marks, district is None)
    twice = len(news) > 1 and bool(marks)
    kinds = {country.wards[code][2] for code in news} | {old[0] for old in olds}
    fits = ward.kind in kinds
    if ward.kind and fits:
        news = news if twice else [code for code in news if country.wards[code][2] == ward.kind]
        olds = [old for old in olds if old[0] == ward.kind]
    parts = [code for old in olds for code in old[4]]
    codes = tuple(dict.fromkeys(parts + news if district else news + parts))
    if codes:
        if len(codes) > MAX_CHOICES:
            return (), "same_name"
        if len(codes) == 1 and (district or fits or not ward.kind) and not twice:
            return codes, ""
        return codes, "divided" if len(olds) == 1 and len(olds[0][4]) == len(codes) else "same_name"
    if district and district.kind == "d" and ward.kind and (codes := _in_another_district(ward, places)):
        return codes, "district"
    codes = tuple(dict.fromkeys(code for old in country.aliases.get(ward.key, ()) if marks & {old[1], old[2], old[3]} for code in old[4]))
    if codes:
        return codes[:MAX_CHOICES], "same_name"
    return ((), "unknown") if ward.kind and marks else ((), None)


def _in_another_district(ward, places):
    """Return the wards of a name in the old provinces of districts: a ward may have changed its district before 2025."""
    news, olds = units().named(ward.key, {units().place_of[place][0] for place in places}, True)
    return tuple(dict.fromkeys([code for old in olds for code in old[4]] + news))[:MAX_CHOICES]


def _meaning_of_slip(ward, marks):
    """A name that is in no list: sure when there is one, and only one, that it can be with two slips."""
    if not marks:
        return (), None
    country = units()
    if any(ward.key in country.within[mark] for mark in marks):
        return (), None  # it is spelt well
    found = near(ward.key, set().union(*(country.within[mark] for mark in marks)))
    codes, sure = [], False
    for name, slips in sorted(found.items(), key=lambda item: item[1]):
        news, olds = country.named(name, marks, True)
        parts = [code for old in olds or country.aliases.get(name, ()) if marks & {old[1], old[2], old[3]} for code in old[4]]
        codes += parts + news
        sure = slips == 1 and bool(news or olds) and (ward.kind in {country.wards[code][2] for code in news} | {old[0] for old in olds})
    codes = tuple(dict.fromkeys(codes))
    if not codes:
        return (), "unknown"
    sure = sure and len(found) == 1 and len(codes) == 1 and len(ward.key) > 6
    return (codes, "") if sure else (codes[:MAX_CHOICES], "spelling")
