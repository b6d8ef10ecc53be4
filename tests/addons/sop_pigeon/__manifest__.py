{
    "name": "SOP Pigeon",
    "summary": "Chats of Pigeon in the inbox",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "You",
    "license": "LGPL-3",
    "depends": ["sop_inbox"],
}
