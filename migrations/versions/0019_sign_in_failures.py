"""Wrong passwords are counted by who tried, no longer by account; logins that look alike are one."""

import unicodedata

import sqlalchemy as sa
from alembic import op

from survey.errors import Conflict

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# As of this migration: what it did must not change with later code.
LIKE = {
    "a": "аɑα", "b": "ьЬ", "c": "сϲ", "d": "ԁ", "đ": "ðɖ", "e": "еҽ", "g": "ɡ", "h": "һ", "i": "іıιɩ", "j": "јϳ",
    "k": "кκ", "l": "1ӏ", "m": "м", "n": "пո", "o": "0оοօσ", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "t": "тτ",
    "u": "υս", "v": "νѵ", "w": "ԝѡ", "x": "хχ", "y": "уүγ", "z": "ᴢ", "-": "\u2010\u2011\u2012\u2013\u2014\u2212",
    "'": "\u2019\u02bc",
}
SKELETON = str.maketrans({other: letter for letter, others in LIKE.items() for other in others})
INVISIBLE = frozenset({"Cf", "Cc", "Cn", "Co", "Mn", "Me"})

staff = sa.table("staff", sa.column("id", sa.Integer), sa.column("login", sa.String), sa.column("login_key", sa.String))


def before(login: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFC", login)).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def after(login: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold())
    seen = "".join(letter for letter in folded if unicodedata.category(letter) not in INVISIBLE)
    return unicodedata.normalize("NFC", " ".join(seen.translate(SKELETON).split()))


def upgrade() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(staff.c.id, staff.c.login).order_by(staff.c.id)).all()
    keys: dict[str, str] = {}
    for row in rows:
        if (other := keys.setdefault(after(row.login), row.login)) != row.login:
            raise Conflict(
                "The logins %(first)s and %(second)s look alike and would become one. Give one of them another login "
                "in the table staff, or remove it, then migrate again; nothing was changed.",
                first=other,
                second=row.login.encode("unicode_escape").decode(),
            )
    for row in rows:
        connection.execute(sa.update(staff).where(staff.c.id == row.id).values(login_key=after(row.login)))
    op.create_table(
        "sign_in_failure",
        sa.Column("who", sa.LargeBinary(length=16), nullable=False),
        sa.Column("login", sa.LargeBinary(length=16), nullable=True),
        sa.Column("address", sa.LargeBinary(length=16), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_login"), "sign_in_failure", ["login"])
    op.create_index(op.f("ix_sign_in_failure_until"), "sign_in_failure", ["until"])
    with op.batch_alter_table("staff") as batch_op:
        batch_op.drop_column("failures")
        batch_op.drop_column("locked_until")


def downgrade() -> None:
    with op.batch_alter_table("staff") as batch_op:
        batch_op.add_column(sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("failures", sa.SmallInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("staff") as batch_op:
        batch_op.alter_column("failures", server_default=None)
    op.drop_table("sign_in_failure")
    connection = op.get_bind()
    for row in connection.execute(sa.select(staff.c.id, staff.c.login)).all():
        connection.execute(sa.update(staff).where(staff.c.id == row.id).values(login_key=before(row.login)))
