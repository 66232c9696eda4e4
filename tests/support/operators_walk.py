"""Walk docs/operators.md by its own words on a bare machine, under a systemd that is its first process.

What the guide prints as commands is run in its order, from the installation to a restored backup; only the two words
that it tells its reader to replace are replaced. Between the chapters stands what the guide says will then be so: the
services run, a citizen answers through nginx by https, a killed server comes back with the answer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support import bare_machine
from tests.support.bare_machine import PROJECT

GUIDE = PROJECT / "docs" / "operators.md"
NAME = "khaosat.example.vn"
# What age-keygen prints is read again from what it wrote.
REPLACED = {
    "ADDRESS": "/hailong.bundle",
    "THE NAME": NAME,
    "PUBLIC_KEY": "$(age-keygen -y hailong-backup.key)",
    "KEY OF THE WITNESS": f'$(hailong witness --folder /tmp/w new witness.example.vn "$(visit https://{NAME}/ledger/key)")',
}
CHAPTERS = (
    *("Install", "Nginx in front", "Set the province up", "The ledger", "Every month", "Backup", "Change keys"),
    "Upgrade",
)
# What a server has and a root of debootstrap's smallest kind has not.
SERVER = "systemd systemd-sysv dbus openssl curl"
CERTIFICATE = f"""
mkdir -p /etc/ssl/hailong
openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN={NAME} -addext subjectAltName=DNS:{NAME} \\
    -keyout /etc/ssl/hailong/privkey.pem -out /etc/ssl/hailong/fullchain.pem
"""
VISIT = f"""
visit() {{
    curl --fail --silent --show-error --cacert /etc/ssl/hailong/fullchain.pem --resolve {NAME}:443:127.0.0.1 "$@"
}}
until_ready() {{ for _ in $(seq 300); do visit --output /dev/null https://{NAME}/ && return; sleep 1; done; return 1; }}
"""
SERVICES_RUN = """
systemd-analyze verify /etc/systemd/system/hailong.service /etc/systemd/system/hailong-work.service
systemctl is-active postgresql hailong hailong-work hailong-seal
"""
# By its own account the web is no owner of the tables, and the server refuses what its logins have no right to.
WALLED = """
hailong roles --check
refused() { if "$@"; then echo "not refused: $*"; exit 1; fi; }
by_web() { runuser --user hailong-web -- psql --username "$1" --dbname hailong --command "$2"; }
by_web hailong_citizens 'SELECT count(*) FROM response'
refused by_web hailong_citizens 'DELETE FROM response'
refused by_web hailong_staff 'UPDATE response SET overall = 5'
refused by_web hailong 'SELECT 1'
refused by_web hailong_seal 'SELECT 1'
refused runuser --user hailong-web -- cat /var/lib/hailong-seal/ledger_key
"""
NGINX_RUNS = f"""
{VISIT}
until_ready
visit --output /dev/null https://{NAME}/staff/sign-in
"""
# One case of the portal's, its link, one tap, and the same link after the server was killed.
ANSWERED = f"""
cd /opt/hailong
cases=instance/cases.csv
echo 'Mã hồ sơ;Mã TTHC;Cơ quan giải quyết;Ngày trả;Đối tượng' > $cases
echo "H61.50-$(date +%y%m%d)-0001;1.001193;H61.50;$(date --date yesterday +%d/%m/%Y);Người dân" >> $cases
chown hailong: $cases
hailong import cases $cases
hailong invite --cases $cases --links instance/links.csv
link=$(grep --only-matching 'https://{NAME}/r/[A-Za-z0-9_-]*' instance/links.csv | head --lines 1)
visit "$link" --output /tmp/page.html
python3 - /tmp/page.html > /tmp/form <<'END'
import html.parser, sys, urllib.parse
fields = []
class Form(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "input" and given.get("type") == "hidden":
            fields.append((given["name"], given.get("value") or ""))
with open(sys.argv[1], encoding="utf-8") as page:
    Form().feed(page.read())
print(urllib.parse.urlencode([*fields, ("S1", "5")]), end="")
END
visit "$link" --header "Origin: https://{NAME}" --data @/tmp/form --output /tmp/thanks.html
systemctl kill --signal KILL hailong
sleep 3
until_ready
systemctl is-active hailong
test "$(su postgres -c 'psql -At hailong -c "select count(*) from response"')" = 1
"""
# The scheduled one, which is due by the clock of the machine only: the service has the folder and the key.
BACKED_UP = """
systemctl is-active hailong-work
rm /var/backups/hailong/*.age
systemctl restart hailong-work
for _ in $(seq 300); do ls /var/backups/hailong/*.age && break; sleep 1; done
hailong doctor | grep 'sao lưu'
ls /var/backups/hailong/*.age
"""
AFTER = {
    "Install": [CERTIFICATE],
    "Nginx in front": [SERVICES_RUN, WALLED, NGINX_RUNS],
    "Set the province up": [ANSWERED],
}
# The link that was made and answered under the key before.
AFTER["Change keys"] = [f'{VISIT}\nuntil_ready\nvisit "$link" --output /dev/null\nsystemctl is-active hailong-work']
# Each minute the worker seals what has come since.
AFTER["The ledger"] = [f"{VISIT}\nvisit https://{NAME}/ledger/checkpoint\nhailong doctor | grep 'sổ ghi'"]
AFTER["Backup"] = [BACKED_UP]
AFTER["Upgrade"] = [f"{VISIT}\nuntil_ready"]
GROUPS = (Path("/sys/fs/cgroup/unified/cgroup.procs"), Path("/sys/fs/cgroup/cgroup.procs"))
UNIT = """
[Unit]
After=multi-user.target network-online.target
[Service]
Type=oneshot
Environment=HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
EnvironmentFile=/etc/environment
ExecStart=/bin/bash -ex /walk.sh
ExecStopPost=/bin/sh -c 'echo $EXIT_STATUS > /walk.code; systemctl --no-block --force --force poweroff'
StandardOutput=file:/walk.log
StandardError=file:/walk.log
TimeoutStartSec=infinity
[Install]
WantedBy=default.target
"""
# A control group of its own lets systemd take its root for that of a machine.
BOOT = """
set -e
root=$1
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for folder in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$folder"; done
chmod 1777 "$root/tmp"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs tmpfs "$root/dev/shm"
export container=bare
exec chroot "$root" /lib/systemd/systemd --system --log-target=null
"""
OWN_GROUP = """
group=$1/walk-$$
mkdir "$group"
echo $$ > "$group/cgroup.procs"
shift
exec "$@"
"""


def blocks(chapter: str) -> Iterator[str]:
    """Yield what a chapter of the guide prints to be typed, in its order."""
    text = GUIDE.read_text(encoding="utf-8").partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    for block in re.findall(r"^ *```\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        typed = re.sub(r"^ +", "", block, flags=re.MULTILINE)
        for word, by in REPLACED.items():
            typed = typed.replace(word, by)
        yield typed


def script() -> str:
    """Return the whole walk as a shell's script; settings go where the guide says that they go."""
    lines = []
    for chapter in CHAPTERS:
        lines.append(f"echo '## {chapter}'")
        for typed in blocks(chapter):
            if re.match(r"[A-Z_]+=\S+\n", typed):
                lines.append(f"cat >> /etc/hailong.env <<END\n{typed}END")
            else:
                lines.append(typed)
        lines += AFTER.get(chapter, [])
    return "\n".join([*lines, "echo 'walked to the end'", ""])


def follow(root: Path, log: Path) -> int | None:
    """Boot a machine, walk the guide on it and return the exit code; nothing if it took too long and was ended.

    Raises:
        NoMachine: it cannot be made a server; says where to read why.
    """
    bare_machine.step(root, "root", f"apt-get install --yes {SERVER}", "server")
    (root / "etc/apt/apt.conf.d/99yes").write_text('APT::Get::Assume-Yes "true";\n', encoding="utf-8")
    ways = [f"{name}={value}\n" for name, value in bare_machine.environment().items()]
    (root / "etc/environment").write_text("".join(ways), encoding="utf-8")  # which `su -` reads
    (root / "walk.sh").write_text(script(), encoding="utf-8")
    (root / "etc/systemd/system/walk.service").write_text(UNIT, encoding="utf-8")
    bare_machine.step(root, "root", "systemctl enable walk && systemctl set-default multi-user.target", "enable")
    groups = next(str(path.parent) for path in GROUPS if path.exists())
    own = ("unshare", "--cgroup", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child")
    command = ["setpriv", "--pdeathsig", "KILL", "bash", "-c", OWN_GROUP, "own", groups]
    code = bare_machine.run([*command, *own, "bash", "-c", BOOT, "boot", str(root)], log, dict(os.environ))
    if (root / "walk.log").is_file():
        log.write_bytes((root / "walk.log").read_bytes())
    if code is None or not (root / "walk.code").is_file():
        return None
    return int((root / "walk.code").read_text(encoding="utf-8"))
