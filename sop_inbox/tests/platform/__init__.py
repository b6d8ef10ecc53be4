"""Facebook and Zalo: signatures, formats, limits, what each of them has alone. Most need no database."""
