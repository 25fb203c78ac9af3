"""nginx with the site of ``deploy/nginx``: found, configured, started by command."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.local.programs import ROOT, first_executable

_NGINX = """\
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr {log_level};
{user}
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {site};
}}
"""


_BALANCING = ("max_fails=1 fail_timeout=2s", "backup max_fails=0")
"""Each process twice: see deploy/nginx/fourline/processes.conf."""


@dataclass
class Nginx:
    """nginx with the site of ``deploy/nginx`` as it stands; only the files that it includes are ours.

    Args:
        folder: for its configuration and temporary files.
        port: where it listens.
        processes: ports of the application's processes, on loopback.
        host: the address where it listens.
    """

    folder: Path
    port: int
    processes: list[int]
    host: str = "127.0.0.1"
    listen_extra: str = ""
    log_level: str = "warn"
    static: Path | None = None
    """STATIC_ROOT, a folder called `static`; without it the processes serve their files themselves."""

    @property
    def command(self) -> list[str]:
        """What runs it in the foreground."""
        return [self.binary(), "-e", "stderr", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    @staticmethod
    def binary() -> str:
        """Where it is.

        Raises:
            Missing: it isn't.
        """
        places: list[str | None] = [shutil.which("nginx"), "/usr/sbin/nginx"]
        return first_executable(iter(places), "nginx is missing. On Debian: apt install nginx-light")

    def prepare(self) -> None:
        """Write its configuration."""
        included = self.folder / "fourline"
        included.mkdir(parents=True, exist_ok=True)
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        site = ROOT / "deploy" / "nginx" / "fourline.conf"
        (self.folder / "nginx.conf").write_text(
            _NGINX.format(folder=self.folder, user=user, site=site, log_level=self.log_level)
        )
        host = f"[{self.host}]" if ":" in self.host else self.host
        (included / "listen.conf").write_text(f"listen {host}:{self.port};\n{self.listen_extra}")
        files = self.static.parent if self.static is not None else self.folder / "no-files"
        (included / "static.conf").write_text(f"root {files};\n")
        self.write_processes()

    def write_processes(self) -> None:
        """Write which processes it balances between; it reads them at the start and when reloaded."""
        lines = [f"server 127.0.0.1:{port} {how};\n" for how in _BALANCING for port in self.processes]
        (self.folder / "fourline" / "processes.conf").write_text("".join(lines))
