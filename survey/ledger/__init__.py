"""The ledger: a public, append-only log of what figures rest on, in formats that anybody's programs can check."""
