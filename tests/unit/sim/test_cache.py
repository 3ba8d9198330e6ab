"""Compiled programs on disk: made once, whole or not there, whoever else is at work and whatever kills them."""

from __future__ import annotations

import contextlib
import errno
import inspect
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from neuroam.errors import BuildError, EnvironmentLacks, RunError
from neuroam.sim import cache

ROOT = Path(__file__).parents[3]
A, B, C, D = (letter * 32 for letter in "abcd")
FILES = {"main": b"program" * 10, "fixed/weights": b"w" * 500, "fixed/empty": b""}
SIZE = sum(len(data) for data in FILES.values())
PATIENCE = 30.0  # seconds: longer than any machine takes, so that a test that hangs ends


def make(folder, pause=0.0):
    """Stands for the compiler."""
    (folder / "fixed").mkdir()
    (folder / "none").mkdir()
    for name, data in FILES.items():
        time.sleep(pause)
        (folder / name).write_bytes(data)


def is_whole(entry):
    return all((entry / name).read_bytes() == data for name, data in FILES.items())


def wait_for(path):
    patience = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < patience
        time.sleep(0.005)


# what the processes of these tests have in common with the test itself
SHARED = "import os, sys, time\nfrom pathlib import Path\nfrom neuroam.sim import cache\n"
SHARED += f"FILES, PATIENCE = {FILES!r}, {PATIENCE!r}\n"
SHARED += "".join(inspect.getsource(function) for function in (make, is_whole, wait_for))


@pytest.fixture(autouse=True)
def where(tmp_path, monkeypatch):
    """The folder of the cache."""
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NEUROAM_CACHE_SIZE", raising=False)
    yield tmp_path / "cache"
    cache._USED.lock = None


@pytest.fixture
def start(tmp_path):
    """``start(script, *arguments)``: a process of its own, with its own group; all are gone after the test."""
    started = []

    def call(script, *arguments):
        command = [sys.executable, "-c", SHARED + script, *map(str, arguments)]
        process = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        return process

    yield call
    for process in started:
        kill(process)


def kill(process):
    """As the system does it when memory is short: at once, with all children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def ended(process):
    """What a process printed; it must have ended well, and said nothing else."""
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    return out


def never(folder):
    raise AssertionError("made again")


def make_of(size):
    return lambda folder: (folder / "main").write_bytes(b"x" * size)


def names(where):
    return sorted(path.name for path in where.iterdir())


def age(entry, seconds):
    """Make an entry look as if it had been used that long ago."""
    then = time.time() - seconds
    os.utime(entry / "entry.json", (then, then))


# ---- one process


def test_what_is_made_once_is_used_again(where):
    assert cache.obtain(A, make, "two_body_lif") == (where / A, False)
    assert is_whole(where / A)
    assert cache.obtain(A, never) == (where / A, True)
    assert names(where) == [A]


def test_another_key_is_another_program(where):
    cache.obtain(A, make)
    assert cache.obtain(B, make) == (where / B, False)


def test_an_entry_says_what_it_is():
    cache.obtain(A, make, "two_body_lif")
    cache.obtain(B, make_of(7))
    age(cache.folder() / A, 3600)
    newer, older = cache.entries()
    assert (older.key, older.title, older.size, older.path) == (A, "two_body_lif", SIZE, cache.folder() / A)
    assert (newer.key, newer.title, newer.size) == (B, "", 7)
    assert older.last_use.tzinfo is UTC
    assert 3590 < (datetime.now(UTC) - older.last_use).total_seconds() < 3660


def test_using_an_entry_is_noted():
    for use in (lambda: cache.obtain(A, never), lambda: cache.using(cache.folder() / A).__enter__()):
        cache.obtain(A, make)
        age(cache.folder() / A, 3600)
        use()
        assert (datetime.now(UTC) - cache.entries()[0].last_use).total_seconds() < 60


def damage_missing(entry):
    (entry / "main").unlink()


def damage_emptied(entry):
    (entry / "main").write_bytes(b"")


def damage_cut(entry):
    os.truncate(entry / "fixed" / "weights", 10)


def damage_no_folder(entry):
    (entry / "none").rmdir()


def damage_file_for_folder(entry):
    (entry / "none").rmdir()
    (entry / "none").touch()


def damage_folder_for_file(entry):
    (entry / "main").unlink()
    (entry / "main").mkdir()


def damage_no_record(entry):
    (entry / "entry.json").unlink()


def damage_half_a_record(entry):
    os.truncate(entry / "entry.json", 20)


def damage_another_record(entry):
    (entry / "entry.json").write_text("[1, 2]", encoding="utf-8")


def damage_record_without_sizes(entry):
    (entry / "entry.json").write_text('{"title": "", "files": {"main": null}, "folders": []}', encoding="utf-8")


def damage_to_a_file(entry):
    for path in sorted(entry.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    entry.rmdir()
    entry.write_bytes(b"")


def damage_to_a_lost_link(entry):
    damage_to_a_file(entry)
    entry.unlink()
    entry.symlink_to("nowhere")


DAMAGES = [value for name, value in globals().items() if name.startswith("damage_")]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_made_anew(where, damage):
    cache.obtain(A, make)
    damage(where / A)
    assert cache.obtain(A, make) == (where / A, False)
    assert is_whole(where / A)
    assert cache.obtain(A, never)[1]
    assert names(where) == [A]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_not_listed_and_not_used(where, damage):
    cache.obtain(A, make)
    damage(where / A)
    assert cache.entries() == []
    with pytest.raises(RunError, match="is no longer in the cache: run again"), cache.using(where / A):
        pass


def test_a_folder_is_no_file_whatever_its_size(where, tmp_path):
    cache.obtain(A, make_of(tmp_path.stat().st_size))
    (where / A / "main").unlink()
    (where / A / "main").mkdir()
    assert cache.obtain(A, make) == (where / A, False)


def test_what_make_raises_comes_through_and_leaves_nothing(where):
    def fails(folder):
        make(folder)
        raise error

    for error in (BuildError("no"), KeyboardInterrupt(), ValueError("no")):
        with pytest.raises(type(error)):
            cache.obtain(A, fails)
        assert names(where) == []
    assert cache.obtain(A, make) == (where / A, False)


def test_a_program_of_the_user_is_nobody_elses(where):
    umask = os.umask(0)
    try:
        entry, _ = cache.obtain(A, make)
    finally:
        os.umask(umask)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (where, entry)] == [0o700, 0o700]


def test_the_name_of_the_record_is_taken():
    with pytest.raises(AssertionError):
        cache.obtain(A, lambda folder: (folder / "entry.json").touch())


def test_a_key_is_a_hash():
    for key in ("", "2024", "../../../../../../../../x", "G" * 32, A.upper()):
        with pytest.raises(AssertionError):
            cache.obtain(key, make)


def test_importing_the_cache_takes_no_time(start):
    script = "print(sorted({'brian2', 'numpy', 'platformdirs', 'pydantic'} & sys.modules.keys()))"
    assert ended(start(script)) == "[]\n"


def test_nothing_is_said_at_the_end(start, where):
    assert ended(start(f"print(cache.obtain('{A}', make)[1])")) == "False\n"
    assert is_whole(where / A)


# ---- the limit


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500 MB", 500_000_000),
        ("2 GB", 2_000_000_000),
        ("1.5gb", 1_500_000_000),
        (" 64 KiB ", 65536),
        ("0 MB", 0),
        ("1 TB", 10**12),
        ("", 2 * 10**9),
        (None, 2 * 10**9),
    ],
)
def test_the_limit_is_a_size(monkeypatch, text, size):
    if text is not None:
        monkeypatch.setenv("NEUROAM_CACHE_SIZE", text)
    assert cache.limit() == size


@pytest.mark.parametrize(
    "text", ["500", "two GB", "-1 GB", "1e9 GB", "GB", "2 GB!", "1.2.3 GB", "9" * 30 + " GB", "٣ GB"]
)
def test_a_limit_that_cannot_be_read_is_told_before_anything_is_made(monkeypatch, where, text):
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", text)
    with pytest.raises(
        EnvironmentLacks, match="NEUROAM_CACHE_SIZE is '.*', which is not a size: .* '500 MB' or '2 GB'"
    ):
        cache.obtain(A, never)
    assert not where.exists()


def test_what_was_used_longest_ago_goes_first(monkeypatch, where):
    for number, key in enumerate((A, B, C)):
        cache.obtain(key, make_of(400))
        age(where / key, 1000 - number)
    cache.obtain(A, never)  # now B was used longest ago
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "1.2 kB")
    cache.obtain(D, make_of(400))
    assert names(where) == [A, C, D]
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "1 kB")
    cache.obtain(B, make_of(400))
    assert names(where) == [B, D]


def test_no_more_goes_than_must(monkeypatch, where):
    for number, (key, size) in enumerate([(A, 100), (B, 800), (C, 100)]):
        cache.obtain(key, make_of(size))
        age(where / key, 1000 - number)
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "1 kB")
    cache.obtain(D, make_of(100))
    assert names(where) == [B, C, D]


def test_what_others_removed_meanwhile_makes_room_too(monkeypatch, where):
    for number, key in enumerate((A, B, C)):
        cache.obtain(key, make_of(400))
        age(where / key, 1000 - number)
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "1.2 kB")
    monkeypatch.setattr(cache, "_taken_out", shutil.rmtree)  # which says None, as if another had done it
    cache.obtain(D, make_of(400))
    assert names(where) == [B, C, D]


@pytest.mark.parametrize("locks_work", [True, False])
def test_the_new_program_stays_even_if_it_is_larger_than_the_limit(monkeypatch, where, locks_work):
    if not locks_work:
        monkeypatch.setattr("fcntl.flock", lambda *_: None)
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "1 kB")
    cache.obtain(A, make_of(900))
    cache.obtain(B, make_of(2000))
    assert names(where) == [B]
    assert cache.obtain(B, never)[1]


def test_damaged_entries_and_those_without_a_record_make_room(where):
    for key, damage in ((A, damage_cut), (B, damage_half_a_record)):
        cache.obtain(key, make)
        damage(where / key)
    (where / C).mkdir()
    (where / C / "manifest.json").write_text("{}", encoding="utf-8")
    cache.obtain(D, make)
    assert names(where) == [D]


def test_what_is_not_ours_is_left_alone(monkeypatch, where):
    cache.obtain(A, make)
    mine = [C, "2024", f"{C}.txt", "thesis.partial-1", "paper.lock"]
    for name in mine:
        (where / name).mkdir()
        (where / name / "thesis.tex").write_text("", encoding="utf-8")
    (where / "2024" / "entry.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "0 MB")
    cache.obtain(B, make)
    assert names(where) == sorted([*mine, B])
    cache.clear()
    assert names(where) == sorted(mine)


# ---- in use


def test_what_is_in_use_stays(monkeypatch, where):
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "0 MB")
    cache.obtain(A, make)
    with cache.using(where / A):
        cache.obtain(B, make)
        assert cache.obtain(A, never)[1]
        assert cache.clear() == (1, SIZE)
        assert is_whole(where / A)
    cache.obtain(B, make)
    assert names(where) == [B]


def test_what_another_process_obtained_stays_until_it_ends(start, where, tmp_path):
    script = f"""
entry, hit = cache.obtain("{A}", make)
Path(sys.argv[1]).touch()
wait_for(Path(sys.argv[2]))
print(is_whole(entry))
"""
    process = start(script, tmp_path / "obtained", tmp_path / "cleared")
    wait_for(tmp_path / "obtained")
    assert cache.clear() == (0, 0)
    (tmp_path / "cleared").touch()
    assert ended(process) == "True\n"
    assert cache.clear() == (1, SIZE)


def test_what_another_thread_obtained_stays_until_it_ends(where):
    obtained, cleared = threading.Event(), threading.Event()

    def run():
        cache.obtain(A, make)
        obtained.set()
        cleared.wait(PATIENCE)

    thread = threading.Thread(target=run)
    thread.start()
    obtained.wait(PATIENCE)
    found = cache.clear()
    cleared.set()
    thread.join()
    assert found == (0, 0)
    assert cache.clear() == (1, SIZE)


def test_what_is_gone_cannot_be_used(where):
    cache.obtain(A, make)
    assert cache.clear() == (1, SIZE)
    with pytest.raises(RunError, match=f"{A} is no longer in the cache: run again"), cache.using(where / A):
        pass


@pytest.mark.parametrize("replaced", [False, True])
def test_an_entry_that_goes_while_its_lock_is_awaited_is_not_used(where, monkeypatch, replaced):
    """Between opening the record and locking it, somebody else removes the entry, or replaces it by another."""
    cache.obtain(A, make)
    take = cache.Lock.take

    def late(lock, how):
        monkeypatch.setattr(cache.Lock, "take", take)
        cache.clear()
        if replaced:
            in_a_thread(lambda: cache.obtain(A, make))
        return take(lock, how)

    monkeypatch.setattr(cache.Lock, "take", late)
    assert cache.obtain(A, make) == (where / A, replaced)
    assert in_a_thread(cache.clear) == (0, 0)
    assert is_whole(where / A)


def in_a_thread(call):
    found = []
    thread = threading.Thread(target=lambda: found.append(call()))
    thread.start()
    thread.join(PATIENCE)
    return found[0]


# ---- several processes

RACE = """
def count(folder):
    with open(sys.argv[2], "ab", buffering=0) as file:
        file.write(b"x")
    make(folder, pause=0.1)
wait_for(Path(sys.argv[1]))
entry, hit = cache.obtain(sys.argv[3], count)
print("hit" if hit else "miss", is_whole(entry))
"""


def test_of_ten_that_want_one_program_one_makes_it(start, where, tmp_path):
    processes = [start(RACE, tmp_path / "go", tmp_path / "count", A) for _ in range(10)]
    (tmp_path / "go").touch()
    assert sorted(ended(process) for process in processes) == ["hit True\n"] * 9 + ["miss True\n"]
    assert (tmp_path / "count").read_bytes() == b"x"
    assert names(where) == [A]


def test_different_programs_are_made_at_the_same_time(start, where, tmp_path):
    script = """
def meet(folder):
    Path(sys.argv[2]).touch()
    wait_for(Path(sys.argv[3]))
    make(folder)
print(cache.obtain(sys.argv[1], meet)[1])
"""
    one, two = tmp_path / "one", tmp_path / "two"
    processes = [start(script, A, one, two), start(script, B, two, one)]
    assert [ended(process) for process in processes] == ["False\n"] * 2
    assert names(where) == [A, B]


SLOW = """
def slow(folder):
    make(folder)
    Path(sys.argv[1]).touch()
    wait_for(Path(sys.argv[2]))
print(cache.obtain(sys.argv[3], slow)[1])
"""


def test_who_waits_says_so_once(start, where, tmp_path):
    process = start(SLOW, tmp_path / "made", tmp_path / "go", A)
    wait_for(tmp_path / "made")
    said = []

    def say(line):
        said.append(line)
        (tmp_path / "go").touch()

    assert cache.obtain(A, never, "two_body_lif", say) == (where / A, True)
    assert said == ["another process is making the same program (two_body_lif): waiting for it"]
    assert ended(process) == "False\n"


def test_what_another_process_is_making_is_not_touched(start, where, tmp_path, monkeypatch):
    process = start(SLOW, tmp_path / "made", tmp_path / "go", A)
    wait_for(tmp_path / "made")
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "0 MB")
    cache.obtain(B, make)
    assert cache.clear() == (1, SIZE)
    assert cache.clear() == (0, 0)
    (tmp_path / "go").touch()
    assert ended(process) == "False\n"
    assert is_whole(where / A)


def test_a_damaged_entry_that_is_being_replaced_is_not_removed(start, where, tmp_path):
    """Whoever finds it damaged must not remove the good one that has meanwhile come in its place."""
    cache.obtain(A, make)
    damage_no_record(where / A)
    (where / A / "manifest.json").write_text("{}", encoding="utf-8")
    with cache.alone(where / f"{A}.lock"):
        assert cache.clear() == (0, 0)
    assert cache.clear() == (1, SIZE + len("{}"))


def test_what_another_process_cleared_first_is_not_counted(monkeypatch, where):
    where.mkdir()
    monkeypatch.setattr(cache, "_ours", lambda where: [where / A])  # it was there when it was listed
    assert cache.clear() == (0, 0)


def test_a_lock_that_was_removed_is_no_lock(where):
    """One holds the lock, one waits for it; the file is removed, and a third locks a new one of that name."""
    where.mkdir()
    path = where / f"{A}.lock"
    first = cache.Lock(path, os.O_CREAT)
    assert first.take(cache.fcntl.LOCK_EX)
    said, made, lines = threading.Event(), threading.Event(), []

    def wait():
        cache.obtain(A, lambda folder: (make(folder), made.set()), say=lambda line: (lines.append(line), said.set()))

    thread = threading.Thread(target=wait)
    thread.start()
    said.wait(PATIENCE)
    time.sleep(0.1)  # now it waits
    path.unlink()
    third = cache.Lock(path, os.O_CREAT)
    assert third.take(cache.fcntl.LOCK_EX)
    first.close()
    together = made.wait(0.3)
    third.close()
    thread.join(PATIENCE)
    assert not together
    assert made.is_set()
    assert len(lines) == 1  # though it waited twice
    assert names(where) == [A]


def test_a_new_lock_of_another_is_not_removed(where):
    where.mkdir()
    path = where / f"{A}.lock"
    with cache.alone(path):
        path.unlink()  # by hand
        path.touch()
    assert names(where) == [path.name]


def test_many_that_make_and_clear_never_make_one_program_together(start, where, tmp_path):
    """``make`` fails if it finds another one at work."""
    script = """
def one_at_a_time(folder):
    os.close(os.open(sys.argv[1], os.O_CREAT | os.O_EXCL))
    make(folder)
    os.unlink(sys.argv[1])
wait_for(Path(sys.argv[2]))
until = time.monotonic() + 1.0
while time.monotonic() < until:
    entry, hit = cache.obtain(sys.argv[3], one_at_a_time)
    assert is_whole(entry)
    cache.clear()
"""
    processes = [start(script, tmp_path / "at_work", tmp_path / "go", A) for _ in range(4)]
    (tmp_path / "go").touch()
    for process in processes:
        ended(process)
    assert names(where) in ([], [A])


def test_a_child_of_the_maker_does_not_keep_the_lock(start, where, tmp_path):
    script = f"""
import threading
def forks(folder):
    make(folder)
    if os.fork() == 0:
        Path(sys.argv[1]).touch()
        time.sleep(PATIENCE)
        os._exit(0)
    wait_for(Path(sys.argv[2]))
cache.obtain("{A}", forks)
os._exit(0)
"""
    process = start(script, tmp_path / "forked", tmp_path / "go")
    wait_for(tmp_path / "forked")
    begun = time.monotonic()
    assert cache.obtain(A, never, say=lambda _: (tmp_path / "go").touch())[1]
    assert time.monotonic() - begun < PATIENCE / 2
    kill(process)


# ---- kill -9


def test_a_killed_maker_leaves_nothing_and_is_in_nobodys_way(start, where, tmp_path):
    process = start(SLOW, tmp_path / "made", tmp_path / "go", A)
    wait_for(tmp_path / "made")
    kill(process)
    assert len(names(where)) == 2  # its lock, and what it had made
    assert cache.entries() == []
    cache.obtain(B, make)
    assert names(where) == [B]
    assert cache.obtain(A, make) == (where / A, False)


def test_who_waits_for_a_maker_that_is_killed_makes_it(start, where, tmp_path):
    process = start(SLOW, tmp_path / "made", tmp_path / "go", A)
    wait_for(tmp_path / "made")
    killer = threading.Timer(0.1, kill, [process])
    assert cache.obtain(A, make, say=lambda _: killer.start()) == (where / A, False)
    killer.join()
    assert names(where) == [A]


def test_clearing_removes_and_counts_what_a_killed_maker_left(start, where, tmp_path):
    process = start(SLOW, tmp_path / "made", tmp_path / "go", A)
    wait_for(tmp_path / "made")
    kill(process)
    assert cache.clear() == (0, SIZE)
    assert names(where) == []


def test_killed_at_any_moment_of_a_slow_build(start, where, tmp_path):
    """A maker with a child (the compiler) that writes until the end; both are killed together."""
    script = """
import subprocess
def slow(folder):
    loop = "while :; do echo x >> object.o; sleep 0.01; done"
    child = subprocess.Popen(["sh", "-c", loop], cwd=folder, stderr=subprocess.DEVNULL)
    make(folder, pause=0.04)
    child.kill()
    child.wait()
    (folder / "object.o").unlink(missing_ok=True)
Path(sys.argv[1]).touch()
cache.obtain(sys.argv[2], slow)
"""
    chance = random.Random(1)
    killed = 0
    for number in range(20):
        begun = tmp_path / f"begun {number}"
        process = start(script, begun, A)
        wait_for(begun)
        time.sleep(chance.uniform(0.0, 0.2))
        killed += process.poll() is None
        kill(process)
        assert not (where / A).exists() or is_whole(where / A)
        assert cache.obtain(A, make)[0] == where / A
        assert is_whole(where / A)
        assert names(where) == [A]
        cache.clear()
    assert killed > 3  # else the moments are not those of a build


# Every call to the system that Python reports is a moment to be killed at: before the n-th, for every n.
EVERY_MOMENT = """
import signal
def countdown(left):
    def hook(event, arguments):
        nonlocal left
        if event.startswith(("os.", "open", "fcntl.", "shutil.", "tempfile.", "pathlib.")):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

def killed_before(moment, act):
    child = os.fork()
    if child == 0:
        countdown(moment)
        try:
            act()
        except BaseException as error:
            print(repr(error), flush=True)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])

def check(key):
    where = cache.folder()
    for entry in where.iterdir():
        if len(entry.name) == 32 and (entry / "entry.json").exists():
            try:
                cache.using(entry).__enter__()
            except cache.RunError:
                assert scenario == "rebuild", "a part was taken for a whole"
            else:
                assert is_whole(entry)
    entry, hit = cache.obtain(key, make)
    assert is_whole(entry)
    assert cache.obtain(key, make) == (entry, True)
    cache.obtain("e" * 32, make)
    found = sorted(path.name for path in where.iterdir())
    assert all(len(name) == 32 for name in found), found

a, b = "a" * 32, "b" * 32
scenario = sys.argv[1]
moment = 0
alive = True
while alive:
    moment += 1
    os.environ["NEUROAM_CACHE_SIZE"] = "1 GB"
    cache.clear()
    if scenario != "build":
        cache.obtain(a, make)
    if scenario == "rebuild":
        (cache.folder() / a / "main").write_bytes(b"")
    cache._USED.lock = None
    if scenario == "evict":
        os.environ["NEUROAM_CACHE_SIZE"] = "0 MB"
    act = {
        "build": lambda: cache.obtain(a, make),
        "use": lambda: cache.obtain(a, make),
        "rebuild": lambda: cache.obtain(a, make),
        "evict": lambda: cache.obtain(b, make),
        "clear": cache.clear,
    }[scenario]
    alive = killed_before(moment, act)
    os.environ["NEUROAM_CACHE_SIZE"] = "1 GB"
    check(a)
print(moment)
"""


@pytest.mark.parametrize(
    ("scenario", "least"), [("build", 20), ("use", 3), ("rebuild", 25), ("evict", 30), ("clear", 10)]
)
def test_killed_before_every_single_step(start, scenario, least):
    assert int(ended(start(EVERY_MOMENT, scenario))) > least


# ---- what the disk refuses


def test_a_full_disk_is_told(where):
    def fills(folder):
        (folder / "main").write_bytes(b"half a program")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(EnvironmentLacks, match=f"{where}: No space left on device: free space, or set NEUROAM_CACHE"):
        cache.obtain(A, fills)
    assert names(where) == []


def test_a_file_that_make_lacks_is_not_the_fault_of_the_disk():
    with pytest.raises(BuildError, match="could not be made: No such file or directory: nope"):
        cache.obtain(A, lambda folder: Path("nope").read_text(encoding="utf-8"))


def test_a_disk_that_becomes_full_or_read_only_is_told(monkeypatch, tmp_path):
    """The folder was fine when it was asked for, and is not when it is needed."""
    with monkeypatch.context() as patch:
        patch.setattr(cache, "folder", lambda: tmp_path / "gone")
        for call in (lambda: cache.obtain(A, make), cache.entries, cache.clear):
            with pytest.raises(EnvironmentLacks, match="gone: No such file or directory.* set NEUROAM_CACHE"):
                call()
    for step in ("tempfile.mkdtemp", "json.dumps", "pathlib.Path.rename", "fcntl.flock"):
        with monkeypatch.context() as patch:
            patch.setattr(step, refuses)
            with pytest.raises(EnvironmentLacks, match="Read-only file system"):
                cache.obtain(A, make)
    assert names(tmp_path / "cache") == [f"{A}.lock"]
    assert cache.obtain(A, make)[1] is False
    assert names(tmp_path / "cache") == [A]


def refuses(*_, **__):
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_run_does_not_fail_for_want_of_tidiness(monkeypatch, where):
    cache.obtain(A, make)
    monkeypatch.setattr(cache, "_sweep", refuses)
    monkeypatch.setattr(cache, "_taken_out", refuses)
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "0 MB")
    assert cache.obtain(B, make) == (where / B, False)


def test_a_lock_that_cannot_be_removed_does_no_harm(monkeypatch, where):
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.unlink", refuses)
        assert cache.obtain(A, make) == (where / A, False)
    cache.obtain(B, make)
    assert names(where) == [A, B]


# ---- the folder


def test_the_folder_is_absolute_also_if_it_is_not_given_so(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROAM_CACHE", "mine")
    assert cache.folder() == tmp_path / "mine"


def test_without_a_wish_it_is_the_users_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROAM_CACHE", "")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "user"))
    assert cache.folder() == tmp_path / "user" / "programs"


@pytest.fixture
def temporary(monkeypatch, tmp_path):
    """What is used instead of a folder that cannot be written."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / f"neuroam-cache-{os.getuid()}"


def test_a_folder_that_cannot_be_written_gives_way_to_a_private_one(temporary):
    assert cache.folder() == cache.folder() == temporary
    assert stat.S_IMODE(temporary.stat().st_mode) == 0o700


@pytest.mark.parametrize("what", ["open to all", "a link", "a file", "another's"])
def test_a_temporary_folder_that_others_can_write_is_not_used(temporary, what, monkeypatch):
    match what:
        case "open to all":
            temporary.mkdir()
            temporary.chmod(0o777)
        case "a link":
            (temporary.parent / "target").mkdir(mode=0o700)
            temporary.symlink_to("target")
        case "a file":
            temporary.touch(0o600)
        case _:
            temporary.mkdir(mode=0o700)
            uid = os.getuid() + 1
            monkeypatch.setattr("os.getuid", lambda: uid)
            temporary = temporary.rename(temporary.parent / f"neuroam-cache-{uid}")
    found = cache.folder()
    assert found != temporary
    assert found.parent == temporary.parent
    assert stat.S_IMODE(found.stat().st_mode) == 0o700


def test_no_folder_at_all_is_told(temporary, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(temporary.parent / "file"))
    with pytest.raises(EnvironmentLacks, match="neither .*/cache nor a temporary folder .*: set NEUROAM_CACHE"):
        cache.folder()


def test_the_record_is_small_and_readable(where):
    cache.obtain(A, make, "two_body_lif")
    record = json.loads((where / A / "entry.json").read_text(encoding="utf-8"))
    assert record == {
        "title": "two_body_lif",
        "files": {name: len(data) for name, data in FILES.items()},
        "folders": ["fixed", "none"],
    }
