{
    "name": "SOP Inbox",
    "summary": "One inbox for every chat and comment: filters, reply tools, teamwork",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "SOP suite",
    "license": "LGPL-3",
    "depends": [
        "sop_pipeline",
        "im_livechat",
        "crm_livechat",
        "sale_stock",
        "delivery",
        "sale_loyalty",
        "account_qr_code_emv",
    ],
    "data": [
        "security/sop_inbox_groups.xml",
        "security/ir.model.access.csv",
        "security/sop_inbox_security.xml",
        "data/ir_cron_data.xml",
    ],
    "application": True,
}
