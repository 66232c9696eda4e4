"""The command line of a witness."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from .desk import Office
from .offer import NamedKey
from .signing import Witness

_ABOUT = """\
Làm chứng cho sổ ghi công khai: ký mỗi bản mới, chỉ khi sổ ghi không bị sửa, không bị cắt; nếu bị thì giữ chứng cứ.
A witness of public ledgers: it signs each new checkpoint as long as they only grow, and keeps what shows otherwise.

  new TEN KHOA…     tạo nhân chứng; KHOA là khóa công khai của sổ ghi    make it; KHOA is the public key of a ledger
  trust KHOA…       làm chứng thêm cho sổ ghi khác                      witness another ledger, too
  serve             nhận và ký                                          receive and sign
  key               in khóa công khai của nhân chứng                    print its own public key
  evidence          in chứng cứ đã giữ; mã thoát 1 nếu có               print what was kept; exit code 1 if there is any
"""
_PROVED = "CHỨNG CỨ: sổ ghi đã ký hai bản trái ngược nhau. / PROOF: the ledger signed two that exclude each other."
_DOUBT = (
    "NGHI VẤN: bằng chứng gửi kèm không đúng, ai cũng có thể đã gửi; hãy hỏi đơn vị giữ sổ ghi. / "
    "DOUBT: the proof that came along does not hold, and anybody may have sent it; ask whoever keeps the ledger."
)
_NONE = "Không có gì. / Nothing was kept."
_THERE = "Đã có nhân chứng trong thư mục này; được giữ nguyên. / There is a witness in this folder; it is kept."
_ABSENT = (
    "Chưa có nhân chứng trong thư mục này: chạy `new` trước. / There is no witness in this folder: run `new` first."
)
_LOST = (
    "Mất tệp witness.sqlite: không ai biết đã ký những gì. Hãy tạo nhân chứng mới, khóa mới. / "
    "The file witness.sqlite is lost: nobody knows what was signed. Make a new witness with a new key."
)
_NO_KEY = "Đây không phải khóa công khai của sổ ghi: / This is no public key of a ledger:"
_SERVING = "Đang nhận tại / Serving on"


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser("witness", description=_ABOUT, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("act", choices=("new", "trust", "serve", "key", "evidence"))
    parser.add_argument("values", nargs="*", metavar="TEN, KHOA")
    parser.add_argument("--folder", type=Path, default=Path("witness"), help="witness")
    parser.add_argument("--listen", default="127.0.0.1:8090", help="127.0.0.1:8090; 0.0.0.0:8090; [::]:443")
    parser.add_argument("--certificate", type=Path, nargs=2, metavar=("CERT.pem", "KEY.pem"), help="TLS")
    given = parser.parse_args(arguments)
    witness = Witness(given.folder)
    if given.act != "new" and not (given.folder / "key").is_file():
        sys.exit(_ABSENT)
    if given.act != "new" and not (given.folder / "witness.sqlite").is_file():
        sys.exit(_LOST)
    if given.act == "new":
        if len(given.values) < 2 or " " in given.values[0] or "+" in given.values[0]:
            parser.error("new witness.example.vn KHOA")
        name, *keys = given.values
        try:
            witness.make(name, _keys(keys))
        except FileExistsError:
            sys.exit(_THERE)
    elif given.act == "trust":
        witness.trust(_keys(given.values))
    elif given.act == "serve":
        _serve(witness, given.listen, given.certificate)
    elif given.act == "evidence":
        _print_evidence(witness)
    print(witness.public)


def _keys(lines: Sequence[str]) -> list[NamedKey]:
    try:
        return [NamedKey.parse(line) for line in lines]
    except ValueError:
        sys.exit(" ".join([_NO_KEY, *lines]))


def _serve(witness: Witness, listen: str, certificate: Sequence[Path] | None) -> None:
    host, _, port = listen.rpartition(":")
    pair = (certificate[0], certificate[1]) if certificate else None
    with Office(witness, host.strip("[]"), int(port), pair) as office:
        print(f"{_SERVING} {host}:{office.server_port}: {witness.public}", flush=True)
        try:
            office.serve_forever()
        except KeyboardInterrupt:
            sys.exit(0)


def _print_evidence(witness: Witness) -> None:
    kept = witness.evidence()
    for number, one in enumerate(kept, 1):
        moment = dt.datetime.fromtimestamp(one.at, dt.UTC).isoformat()
        print(f"=== {number}. {moment}", _PROVED if one.proved else _DOUBT, sep="\n")
        print("--- Đã ký trước đó / Signed before:", one.signed, sep="\n")
        print("--- Bị từ chối / Refused:", one.offered, "--- Bằng chứng gửi kèm / Its proof:", one.proof, sep="\n")
    if kept:
        sys.exit(1)
    print(_NONE)
    sys.exit(0)
