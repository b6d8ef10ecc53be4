{
    "name": "SOP Pipeline",
    "summary": "Five stages, calls rated with a face, facts that move the lead",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "SOP suite",
    "license": "LGPL-3",
    "depends": ["crm", "sale_crm", "phone_validation"],
    "data": [
        "security/sop_pipeline_security.xml",
        "security/ir.model.access.csv",
        "data/crm_stage_data.xml",
        "data/crm_tag_data.xml",
    ],
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "application": True,
}
