"""An app and an account, and who may read or change them."""

from . import test_channel_account
