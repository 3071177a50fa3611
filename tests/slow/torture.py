#!/usr/bin/env python3
"""Hurts a crawl in every way that an archive must survive, and compares what is left with an oracle.

  torture.py MODE… --wangqi PATH --origin FOLDER [--runs N] [--seed N] [--min S] [--max S] [--powerloss PATH] [--work FOLDER]

FOLDER holds a generated site: manifest.jsonl (one line per article: what a right crawl must end with), nginx.conf (on
loopback), www/feed/N.xml and www/mmbiz_png/ID. nginx has to be installed; it is started here, and stopped at the end.

  kill     N times: crawl, SIGKILL at a random moment, and everything that had been printed is there at the next open;
           `verify` is clean; the crawl goes on. Whenever a crawl comes to its end, it ends with exactly the oracle's articles,
           titles, times, past issues and picture bytes, and the next one begins with an empty archive.
  power    the same, through a command that loses what was not synced (--powerloss; its options take turns).
  cut      N times: crawl half of the feeds, cut an open segment at a random byte, and the archive opens, is clean, and the
           crawl goes on to exactly the oracle.
  noindex  N times: crawl half of the feeds, delete the index, `reindex`, and every answer is the same; then on to the oracle.
  measure  one whole crawl and one more of the unchanged site: CPU, memory and bytes.
  all      every mode that its options allow.

One line per mode goes to standard output; violations go to standard error, and make the exit code 1. The archive of a mode
that was violated is left where it is."""

import argparse
import base64
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SAVED = {"new", "unchanged", "edited"}          # the outcomes of a visit after which the archive holds the article
POWERLOSS_WAYS = [[], ["--prefix"], ["--lax-dirs"], ["--prefix", "--lax-dirs"]]
DEEPEST = 250                                   # past-issue steps from a feed: a byte, and a few to spare
PATIENCE = 900                                  # seconds after which a command that is not to be killed counts as hanging


class Violation(Exception):
    """Something that must not be."""


class Origin:
    """The generated site, and what a right crawl of it ends with."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.articles = {}
        with open(self.folder / "manifest.jsonl", encoding="utf-8") as manifest:
            for line in manifest:
                article = json.loads(line)
                bizuin = base64.b64decode(article["biz"]).decode()
                self.articles[f"wx:{bizuin}:{2247480000 + article['i']}:1"] = article
        self.base = re.match(r"https?://[^/]+", next(iter(self.articles.values()))["url"]).group()
        self.feeds = sorted((self.folder / "www" / "feed").glob("*.xml"), key=lambda path: int(path.stem))

    def keys_of_feeds(self, feeds):
        """The articles of these feeds' accounts: past issues never leave the account."""
        names = {re.search(r"<title>([^<]*)", path.read_text(encoding="utf-8")).group(1) for path in feeds}
        return {key for key, article in self.articles.items() if article["account"] in names}

    @contextlib.contextmanager
    def served(self):
        """Runs nginx for as long as the block lasts."""
        # The generated file sends nginx to the background, where it is nobody's child.
        conf = (self.folder / "nginx.conf").read_text().replace("daemon on;", "daemon off;")
        own = self.folder / "nginx-foreground.conf"
        own.write_text(conf)
        nginx = subprocess.Popen(["nginx", "-p", str(self.folder), "-c", str(own)], stdout=subprocess.DEVNULL)
        try:
            address = re.search(r"listen ([\d.]+):(\d+)", conf)
            wait_for_port(address.group(1), int(address.group(2)), nginx)
            yield
        finally:
            nginx.terminate()
            nginx.wait()


def wait_for_port(host, port, process):
    for _ in range(200):
        if process.poll() is not None:
            sys.exit(f"torture: nginx ended with {process.returncode}: is {host}:{port} taken?")
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"torture: nginx does not listen on {host}:{port}")


class Patient:
    """One archive under torture, with its configuration."""

    def __init__(self, options, origin, folder, feeds=None):
        self.options, self.origin, self.folder = options, origin, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.archive = self.folder / "archive"
        self.acknowledged = {}
        self.use_feeds(feeds or origin.feeds)

    def use_feeds(self, feeds):
        """Writes crawl.toml."""
        self.feeds = feeds
        most = len(self.origin.articles)
        text = (
            f'[archive]\npath = "archive"\n\n[crawl]\ntimezone = "Asia/Shanghai"\n\n'
            f'[fetch]\nallow_private = ["127.0.0.1/32"]\n\n'
            f'[[site]]\nhost = "127.0.0.1"\ndelay = "0s"\nconcurrency = 16\ndaily_limit = 1000000\nrobots = "ignore"\n'
        )
        for feed in feeds:
            text += (
                f'\n[[feed]]\nname = "feed-{feed.stem}"\nurl = "{self.origin.base}/feed/{feed.name}"\n'
                f"follow = {{ past_issues = {min(most, DEEPEST)}, max_articles = {most} }}\n"
            )
        (self.folder / "crawl.toml").write_text(text, encoding="utf-8")

    def command(self, *arguments):
        return [self.options.wangqi, *arguments, "--config", str(self.folder / "crawl.toml")]

    def run(self, *arguments, allowed=(0,)):
        """Runs a command to its end; its standard output and exit code."""
        try:
            done = subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise Violation(f"`{' '.join(arguments)}` did not end within {PATIENCE} s") from None
        if done.returncode not in allowed:
            said = done.stderr.decode(errors="replace").strip()[-2000:]
            raise Violation(f"`{' '.join(arguments)}` ended with {done.returncode}: {said}")
        return done.stdout.decode(), done.returncode

    def ask(self, *arguments):
        """The JSON that a command answers."""
        text, _ = self.run(*arguments)
        try:
            return json.loads(text)
        except ValueError as why:
            raise Violation(f"`{' '.join(arguments)}` did not answer JSON ({why}): {text[:200]!r}") from None

    def forget(self):
        """Begins again with nothing."""
        shutil.rmtree(self.archive, ignore_errors=True)
        self.acknowledged = {}

    def crawl(self):
        """Crawls to the end."""
        text, _ = self.run("crawl", "--jsonl")
        self.note(text.encode())

    def note(self, output):
        """Notes what was acknowledged: whole lines only, the last one may be torn."""
        for line in output.split(b"\n")[:-1]:
            try:
                visit = json.loads(line)
            except ValueError:
                raise Violation(f"`crawl --jsonl` printed a line that is no JSON: {line[:200]!r}") from None
            if visit.get("outcome") in SAVED:
                self.acknowledged[visit["key"]] = visit["url"]

    def listed(self):
        """What the archive holds, by key."""
        rows = self.ask("list", "--json")
        held = {row["key"]: row for row in rows}
        if len(held) != len(rows):
            raise Violation("`list` names a key twice")
        return held

    def check_acknowledged(self):
        """What was printed is there, and the archive is clean."""
        if not self.archive.exists():
            if self.acknowledged:
                raise Violation(f"the archive is gone, and {len(self.acknowledged)} articles with it")
            return
        held = self.listed()
        lost = {key: url for key, url in self.acknowledged.items() if key not in held or held[key]["snapshots"] < 1}
        if lost:
            raise Violation(f"{len(lost)} of {len(self.acknowledged)} acknowledged articles are lost: {first(lost)}")
        self.run("verify")

    def check_whole(self, sample=None):
        """Exactly the oracle's articles; titles and times of all; links and pictures of all, or of a sample."""
        held, expected = self.listed(), self.origin.keys_of_feeds(self.feeds)
        missing, extra = expected - held.keys(), held.keys() - expected
        if missing or extra:
            raise Violation(f"{len(missing)} articles are missing ({first(missing)}), {len(extra)} too many ({first(extra)})")
        for key, row in held.items():
            self.check_row(key, row)
        keys = sorted(expected)
        for key in keys if sample is None else random.sample(keys, min(sample, len(keys))):
            self.check_article(key)
        self.run("verify")

    def check_row(self, key, row):
        truth = self.origin.articles[key]
        if row["title"] != truth["title"]:
            raise Violation(f"{key}: the title is {row['title']!r}, not {truth['title']!r}")
        if row["account"] != truth["account"]:
            raise Violation(f"{key}: the account is {row['account']!r}, not {truth['account']!r}")
        if instant(row["published"]) != int(truth["ct"]):
            raise Violation(f"{key}: published {row['published']}, not {truth['ct']}")
        if row["state"] != "alive" or row["snapshots"] != 1:
            raise Violation(f"{key}: {row['snapshots']} snapshots and {row['state']}, on a site that never changes")

    def check_article(self, key):
        truth, shown = self.origin.articles[key], self.ask("show", key, "--format", "json")
        past = [link["url"] for link in shown["links"] if link["rel"] == "past_issue"]
        if past != truth["prev"]:
            raise Violation(f"{key}: past issues are {past}, not {truth['prev']}")
        pictures = {asset["url"]: str(asset.get("digest")).removeprefix("sha256:") for asset in shown["assets"]}
        for url in truth["images"]:
            name = url.split("/mmbiz_png/")[1].split("/")[0]
            digest = hashlib.sha256((self.origin.folder / "www" / "mmbiz_png" / name).read_bytes()).hexdigest()
            if pictures.get(url) != digest:
                raise Violation(f"{key}: the picture {url} is {pictures.get(url)}, not {digest}")
        if set(pictures) != set(truth["images"]):
            raise Violation(f"{key}: pictures are {sorted(pictures)}, not {sorted(truth['images'])}")


def first(found):
    return ", ".join(sorted(found)[:3]) + ("…" if len(found) > 3 else "") if found else "none"


def instant(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) if text else None


def killed_crawl(patient, run):
    """One crawl that is killed at a random moment; whether it ended before."""
    process = subprocess.Popen(patient.command("crawl", "--jsonl"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, said = [], []
    readers = [
        threading.Thread(target=lambda: output.append(process.stdout.read())),
        threading.Thread(target=lambda: said.append(process.stderr.read())),
    ]
    for reader in readers:
        reader.start()
    try:
        code = process.wait(random.uniform(patient.options.min, patient.options.max))
    except subprocess.TimeoutExpired:
        code = None
        process.send_signal(signal.SIGKILL)
        process.wait()
    for reader in readers:
        reader.join()
    patient.note(output[0])
    if code not in (None, 0):
        raise Violation(f"crawl number {run} ended with {code}: {said[0].decode(errors='replace').strip()[-2000:]}")
    return code == 0


def powerless_crawl(patient, run):
    """One crawl whose power is cut at a random moment; whether it ended before."""
    options = patient.options
    command = [
        sys.executable, options.powerloss, str(patient.folder), str(options.min), str(options.max),
        *POWERLOSS_WAYS[run % len(POWERLOSS_WAYS)], "--seed", str(options.seed * 1_000_003 + run),
        "--", *patient.command("crawl", "--jsonl"),
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    patient.note(done.stdout)
    if done.returncode not in (0, 3):
        raise Violation(f"the power loss of crawl number {run} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.returncode == 3


def mode_interrupted(options, origin, folder, crawl):
    """`kill` and `power`: as many interrupted crawls as were asked for, each followed by the checks."""
    patient = Patient(options, origin, folder)
    cuts = wholes = lines = attempts = 0
    while cuts < options.runs:
        attempts += 1
        if crawl(patient, attempts):
            patient.check_whole(options.sample)
            lines, wholes = lines + len(patient.acknowledged), wholes + 1
            patient.forget()
            if wholes > 3 * cuts + 10:
                raise Violation("crawls end before they are cut: lower --min and --max, or give a bigger site")
            continue
        cuts += 1
        patient.check_acknowledged()
    patient.crawl()
    patient.check_whole()
    return f"{cuts} cuts, {lines + len(patient.acknowledged)} articles acknowledged, {wholes + 1} crawls ended whole"


def half_crawled(options, origin, folder):
    """An archive in which half of the feeds were crawled to the end."""
    patient = Patient(options, origin, folder, origin.feeds[: max(1, len(origin.feeds) // 2)])
    patient.crawl()
    patient.check_whole(options.sample)
    return patient


def copy_of(patient, folder):
    """Another patient with the same archive."""
    twin = Patient(patient.options, patient.origin, folder, patient.feeds)
    twin.forget()
    # The control socket of a holder that is gone is no part of the archive.
    sockets = lambda where, names: [name for name in names if (pathlib.Path(where) / name).is_socket()]
    shutil.copytree(patient.archive, twin.archive, ignore=sockets)
    twin.acknowledged = dict(patient.acknowledged)
    return twin


def open_segments(archive):
    """The segment that is written to, of every family: the last of its name."""
    last = {}
    for path in sorted((archive / "segments").rglob("*.warc*")):
        if path.stat().st_size > 0:
            last[path.name.partition("-")[2]] = path
    return list(last.values())


def mode_cut(options, origin, folder):
    base = half_crawled(options, origin, folder / "base")
    lost = rebuilt = 0
    for run in range(options.runs):
        patient = copy_of(base, folder / "cut")
        segment = random.choice(open_segments(patient.archive))
        size = segment.stat().st_size
        at = random.randrange(size)
        os.truncate(segment, at)
        try:
            _, code = patient.run("list", "--json", allowed=(0, 5))
            if code == 5:                     # it may ask for `reindex` where bytes are gone that were acknowledged
                rebuilt += 1
                patient.run("reindex")
            held = patient.listed()
            if not held.keys() <= base.acknowledged.keys():
                raise Violation(f"articles out of nowhere: {first(held.keys() - base.acknowledged.keys())}")
            lost += len(base.acknowledged) - len(held)
            patient.run("verify")
            patient.use_feeds(origin.feeds)
            patient.crawl()
            patient.check_whole(options.sample)
        except Violation as why:
            raise Violation(f"run {run}, {segment.name} cut at byte {at} of {size}: {why}") from None
    return f"{options.runs} cuts, {lost} articles cut off and fetched again, {rebuilt} times `reindex` was needed"


def mode_noindex(options, origin, folder):
    base = half_crawled(options, origin, folder / "base")
    for _ in range(options.runs):
        patient = copy_of(base, folder / "noindex")
        keys = random.sample(sorted(base.acknowledged), min(options.sample, len(base.acknowledged)))
        answers = lambda: [patient.ask("list", "--json")] + [patient.ask("show", key, "--format", "json") for key in keys]
        before = answers()
        shutil.rmtree(patient.archive / "index")
        patient.run("reindex")
        for question, (old, new) in enumerate(zip(before, answers())):
            if old != new:
                what = "list" if question == 0 else f"show {keys[question - 1]}"
                raise Violation(f"`{what}` answers differently after reindex: {difference(old, new)}")
        patient.run("verify")
        patient.use_feeds(origin.feeds)
        patient.crawl()
        patient.check_whole(options.sample)
    return f"{options.runs} rebuilds, every answer the same"


def difference(old, new, at=""):
    """Where two JSON values part, in one line."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in old.keys() | new.keys():
            if old.get(name) != new.get(name):
                return difference(old.get(name), new.get(name), f"{at}.{name}")
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, two) in enumerate(zip(old, new)):
            if one != two:
                return difference(one, two, f"{at}[{number}]")
    return f"{at or 'all'}: {json.dumps(old, ensure_ascii=False)[:120]} became {json.dumps(new, ensure_ascii=False)[:120]}"


def bytes_under(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def mode_measure(options, origin, folder):
    patient = Patient(options, origin, folder)
    patient.forget()
    figures = []
    for _ in range(2):
        before = bytes_under(patient.archive / "segments") if patient.archive.exists() else 0
        begun = time.monotonic()
        arguments = ["crawl", "--jsonl"] if not figures else ["crawl", "--jsonl", "--recheck"]
        with open(patient.folder / "stderr", "wb") as said:
            process = subprocess.Popen(patient.command(*arguments), stdout=subprocess.DEVNULL, stderr=said)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise Violation(f"the crawl ended with {process.returncode}: {(patient.folder / 'stderr').read_text()[-2000:]}")
        figures.append((time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, bytes_under(patient.archive / "segments") - before))
        patient.check_whole(options.sample)
    count = len(origin.articles)
    (wall, cpu, memory, stored), (wall2, cpu2, memory2, added) = figures
    index = bytes_under(patient.archive / "index")
    return (
        f"{count} articles in {wall:.1f} s, {cpu * 1000 / count:.1f} CPU-s per 1,000, peak {memory / 1024:.0f} MiB, "
        f"{stored / 1e6:.1f} MB in segments and {index / 1e6:.1f} MB of index; again with --recheck: {wall2:.1f} s, "
        f"{cpu2 * 1000 / count:.1f} CPU-s per 1,000, peak {memory2 / 1024:.0f} MiB, {added / count:.0f} bytes more per article"
    )


MODES = {
    "kill": lambda *given: mode_interrupted(*given, killed_crawl),
    "power": lambda *given: mode_interrupted(*given, powerless_crawl),
    "cut": mode_cut,
    "noindex": mode_noindex,
    "measure": mode_measure,
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", nargs="+", choices=[*MODES, "all"])
    parser.add_argument("--wangqi", required=True, help="the program")
    parser.add_argument("--origin", required=True, help="the generated site")
    parser.add_argument("--runs", type=int, default=50, help="how often each mode hurts [50]")
    parser.add_argument("--seed", type=int, default=1, help="what the random moments come from [1]")
    parser.add_argument("--min", type=float, default=0.05, help="shortest time before a kill or power loss, in seconds [0.05]")
    parser.add_argument("--max", type=float, default=2.0, help="longest such time [2]")
    parser.add_argument("--sample", type=int, default=25, help="articles whose links and pictures are compared in between [25]")
    parser.add_argument("--powerloss", help="the command that loses what was not synced: PATH ROOT MIN MAX [OPTION…] -- COMMAND")
    parser.add_argument("--work", help="where the archives are made [a temporary folder, removed when all is well]")
    options = parser.parse_args()
    options.wangqi = str(pathlib.Path(options.wangqi).resolve())
    if "all" in options.mode:
        options.mode = [mode for mode in MODES if mode != "power" or options.powerloss]
    if "power" in options.mode and not options.powerloss:
        parser.error("`power` needs --powerloss")
    return options


def main():
    options = arguments()
    origin = Origin(options.origin)
    work = pathlib.Path(options.work or tempfile.mkdtemp(prefix="torture-")).resolve()
    violated = False
    with origin.served():
        for mode in options.mode:
            random.seed(f"{options.seed} {mode}")
            folder, begun = work / mode, time.monotonic()
            shutil.rmtree(folder, ignore_errors=True)
            try:
                print(f"{mode}: {MODES[mode](options, origin, folder)} ({time.monotonic() - begun:.0f} s)", flush=True)
                shutil.rmtree(folder, ignore_errors=True)
            except Violation as why:
                violated = True
                print(f"{mode}: VIOLATED after {time.monotonic() - begun:.0f} s", flush=True)
                print(f"torture: {mode}: {why}\ntorture: the archive is left in {folder}", file=sys.stderr, flush=True)
    if not violated and not options.work:
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(1 if violated else 0)


if __name__ == "__main__":
    main()
