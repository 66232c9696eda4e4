"""What a spreadsheet shows in a cell, by the rules of its number formats and not by ours."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def displayed(value: float, number_format: str) -> str:
    """A number under formats such as 0.0%, 0.0##%, "<"0.0% or 0.00, with a decimal point.

    Spreadsheets keep fifteen digits of a number and round its decimal form half away from zero.
    """
    start, _, digits = number_format.rpartition('"')
    scale = 100 if digits.endswith("%") else 1
    decimals = digits.rstrip("%").partition(".")[2]
    exact = Decimal(f"{value:.15g}") * scale
    text = f"{exact.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP):f}"
    whole, point, fraction = text.partition(".")
    fraction = fraction[: decimals.count("0")] + fraction[decimals.count("0") :].rstrip("0")
    return start.replace('"', "") + whole + point + fraction + digits[len(digits.rstrip("%")) :]
