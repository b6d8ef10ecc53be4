/* Behind core's worker, for sellers: it opens a record in the office, which is closed to them; their list is in the portal. */
clients.openWindow = (url) =>
    Clients.prototype.openWindow.call(clients, `${url}`.startsWith("/odoo/sop.contact.request/") ? "/my/contact-requests" : url);
