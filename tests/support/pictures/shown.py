"""Which pictures the documents show: few, of one language and width, cut to what the text speaks of."""

from __future__ import annotations

from dataclasses import dataclass

PHONE, DESK = 360, 1280
WIDTHS = (PHONE, DESK)
MOST_BYTES = 2_000_000


@dataclass(frozen=True)
class Shown:
    """A part of a page: from the top edge of `top` (a selector) on, at most `height` pixels of it."""

    page: str
    width: int = DESK
    height: int = 720
    top: str = "body"
    language: str = "vi"


# By the path below docs/.
SHOWN = {
    "citizen.png": Shown("r-token", PHONE, 740),
    "dashboard.png": Shown("staff", DESK, 720, language="en"),
    "vi/pictures/bao-cao.png": Shown("staff", DESK, 230, "section.download"),
    "vi/pictures/bat-dau.png": Shown("staff-start", PHONE, 440, "main"),
    "vi/pictures/canh-bao.png": Shown("staff-alerts", DESK, 600),
    "vi/pictures/chi-tieu.png": Shown("staff-targets", DESK, 400, "main"),
    "vi/pictures/chot-ky.png": Shown("staff-close", DESK, 560, "main"),
    "vi/pictures/chung-toi-da-lam.png": Shown("staff-improvements-new", DESK, 720),
    "vi/pictures/cong-bo-ket-qua.png": Shown("staff-publication", DESK, 400, "main"),
    "vi/pictures/danh-sach.png": Shown("staff-units", DESK, 720, "main"),
    "vi/pictures/danh-sach-dien-thoai.png": Shown("staff-units", PHONE, 800, "main"),
    "vi/pictures/doc-ket-qua.png": Shown("staff", DESK, 720),
    "vi/pictures/doc-ket-qua-dien-thoai.png": Shown("staff", PHONE, 700),
    "vi/pictures/du-lieu-ca-nhan.png": Shown("staff-requests", DESK, 560),
    "vi/pictures/giao-so-phieu.png": Shown("staff-quotas", DESK, 460, "main"),
    "vi/pictures/giao-viec.png": Shown("staff-tasks-new", PHONE, 860, "main"),
    "vi/pictures/gop-y.png": Shown("staff-comments", DESK, 720),
    "vi/pictures/gop-y-xu-ly.png": Shown("staff-comments-named-follow-up", DESK, 860, "main"),
    "vi/pictures/lich-bao-cao.png": Shown("staff-duties", DESK, 640, "main"),
    "vi/pictures/loai-phieu.png": Shown("staff-exclusions-new", PHONE, 760, "main"),
    "vi/pictures/ma-qr.png": Shown("staff-placements", DESK, 600),
    "vi/pictures/nguoi-dan.png": Shown("q-code", PHONE, 640),
    "vi/pictures/nhap-du-lieu.png": Shown("staff-imports", PHONE, 760, "main"),
    "vi/pictures/phieu.png": Shown("staff-questionnaires", DESK, 520),
    "vi/pictures/phieu-giay.png": Shown("staff-sheets", DESK, 600, "main"),
    "vi/pictures/phieu-xem-lai.png": Shown("staff-questionnaires-number-review", DESK, 720, "main"),
    "vi/pictures/phuc-tra.png": Shown("staff-call-backs-number", DESK, 720, "main"),
    "vi/pictures/so-bao-cao.png": Shown("staff-register", DESK, 480, "main"),
    "vi/pictures/so-lieu-khac.png": Shown("staff-return-1565", DESK, 460, "main"),
    "vi/pictures/tai-khoan.png": Shown("staff-account", PHONE, 760, "main"),
    "vi/pictures/thong-tin-phat-hanh.png": Shown("staff-issuing", PHONE, 720, "main"),
    "vi/pictures/thu-xin-loi.png": Shown("staff-apologies-number", DESK, 860, "main"),
}
