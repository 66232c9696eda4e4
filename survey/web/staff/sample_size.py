"""How many answers are enough: the official formula and the honest ones side by side, in plain words."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey.i18n import decimal
from survey.models import Role
from survey.results.quotas import sample_sizes
from survey.results.verdict_text import target_text
from survey.web.request import number_asked, standard
from survey.web.staff import access
from survey.web.staff.quotas import SUPPOSED, USUAL

pages = Blueprint("sample_size", __name__, url_prefix="/staff")
EXAMPLE, MOST_CASES = 5000, 10_000_000
RATES, USUAL_RATE = (5, 10, 20, 30, 40, 50), 20  # of a hundred invited, how many answer


@pages.get("/sample-size")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show what each formula asks for of so many cases, with every step of the official one."""
    cases = min(number_asked("cases"), MOST_CASES) or EXAMPLE
    share, rate = request.args.get("supposed", ""), number_asked("rate")
    supposed, answering = share if share in SUPPOSED else USUAL, rate if rate in RATES else USUAL_RATE
    target = standard().target
    sizes = sample_sizes(cases, supposed, target)
    rows = [("official", sizes.official), ("precise", sizes.precise), ("proving", sizes.proving)]
    return render_template(
        "staff/sample_size.html",
        answering=answering,
        cases=cases,
        exact=decimal(cases / (1 + cases * sizes.margin**2), "#,##0.00"),
        most=MOST_CASES,
        rates=RATES,
        rows=[(name, wanted, None if wanted is None else -(-100 * wanted // answering)) for name, wanted in rows],
        sizes=sizes,
        supposed=[(one, target_text(one)) for one in SUPPOSED],
        supposed_text=target_text(supposed),
        target=target_text(target),
        under=decimal(1 + cases * sizes.margin**2, "#,##0.####"),
        walking=False,
    )
