import { numbersOf, spaced } from "./phone";
import { patch } from "@web/core/utils/patch";
import { useInputField } from "@web/views/fields/input_field_hook";
import { PhoneField } from "@web/views/fields/phone/phone_field";

/**
 * What is read is written as people write it, in the input box too; what is stored and dialled stays as it is until
 * somebody types. Core's setup only binds the raw value to the box: it is replaced, not called.
 */
patch(PhoneField.prototype, {
    setup() {
        useInputField({ getValue: () => this.sopNumber || "" });
    },
    get sopNumber() {
        return spaced(this.props.record.data[this.props.name]);
    },
    /** A cell may hold more than a number: each is a link of its own, core's is the first's. */
    get phoneHref() {
        return this.sopNumbers[0].href;
    },
    get sopNumbers() {
        return numbersOf(this.props.record.data[this.props.name]).map((number) => ({
            text: spaced(number),
            href: `tel:${number.replace(/\s+/g, "")}`,
        }));
    },
});
