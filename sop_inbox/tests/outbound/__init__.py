"""The way of a reply to its platform: outbox, reactions, macros, sending later."""
