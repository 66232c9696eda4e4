"""The fixtures of ledgers, for this folder."""

from tests.support.ledgers import ledger, sealed

__all__ = ["ledger", "sealed"]
