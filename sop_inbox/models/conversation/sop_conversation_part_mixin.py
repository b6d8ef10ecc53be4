from odoo import models


class SopConversationPartMixin(models.AbstractModel):
    """A side of conversations that is a model of its own: it has no table, and the ids of its records are the conversation's.

    A client calls it as it calls the conversation: ``orm.call(model, method, [[conversationId]])``.
    """

    _name = "sop.conversation.part.mixin"
    _description = "Side of a Conversation"

    @property
    def conversation(self):
        """The conversation, as this record's user sees it."""
        return self.env["sop.conversation"].browse(self._ids)

    def _open(self, right):
        """Return the one conversation this is about; AccessError for who has not the right, "read" or "write"."""
        self.ensure_one()
        self.conversation.check_access(right)
        return self.conversation
