"""Measures URL lists of five million made-up hosts and addresses: `python -m tests.benchmarks.url_lists [--entries N]`.

A hundredth of the entries are addresses, the others hosts. Half of the URLs' hosts are drawn from a few thousand, as in
a crawl; one URL in fifty meets an entry. Beside it stands the plain way: a Python `set` of strings, asked for every
parent of the host. CPU time of one process; memory as Linux counts it (USS), in a process of its own for each way,
while another one has the file mapped, too.
"""

import argparse
import gc
import io
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil
import pyarrow as pa

from pipeline.cells.table_file import TableFile
from pipeline.kernels.urls.url_keys import entry_keys
from pipeline.url_screen.list_entries import entries_of
from pipeline.url_screen.measuring import categories_of
from pipeline.url_screen.shared_table import KEY, SET, map_screen, write_screen

URLS = 500_000
BATCH = 1024
Work = Callable[[str, list[str]], tuple[int, float, int]]
SUFFIXES = ("com", "net", "org", "de", "fr", "ru", "co.uk", "com.br", "info", "blogspot.com")


def made_words(count: int) -> list[str]:
    """Return words of 3 to 9 letters, the same each time."""
    random = np.random.default_rng(1)
    letters = random.choice(list("etaoinshrdlucmfwypvbgkjqxz"), (count, 9))
    return ["".join(row[:length]) for row, length in zip(letters, random.integers(3, 10, count), strict=True)]


def made_hosts(count: int, seed: int) -> list[str]:
    """Return hosts of two words and a suffix."""
    random, words = np.random.default_rng(seed), made_words(60_000)
    first, second = random.integers(0, len(words), (2, count))
    ends = random.integers(0, len(SUFFIXES), count)
    return [f"{words[a]}{words[b]}.{SUFFIXES[c]}" for a, b, c in zip(first, second, ends, strict=True)]


def made_list(count: int) -> bytes:
    """Return a list as its file would be."""
    hosts = made_hosts(count, 2)
    lines = [f"{host}/{host[:5]}" if number % 100 == 0 else host for number, host in enumerate(hosts)]
    return "\n".join(lines).encode()


def made_urls(listed: list[str]) -> list[str]:
    """Return URLs as crawls have them, some 80 bytes long."""
    random, words = np.random.default_rng(3), made_words(60_000)
    common, rare = made_hosts(4000, 4), made_hosts(URLS, 5)
    urls = []
    for number, place in enumerate(random.integers(0, 1 << 30, URLS)):
        host = listed[place % len(listed)] if number % 50 == 0 else common[place % 4000] if number % 2 else rare[number]
        www = "www." if place % 3 else ""
        path = "/".join(words[(place + step) % len(words)] for step in range(1 + place % 4))
        query = f"?id={place}&page=2" if place % 5 == 0 else ""
        urls.append(f"https://{www}{host}/{2010 + place % 15}/{path}-{words[place % 999]}.html{query}")
    return urls


def own_bytes() -> int:
    """Return the memory that this process shares with no other."""
    gc.collect()
    return int(psutil.Process().memory_full_info().uss)


def ours(path: str, urls: list[str]) -> tuple[int, float, int]:
    """Return private bytes, look-ups per second and hits by the mapped table."""
    asked = pa.array(urls)
    categories_of(asked[:BATCH], map_screen(Path(path)))  # loads machine code
    before = own_bytes()
    screen = map_screen(Path(path))
    start, hits = time.process_time(), 0
    for at in range(0, len(asked), BATCH):
        result = categories_of(asked[at : at + BATCH], screen)
        hits += len(result) - result.null_count
    return own_bytes() - before, len(asked) / (time.process_time() - start), hits


def plain(path: str, urls: list[str]) -> tuple[int, float, int]:
    """Return private bytes, look-ups per second and hits by a set of strings; of addresses, it knows whole ones."""
    before = own_bytes()
    known = set(Path(path).read_text().split("\n"))
    held = own_bytes() - before
    start, hits = time.process_time(), 0
    for url in urls:
        split = urlsplit(url)
        labels = (split.hostname or "").split(".")
        parents = (".".join(labels[at:]) for at in range(len(labels)))
        hits += any(parent in known for parent in parents) or (split.netloc + split.path) in known
    return held, len(urls) / (time.process_time() - start), hits


def apart(work: Work, path: Path, urls: list[str]) -> tuple[int, float, int]:
    """Return what a piece of work returns in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (str(path), urls))


def build(content: bytes, folder: Path) -> tuple[float, float]:
    """Write the fitted table and the mapped one; return the CPU seconds of reading the list, and of the second."""
    start = time.process_time()
    keys = []
    for stretch in entries_of(io.BytesIO(content)):
        keys += [*entry_keys(stretch.entries)]
    every = np.unique(np.concatenate(keys))
    every = every[every >= 0]
    read = time.process_time() - start
    table = pa.table({KEY: every, SET: pa.array(["adult"] * len(every))})
    file = TableFile(str(folder / "lists.parquet"), table.schema)
    file.write(table)
    file.close()
    start = time.process_time()
    write_screen([str(folder / "lists.parquet")], folder / "lists.keys")
    return read, time.process_time() - start


def main() -> None:
    """Print what both ways cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=5_000_000)
    count = parser.parse_args().entries
    content = made_list(count)
    listed = [entry for entry in content[:2_000_000].decode().split("\n")[:-1] if "/" not in entry]
    urls = made_urls(listed)
    entry_keys(pa.array(["a.example/x"]))  # loads machine code
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "domains").write_bytes(content)
        read, written = build(content, folder)
        size = (folder / "lists.keys").stat().st_size
        length = sum(map(len, urls)) / len(urls)
        print(f"{count:,} entries in {len(content) / 1e6:.1f} MB; {len(urls):,} URLs of {length:.0f} bytes")
        print(f"the list read, CPU s: {read:.1f}; the mapped file written, CPU s: {written:.1f}")
        shared = map_screen(folder / "lists.keys").table
        for column in (shared.keys, shared.sets, shared.starts):
            column.max()  # every page of it is in memory now, and in use by this process
        print("| way | on disk, MB | own memory of a worker, MB | shared by a machine's, MB | URLs/s/core | hits |")
        print("|---|---:|---:|---:|---:|---:|")
        row(f"mapped keys | {size / 1e6:.1f}", size, *apart(ours, folder / "lists.keys", urls))
        row(f"`set` of strings | {len(content) / 1e6:.1f}", 0, *apart(plain, folder / "domains", urls))


def row(name: str, shared: int, own: int, speed: float, hits: int) -> None:
    """Print a row of the table."""
    print(f"| {name} | {max(own, 0) / 1e6:.1f} | {shared / 1e6:.1f} | {speed:,.0f} | {hits:,} |")


if __name__ == "__main__":
    main()
