import { PaymentPostProcessing } from "@payment/interactions/post_processing";
import { patch } from "@web/core/utils/patch";

// Core asks this method which states are final, and has no registry of providers on this page.
patch(PaymentPostProcessing, {
    /** A transfer waits for the bank: the customer goes on to the page of the order, which has the code and follows the money. */
    getFinalStates(providerCode) {
        const states = super.getFinalStates(...arguments);
        if (providerCode === "sop_bank") {
            states.add("pending");
        }
        return states;
    },
});
