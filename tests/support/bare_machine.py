"""Bare Debian machines: roots that debootstrap makes, holding nothing but what README asks for.

The way in which this computer reaches packages (name servers, proxies, certificates, settings of apt, pip and npm) is
carried into them. Each step has mount and process namespaces of its own: when it ends, or this program does in whatever
way, the kernel takes the mounts away and ends what still runs. Nothing is left to unmount, and a root can be deleted.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
CACHE = PROJECT / ".cache" / "fresh"
LOGS = CACHE / "logs"
PACKAGES = "python3,make,git,ca-certificates"
MOST_SECONDS = 5400

ISOLATED = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")
# The shell stays, as the first process of the machine, and takes in the orphans of others.
ENTER = """
set -e
root=$1 user=$2 script=$3
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
chroot --userspec="$user" "$root" /bin/sh -c "cd && $script" || exit $?
"""

VARIABLE = re.compile(r".*_proxy|pip_.*|npm_config_.*|ssl_cert_.*|.*_ca_.*|.*_cainfo", re.IGNORECASE)
ACQUIRE = re.compile(r"Acquire::(https?|Check-|Retries|ForceIPv)", re.IGNORECASE)
PROXY = re.compile(r'^Acquire::(https?)::Proxy "(.+)";$', re.IGNORECASE | re.MULTILINE)
SYSTEM = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/apt/auth.conf",
    "/etc/apt/auth.conf.d",
    "/etc/pip.conf",
    "/etc/xdg/pip",
)
HOME = (".config/pip/pip.conf", ".pip/pip.conf", ".netrc")
NPM = ("/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc", "~/.npmrc")


class NoMachine(Exception):
    """A machine could not be made; carries where to read why."""


def machine(suite: str, user: str) -> Path:
    """Return the root of a new machine of this suite, on which the user has cloned the project.

    Raises:
        NoMachine: it could not be made; says where to read why.
    """
    root = CACHE / f"{suite}-{user}"
    shutil.rmtree(root, ignore_errors=True)
    base = _base(suite)
    print(f"{suite}, {user}: a new machine", flush=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", str(base), str(root)], check=True)
    _carry(root, root / ("root" if user == "root" else "etc/skel"))
    step(root, "root", "apt-get update" + ("" if user == "root" else f" && useradd --create-home {user}"), "setup")
    branch = output("git", "branch", "--show-current")  # so that what is cloned can be pulled, too
    output("git", "bundle", "create", "--quiet", str(root / "hailong.bundle"), "HEAD", *branch.split())
    step(root, user, "git clone --quiet /hailong.bundle hailong", "clone")
    return root


def _base(suite: str) -> Path:
    """Return the bare root of a suite, made once and copied from then on."""
    base, unfinished, log = CACHE / suite, CACHE / f"{suite}.part", LOGS / f"{suite}-debootstrap.log"
    if not base.is_dir():
        print(f"{suite}: debootstrap (follow it in {log})", flush=True)
        shutil.rmtree(unfinished, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(unfinished), *_mirror()]
        proxies = {f"{scheme.lower()}_proxy": url for scheme, url in PROXY.findall(output("apt-config", "dump"))}
        if run([*ISOLATED, *command], log, {**os.environ, **proxies}) != 0:
            raise NoMachine(f"debootstrap failed: {log}")
        unfinished.rename(base)
    return base


def _mirror() -> list[str]:
    """Return where this computer has Debian's packages from, if it has any, and the script of all its newer suites.

    debootstrap has an address of its own, and scripts for the suites that it knows.
    """
    asked = ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"]
    targets = [line.split("|") for line in output(*asked).splitlines()]
    found = [at for origin, label, at in targets if origin == label == "Debian" and at.startswith("http")]
    return [found[0], "sid"] if found else []


def _carry(root: Path, home: Path) -> None:
    """Let a machine reach packages as this computer does."""
    named = {value for value in environment().values() if value.startswith("/")}
    for name in sorted({*SYSTEM, *named}):
        _copy(Path(name), root / name[1:])
    for name in HOME:
        _copy(Path.home() / name, home / name)
    if found := [path for name in NPM if (path := Path(name).expanduser()).is_file()]:
        (home / ".npmrc").write_text("\n".join(path.read_text(encoding="utf-8") for path in found), encoding="utf-8")
    lines = [line for line in output("apt-config", "dump").splitlines() if ACQUIRE.match(line)]
    (root / "etc/apt/apt.conf.d/99carried").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    """Copy a file, or the files of a folder, if it is there; a link in the way could lead out of the machine."""
    if source.is_dir():
        for path in source.iterdir():
            if path.is_file():
                _copy(path, target / path.name)
    elif source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copy(source, target)


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if VARIABLE.fullmatch(name)}


def step(root: Path, user: str, script: str, name: str) -> str:
    """Run what a machine needs before the commands, and return what it printed."""
    log = LOGS / f"{root.name}-{name}.log"
    if inside(root, user, script, log) != 0:
        raise NoMachine(f"`{script}` failed: {log}")
    return log.read_text(encoding="utf-8")


def inside(root: Path, user: str, script: str, log: Path) -> int | None:
    variables = {
        "HOME": "/root" if user == "root" else f"/home/{user}",
        "USER": user,
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "DEBIAN_FRONTEND": "noninteractive",
        **environment(),
    }
    return run([*ISOLATED, "bash", "-c", ENTER, "enter", str(root), user, script], log, variables)


def run(command: Sequence[str], log: Path, variables: Mapping[str, str]) -> int | None:
    """Run to the end and return the exit code; nothing if it took too long and was ended."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
        try:
            return process.wait(MOST_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()
            process.wait()


def output(*command: str) -> str:
    return subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout.strip()
