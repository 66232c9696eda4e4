"""Secrets: tokens, keyed hashes, passwords, and sealing."""
