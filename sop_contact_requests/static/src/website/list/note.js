/** The note of a row: what is typed, and what stood there before. */

export function isUnsaved(note) {
    return note.classList.contains("is-invalid") || note.value !== note.defaultValue.replace(/\r\n?/g, "\n");
}

/** The note as it stood on the server when it was last shown here: what this writer's words replace. */
export function seenNote(note) {
    return note.dataset.seen ?? note.defaultValue;
}

export function keepSeen(note, words) {
    note.dataset.seen = words;
}
