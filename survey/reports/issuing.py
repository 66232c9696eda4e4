"""What an office writes on what it issues: symbol, place, addressee, basis, who signs, who receives it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Issuing:
    """The issuing data of one agency, as it stands on its reports; what is empty is left to be filled in by hand.

    `symbol` stands behind the number (BC-UBND). `signing` holds the lines above the position of who signs, such as
    "TM. ỦY BAN NHÂN DÂN" and "KT. CHỦ TỊCH". `bases` are the acts that the report is made by, one a line.
    `drafting_unit` is the short name behind "Lưu: VT" (KSTT).
    """

    symbol: str = ""
    place: str = ""
    addressees: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    signing: tuple[str, ...] = ()
    position: str = ""
    signer: str = ""
    recipients: tuple[str, ...] = ()
    drafting_unit: str = ""
