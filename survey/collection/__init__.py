"""Collecting answers: invitations, placements, and each response recorded exactly once."""
