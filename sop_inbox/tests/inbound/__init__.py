"""The way of an event into a conversation: webhook, events, files and profiles."""
