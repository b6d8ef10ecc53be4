import { _t } from "@web/core/l10n/translation";

import { isUnsaved, keepSeen } from "./note";

/** What stands in a row of the seller's list. */

/** What the server says of a row after a change, or that a colleague changed. */
export function refreshRow(row, cells) {
    row.classList.toggle("o_sop_new", cells.is_new);
    row.classList.toggle("o_sop_overdue", cells.is_overdue);
    const state = row.querySelector(".o_sop_state");
    state.value = cells.state;
    keepChoice(state, cells.state);
    const outcome = row.querySelector(".o_sop_outcome");
    if (outcome && cells.outcome !== undefined) {
        outcome.value = cells.outcome || "";
        keepChoice(outcome, outcome.value);
    }
    if (cells.note !== undefined) {
        showNote(row, cells.note);
    }
}

/** The note of a colleague or the buyer, unless somebody writes here, or wrote what is not saved. */
function showNote(row, words) {
    const note = row.querySelector(".o_sop_note");
    if (note !== document.activeElement && !isUnsaved(note)) {
        note.value = note.defaultValue = words;
        keepSeen(note, words);
    } else if (words === note.defaultValue.trim()) {
        keepSeen(note, words); // one's own, of which the answer was lost
    }
    showMessage(row, row.querySelector(".o_sop_message")?.textContent);
}

/** What is saved is what a refused change goes back to. */
export function keepChoice(select, value) {
    const shown = select.selectedOptions[0];
    for (const option of select.options) {
        option.defaultSelected = option.value === value;
    }
    if (shown) {
        shown.selected = true;
    }
    if (select.matches(".o_sop_state")) {
        select.className = `form-select form-select-sm o_sop_state o_sop_state_${value}`;
    }
}

function savedOption(select) {
    return [...select.options].find((option) => option.defaultSelected) || select.options[0];
}

/** Undoes a choice that was refused. */
export function takeBack(select) {
    savedOption(select).selected = true;
}

export function isChanged(select) {
    return !savedOption(select).selected;
}

/** The number as people write it, to be called and copied; and the message with the numbers in it. */
export function showNumber(row, { phone, message }) {
    const name = row.querySelector(".o_sop_name")?.textContent || "";
    const link = document.createElement("a");
    link.href = `tel:${phone}`;
    link.className = "btn btn-sm btn-success o_sop_number_link";
    const icon = document.createElement("i");
    icon.className = "fa fa-phone me-1";
    icon.ariaHidden = "true";
    link.append(icon, phone.replace(/^\+84(\d{3})(\d{3})(\d{3})$/, "0$1 $2 $3"));
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "btn btn-sm btn-light border ms-1 o_sop_copy";
    copy.title = _t("Copy");
    copy.ariaLabel = name ? _t("Copy the number of %s", name) : copy.title;
    copy.dataset.phone = phone;
    copy.innerHTML = '<i class="fa fa-copy" aria-hidden="true"></i>';
    row.querySelector(".o_sop_phone").replaceChildren(link, copy);
    showMessage(row, message);
}

/** The buyer took the number back: it goes from the open page too, and those in the message with it. */
export function hideNumber(row, words, message) {
    const notice = document.createElement("span");
    notice.className = "small text-muted o_sop_withdrawn";
    notice.textContent = words;
    row.querySelector(".o_sop_phone").replaceChildren(notice);
    showMessage(row, message);
}

/** It stands below the note where the two differ: at first the note is the message. */
function showMessage(row, message) {
    const written = row.querySelector(".o_sop_message");
    if (written) {
        written.textContent = message;
        written.parentElement.classList.toggle("d-none", message === row.querySelector(".o_sop_note").value);
    }
}

export function showLead(button) {
    button.disabled = true;
    button.classList.add("active");
    button.querySelector("i").className = "fa fa-star text-warning";
}

export function showReminder(row, label, isSet) {
    row.querySelector(".o_sop_reminder_slot").innerHTML = label;
    row.querySelector(".o_sop_clear").classList.toggle("d-none", !isSet);
    window.Dropdown?.getInstance(row.querySelector(".o_sop_clock"))?.hide();
}
