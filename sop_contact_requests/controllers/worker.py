from odoo.addons.web.controllers.webmanifest import WebManifest
from odoo.http import request
from odoo.tools import file_open

PUSH = ("mail/static/src/service_worker.js", "sop_contact_requests/static/src/worker/seller_worker.js")


class ContactRequestWorker(WebManifest):
    """Core's worker knows of pushed notifications for internal users only: sellers get them on their devices, too."""

    def _get_service_worker_content(self):
        """See core; for a portal user with core's part that shows what is pushed, and the way to their list."""
        parts = [super()._get_service_worker_content()]
        for path in PUSH if request.env.user._is_portal() else ():
            with file_open(path) as script:
                parts.append(script.read())
        return "\n".join(parts)
