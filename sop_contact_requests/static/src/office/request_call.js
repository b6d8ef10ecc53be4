import { status } from "@odoo/owl";

/**
 * Call the server about the request a field shows, one call after another.
 *
 * What was pressed is sent, and its answer comes, also when the row is gone by then: the service is not the
 * field's own, which answers no more once the field is left. The list is not read again meanwhile.
 */
export async function callRequest(field, method, args = []) {
    const { record } = field.props;
    const { model, resId } = record;
    const { orm } = field.env.services;
    model.underWay = (model.underWay || 0) + 1;
    try {
        return await model.mutex.exec(() => orm.call("sop.contact.request", method, [[resId], ...args]));
    } finally {
        model.underWay--;
        field.env.bus.trigger("SOP-REQUESTS-CHANGED");
    }
}

/** Show the request as it is now, if it is still before somebody's eyes. */
export async function showRequest(field) {
    if (status(field) !== "destroyed") {
        await field.props.record.load();
    }
}
