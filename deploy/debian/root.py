"""A Debian root in a folder, and commands inside it in their own mount and process namespaces.

The network is this machine's, and so is what tells pip, npm, Go and TLS how to reach their registries.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SUITE = "bookworm"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# What this machine says about registries, proxies and certificates; never a path below its home.
_REACH = re.compile(r"^(PIP_(CERT|INDEX_URL|EXTRA_INDEX_URL|DEFAULT_TIMEOUT)|UV_(DEFAULT_INDEX|INDEX_URL|HTTP_TIMEOUT)|"
                    r"NPM_CONFIG_\w+|GO(PROXY|SUMDB|NOSUMDB|PRIVATE)|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|"
                    r"(https?|no|all)_proxy)$", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Root:
    """A Debian root at `path`."""

    path: Path

    @classmethod
    def make(cls, path: Path, packages: Sequence[str]) -> "Root":
        """Debian's minimal base and some packages, from the mirror that this machine's apt uses. About a minute."""
        subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(path), _mirror()], check=True, stdout=_quiet())
        root = cls(path)
        for part in ("resolv.conf", "hosts"):
            shutil.copyfile(f"/etc/{part}", path / "etc" / part)
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "ca-certificates", *packages]
        root.run(["apt-get", "update", "-qq"])
        root.run(["env", "DEBIAN_FRONTEND=noninteractive", *install], stdout=_quiet(), stderr=_quiet())
        shutil.copyfile(CERTIFICATES, path / CERTIFICATES.relative_to("/"))
        return root

    def add_go(self) -> None:
        """This machine's Go, since Debian's is too old."""
        goroot = subprocess.run(["go", "env", "GOROOT"], check=True, capture_output=True, text=True).stdout.strip()
        shutil.copytree(goroot, self.path / "usr/local/go", symlinks=True)
        for program in ("go", "gofmt"):
            (self.path / "usr/local/bin" / program).symlink_to(f"../go/bin/{program}")

    def add_node(self) -> None:
        """This machine's Node and npm, since Debian's are too old."""
        node, npm = shutil.which("node"), shutil.which("npm")
        if not node or not npm:
            sys.exit("parley: this machine has no Node to lend; install Node.js 20")
        shutil.copy2(Path(node).resolve(), self.path / "usr/local/bin/node")
        package = Path(npm).resolve().parents[1]
        shutil.copytree(package, self.path / "usr/local/lib/node_modules/npm", symlinks=True)
        (self.path / "usr/local/bin/npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")

    def copy(self, path: Path) -> "Root":
        """A second root like this one."""
        subprocess.run(["cp", "-a", "--reflink=auto", f"{self.path}/.", str(path)], check=True)
        return Root(path)

    def command(
        self,
        command: Sequence[str],
        *,
        user: str = "root",
        cwd: str = "/",
        env: Mapping[str, str] | None = None,
        is_read_only: bool = False,
        writable: Sequence[str] = (),
    ) -> list[str]:
        """The command line that runs `command` inside. Its end is the end of everything it started.
        With `is_read_only` only /tmp and the folders in `writable` take writes, as with `docker run --read-only`."""
        inside = self.path
        mounts = [
            f"mount --bind {inside} {inside}",
            f"mount -t proc proc {inside}/proc",
            f"mount --rbind /dev {inside}/dev",
        ]
        if is_read_only:
            mounts += [f"mount --bind {inside}/{folder} {inside}/{folder}" for folder in writable]
            mounts += [f"mount -o remount,bind,ro {inside}", f"mount -t tmpfs -o mode=1777 tmpfs {inside}/tmp"]
        given = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **_reach()}
        words = [f"{name}={value}" for name, value in (given | dict(env or {})).items()]
        drop = [] if user == "root" else ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
                                          "--no-new-privs", "--bounding-set=-all"]  # fmt: skip
        chroot = ["chroot", str(inside), "env", "-i", f"--chdir={cwd}", *words, *drop, *command]
        script = " && ".join([*mounts, 'exec "$@"'])
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", *chroot]

    def run(self, command: Sequence[str], *, stdout: int | None = None, stderr: int | None = None,
            user: str = "root", cwd: str = "/", env: Mapping[str, str] | None = None) -> None:  # fmt: skip
        """Run to the end. Exits with a sentence when it fails."""
        line = self.command(command, user=user, cwd=cwd, env=env)
        code = subprocess.run(line, stdout=stdout, stderr=stderr, check=False).returncode
        if code:
            sys.exit(f"parley: `{' '.join(command)[:200]}` in {self.path} ended with exit code {code}")


def refuse_anywhere_else() -> None:
    """Exits with a sentence where no Debian root can be made."""
    if os.geteuid() != 0:
        sys.exit("parley: making a Debian root needs root: run this with sudo")
    for program in ("debootstrap", "unshare"):
        if not shutil.which(program):
            sys.exit(f"parley: {program} is missing: apt-get install debootstrap util-linux")


def _mirror() -> str:
    """The first mirror of this machine's own apt."""
    listed = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", f"Codename: {SUITE}"],
                            check=True, capture_output=True, text=True).stdout.split()  # fmt: skip
    if not listed:
        sys.exit(f"parley: apt on this machine lists no mirror of {SUITE} to make a root from")
    return listed[0]


def _reach() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if _REACH.match(name)}


def _quiet() -> int:
    return subprocess.DEVNULL
