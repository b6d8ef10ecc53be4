import { INTERESTS } from "../interest/interest";
import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useService } from "@web/core/utils/hooks";
import { MultiRecordSelector } from "@web/core/record_selectors/multi_record_selector";

/** The three faces, opened by itself after an answered call (rows P3-P6). */
export class RatingDialog extends Component {
    static template = "sop_pipeline.RatingDialog";
    static components = { Dialog, MultiRecordSelector };
    static props = {
        call: Object,
        onResult: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.interests = INTERESTS;
        this.state = useState({
            interest: false,
            note: "",
            saving: false,
            productIds: this.props.call.products.map((product) => product.id),
        });
    }

    /** Where the lead stands, which the dialog covers on a phone. */
    get stages() {
        const { stages, code } = this.props.call;
        const here = stages.findIndex((stage) => stage.code === code);
        return stages.map((stage, index) => ({ ...stage, done: index < here, current: index === here }));
    }

    choose(interest) {
        this.state.interest = interest;
    }

    setProducts(productIds) {
        this.state.productIds = productIds;
    }

    async send() {
        if (!this.state.interest || this.state.saving) {
            return;
        }
        this.state.saving = true;
        try {
            await this.orm.call("sop.call", "action_rate", [
                [this.props.call.call_id],
                this.state.interest,
                this.state.productIds,
                this.state.note,
            ]);
            this.props.close();
            this.props.onResult(null, true);
        } finally {
            this.state.saving = false;
        }
    }
}
