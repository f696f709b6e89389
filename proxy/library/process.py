"""`runner.WorkOn` in a process of its own.

Files come from anybody who may write; what they do to a parser, they do not to the server, and a
job that is cancelled is gone at once. The process ends when this one does: its standard input is a
pipe from here.
"""

import asyncio
import subprocess
import sys

from proxy.library.runner import JobBroken, JobEnd

BUSY_EXIT_CODE = 75
"""EX_TEMPFAIL of sysexits.h: the book is being written by somebody else."""


async def work_in_process(job_id: str) -> JobEnd:
    """See `runner.WorkOn`."""
    # Not asyncio's own: uvloop lets a child inherit the listening socket and its own pipes, so that
    # it would neither notice our end nor let our successor listen.
    process = await asyncio.to_thread(_start, job_id)
    try:
        code = await asyncio.to_thread(process.wait)
    finally:
        process.kill()
        await asyncio.shield(asyncio.to_thread(_reap, process))
    if code == 0:
        return "settled"
    if code == BUSY_EXIT_CODE:
        return "busy"
    raise JobBroken(f"The process that ingested ended with code {code}.")


def _start(job_id: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own interpreter; an id of ours
        [sys.executable, "-m", "proxy", "run-job", job_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )


def _reap(process: "subprocess.Popen[bytes]") -> None:
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
