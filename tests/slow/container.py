#!/usr/bin/env python3
"""Builds the image by the Dockerfile's own steps, and lives in it, on a machine where no container engine runs. Needs root.

  container.py build --work FOLDER   debootstrap stands in for the two base images (the toolchain of this machine for Rust's), buildah
                                     does what the Dockerfile says on what git has committed; the image ends as FOLDER/image
  container.py run --work FOLDER [--wangqi PATH]
                                     the image with a read-only root: an empty volume, the demo's site, health, the end on SIGTERM;
                                     as a user nobody has heard of, with and without /tmp, and as PUID:PGID with three capabilities.
                                     --wangqi takes another program than the image's, on a bare Debian where nothing was built
  container.py all                   both

Needs debootstrap, buildah, unshare, setpriv. One line per step goes to standard output; the first thing that is not as it must be
ends with exit code 1. Nothing waits without an end."""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parents[2]
SUITE = "trixie"
STRANGER = 54321                 # a user and group that no passwd file has
STOP = 10                        # seconds that an engine gives a container to end
PATIENCE = 120                   # seconds after which anything else counts as hanging
BUILD = 3 * 3600                 # and a build on a busy machine
DRIVER = os.environ.get("STORAGE_DRIVER", "overlay")    # vfs copies two gigabytes for every step, where overlay cannot be mounted
THREE = "-all,+chown,+setuid,+setgid"
ADDRESS = "127.0.0.1:18443"      # the demo's site; loopback is shared, as within a pod
ARTICLES = 16                    # that a right crawl of it finds
USUAL = {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "WANGQI_IMAGE=1", "WANGQI_ARCHIVE__PATH=/archive"],
         "Entrypoint": ["wangqi"], "Cmd": ["run"], "WorkingDir": "/config"}


class Violation(Exception):
    """Something that must not be."""


def must(holds, what):
    if not holds:
        raise Violation(what)


def say(line):
    print(line, flush=True)


def sh(*command, limit=PATIENCE, **more):
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=limit, check=False, **more)
    must(done.returncode == 0, f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


# Building

def debian(work, name, *packages):
    """A fresh Debian; made once."""
    root = work / name
    if not (root / "etc/debian_version").exists():
        shutil.rmtree(root, ignore_errors=True)
        include = [f"--include={','.join(packages)}"] if packages else []
        begun = time.monotonic()
        sh("debootstrap", "--variant=minbase", *include, SUITE, root, limit=1800)
        say(f"debootstrap: {SUITE} with {', '.join(packages) or 'nothing more'}, {time.monotonic() - begun:.0f} s")
    return root


def rust(work):
    """What stands in for the image of Rust: a compiler, a linker and certificates, where the original has them."""
    root = debian(work, "rust", "gcc", "libc6-dev", "ca-certificates")
    home = root / "usr/local/rust"
    if not home.exists():
        sysroot = pathlib.Path(sh("rustc", "--print", "sysroot").strip())
        shutil.copytree(sysroot, home, symlinks=True, ignore=shutil.ignore_patterns("doc", "docs", "man"))
        for program in ("cargo", "rustc"):
            (root / "usr/local/bin" / program).symlink_to(f"/usr/local/rust/bin/{program}")
        # Whom this machine trusts is trusted there: a registry may be behind a mirror with a certificate of its own.
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")
    return root


def build(work):
    store = ["--root", work / "store", "--runroot", work / "store-run", "--storage-driver", DRIVER]

    def buildah(*command, limit=1800):
        return sh("buildah", *store, *command, limit=limit).strip()

    for name, root in ((f"docker.io/library/rust:1-{SUITE}", lambda: rust(work)),
                       (f"docker.io/library/debian:{SUITE}-slim", lambda: debian(work, "slim"))):
        if name in buildah("images", "--format", "{{.Name}}:{{.Tag}}").splitlines():
            continue
        container = buildah("from", "scratch")
        buildah("add", "-q", container, root(), "/")
        buildah("commit", "-q", "--rm", container, name)
        say(f"base image: {name}")
    with tempfile.TemporaryDirectory(dir=work) as context:
        archive = subprocess.run(["git", "-C", HERE, "archive", "HEAD"], capture_output=True, check=True, timeout=PATIENCE).stdout
        subprocess.run(["tar", "x", "-C", context], input=archive, check=True, timeout=PATIENCE)
        begun = time.monotonic()
        buildah("bud", "--isolation", "chroot", "--format", "docker", "--pull=never", "--layers", "-t", "wangqi", context, limit=BUILD)
        say(f"Dockerfile: every step, {time.monotonic() - begun:.0f} s")
    image = json.loads(buildah("inspect", "--type", "image", "wangqi"))
    config = image["Docker"]["config"]
    check_image(config)
    container = buildah("from", "--pull=never", "wangqi")
    mounted = pathlib.Path(buildah("mount", container))
    shutil.rmtree(work / "image", ignore_errors=True)
    sh("cp", "-a", mounted, work / "image", limit=600)
    buildah("umount", container)
    buildah("rm", container)
    (work / "image.json").write_text(json.dumps(config))
    program = work / "image/usr/local/bin/wangqi"
    found = program.stat()
    must((found.st_uid, found.st_mode & 0o777) == (0, 0o555), f"the program can be changed: {found}")
    say(f"image: the program has {found.st_size / 1e6:.1f} MB, everything {size(work / 'image') / 1e6:.0f} MB")


def check_image(config):
    must(config["Entrypoint"] == ["wangqi"] and config["Cmd"] == ["run"], f"it starts otherwise: {config}")
    must(set(config["Volumes"]) == {"/config", "/archive"}, f"volumes: {config['Volumes']}")
    must(config["Healthcheck"]["Test"] == ["CMD", "wangqi", "healthcheck"], f"health: {config['Healthcheck']}")
    must(config["StopSignal"] in ("SIGTERM", "15"), f"stop signal: {config['StopSignal']}")
    must(not config.get("User"), "PUID and PGID need root to begin with")


def size(folder):
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


# Living in it

SCRIPT = r"""
set -eu
image=$1 root=$2 config=$3 archive=$4 tmp=$5 user=$6 workdir=$7
shift 7
mount --bind "$image" "$root"
mount -t tmpfs -o mode=0755 none "$root/dev"
for device in null zero urandom; do : >"$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
mount --rbind /proc "$root/proc"
[ "$tmp" = no ] || mount -t tmpfs -o mode=1777 none "$root/tmp"
mount --bind "$config" "$root/config"
mount --bind "$archive" "$root/archive"
mount -o remount,bind,ro "$root"
if touch "$root/written" 2>/dev/null; then echo "the root can be written to" >&2; exit 99; fi
[ "$user" != root ] || exec chroot "$root" /usr/bin/env -i -C "$workdir" "$@"
exec chroot --userspec "$user" --groups "" "$root" /usr/bin/env -i -C "$workdir" "$@"
"""


class Container:
    """Two volumes and a way to start programs with them."""

    def __init__(self, work, config, user, tmp=True, variables=()):
        self.work, self.image, self.user = work, config, user
        self.tmp, self.variables = tmp, list(variables)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="root-", dir=work))
        self.config = pathlib.Path(tempfile.mkdtemp(prefix="config-", dir=work))
        self.archive = pathlib.Path(tempfile.mkdtemp(prefix="archive-", dir=work))
        for volume in (self.config, self.archive):
            # As the image has them, and a new volume takes on.
            volume.chmod(0o777)

    def command(self, *arguments):
        environment = [*self.image["Env"], *self.variables]
        caps = ["setpriv", "--no-new-privs", "--inh-caps", "-all", "--bounding-set", THREE] if self.user == "root" else []
        inside = [*environment, *caps, *self.image["Entrypoint"], *arguments]
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", SCRIPT, "container", str(self.work / "image"),
                str(self.root), str(self.config), str(self.archive), "yes" if self.tmp else "no",
                "root" if self.user == "root" else f"{self.user}:{self.user}", self.image["WorkingDir"], *inside]

    def run(self, *arguments):
        """Runs a command to its end, as `docker exec` does."""
        return subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=PATIENCE, check=False)

    @contextlib.contextmanager
    def running(self, *arguments):
        process = subprocess.Popen(self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        running = Running(process)
        try:
            yield running
        finally:
            process.kill()
            process.wait(timeout=PATIENCE)


class Running:
    """A program that is alive, and everything it has said."""

    def __init__(self, process):
        self.process, self.lines = process, []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def said(self):
        return "".join(self.lines)

    def until(self, what, is_so):
        end = time.monotonic() + PATIENCE
        while not is_so():
            must(self.process.poll() is None and time.monotonic() < end, f"waited in vain until {what}:\n{self.said()}")
            time.sleep(0.05)

    def stop(self):
        """SIGTERM, and the seconds until the end; as an engine does it."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=STOP)
        except subprocess.TimeoutExpired:
            raise Violation(f"it did not end within {STOP} s of SIGTERM:\n{self.said()}") from None
        must(code == 0, f"exit code {code} after SIGTERM:\n{self.said()}")
        return time.monotonic() - begun


def is_healthy(container):
    asked = container.run("healthcheck")
    must(asked.returncode == 0 and asked.stdout.startswith("healthy: "), f"healthcheck: {asked}")


def first_start(container):
    with container.running("run") as running:
        running.until("crawl.toml is written", (container.config / "crawl.toml").exists)
        running.until("it waits for a feed", lambda: "waiting for a first feed" in running.said())
        is_healthy(container)
        seconds = running.stop()
    asked = container.run("healthcheck")
    must(asked.returncode == 1 and asked.stderr.startswith("unhealthy: "), f"nobody runs, and it is {asked}")
    return seconds


def whole_life(container):
    """The demo's site, crawled by the daemon; the archive's owner at the end."""
    with container.running("demo", "--serve", ADDRESS, "--config-out", "/config/crawl.toml") as site:
        site.until("the site is served", lambda: "until stopped" in site.said())

        def articles():
            stats = container.run("stats", "--json")
            return json.loads(stats.stdout)["articles"] if stats.returncode == 0 else 0

        with container.running("run") as running:
            running.until(f"{ARTICLES} articles are held", lambda: articles() == ARTICLES)
            is_healthy(container)
            seconds = running.stop()
            must("wangqi: stopped; " in running.said(), running.said())
    verified = container.run("verify")
    must(verified.returncode == 0 and verified.stdout.startswith("clean"), f"verify: {verified}")
    owner = (container.archive / "VERSION").stat()
    return seconds, (owner.st_uid, owner.st_gid)


def run(work, program):
    if program:
        root = debian(work, "slim")
        shutil.rmtree(work / "image", ignore_errors=True)
        sh("cp", "-a", root, work / "image", limit=600)
        for folder in ("config", "archive"):
            (work / "image" / folder).mkdir()
        shutil.copy(program, work / "image/usr/local/bin/wangqi")
        config = USUAL
    else:
        config = json.loads((work / "image.json").read_text())
    (work / "image/tmp").mkdir(exist_ok=True)
    for path in [work, *work.parents]:
        must(path.stat().st_mode & 0o001, f"{path} is closed to others: name a --work that every user can reach")

    seconds = first_start(Container(work, config, STRANGER))
    say(f"an empty volume: crawl.toml is written, healthy, ends in {seconds:.1f} s")
    seconds, owner = whole_life(Container(work, config, STRANGER))
    must(owner == (STRANGER, STRANGER), f"the archive belongs to {owner}")
    say(f"user {STRANGER}, read-only root: {ARTICLES} articles of the demo's site, healthy, ends in {seconds:.1f} s, verify is clean")
    (work / "image/tmp").rmdir()
    seconds, _ = whole_life(Container(work, config, STRANGER, tmp=False))
    say(f"the same without /tmp: ends in {seconds:.1f} s")
    container = Container(work, config, "root", tmp=False, variables=["PUID=1026", "PGID=100", "UMASK=027"])
    container.archive.chmod(0o755)
    seconds, owner = whole_life(container)
    must(owner == (1026, 100) and container.archive.stat().st_uid == 1026, f"the archive belongs to {owner}")
    say(f"root with CHOWN, SETUID and SETGID: it becomes 1026:100, ends in {seconds:.1f} s, verify is clean")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["build", "run", "all"])
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--wangqi", type=pathlib.Path)
    given = parser.parse_args()
    work = given.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        sys.exit("container.py: needs root, for mounts and other users")
    try:
        if given.mode in ("build", "all"):
            build(work)
        if given.mode in ("run", "all"):
            run(work, given.wangqi)
    except (Violation, subprocess.SubprocessError, OSError) as error:
        print(f"container.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
