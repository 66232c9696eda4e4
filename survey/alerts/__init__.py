"""What stands out in the figures, and who is told of it: rules, alerts from beginning to end, choices, digests."""
