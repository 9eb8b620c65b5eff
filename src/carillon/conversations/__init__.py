"""Conversations: messages between people, with receipts, reactions and mentions."""
