"""Orders made in a conversation: addresses, form, receipt, transfer, export, the call to confirm."""
