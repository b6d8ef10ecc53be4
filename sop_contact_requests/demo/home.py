"""The shop's pages as a visitor sees them first: the home page, and the name below each page."""


def load(env):
    """Each website has a copy of the home page, made when it was empty still: it is given what the page shows now."""
    home = env.ref("website.homepage")
    for copy in env["ir.ui.view"].search([("key", "=", home.key), ("id", "!=", home.id)]):
        copy.arch_db = home.arch_db
    footer = env.ref("website.footer_copyright_company_name").with_context(lang="en_US")
    footer.arch_db = footer.arch_db.replace("Copyright &amp;copy; Company name", f"© {env.company.name}")
