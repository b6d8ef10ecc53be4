/** Whether a thread is a chat with a customer. */
export function isCustomerChat(thread) {
    return ["sop_inbox", "livechat"].includes(thread?.channel_type);
}

/** Whether we, a person or a bot, wrote it to a customer. */
export function isOurs(message) {
    const author = message.author_id;
    return Boolean(isCustomerChat(message.thread) && author && author.main_user_id?.share !== true);
}
