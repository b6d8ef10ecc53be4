"""People at work on conversations: list, search, assignment, replies, rights, live chat and chatbots."""
