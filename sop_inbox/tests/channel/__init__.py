"""An app and an account, and who may read or change them."""
