"""A witness of public ledgers: it signs what they publish as long as they only grow, and keeps what shows otherwise.

It stands alone: nothing of ours is imported, only Python's library and `cryptography`, so that an outside body runs it
from one small file. It speaks c2sp.org/tlog-witness and signs by c2sp.org/tlog-cosignature (Ed25519).
"""
