"""measure.py REPORT COMMAND...: runs a command and writes what it cost to REPORT as JSON.

When the command was started in seconds since 1970, wall and CPU time in seconds, peak resident memory of the largest process in bytes
(Linux counts ru_maxrss in KiB, macOS in bytes).
"""

import json
import resource
import subprocess
import sys
import time

report, *command = sys.argv[1:]
started_at = time.time()
started = time.monotonic()
status = subprocess.call(command, stdin=subprocess.DEVNULL)
wall = time.monotonic() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(report, "w", encoding="utf-8") as file:
    json.dump(
        {
            "status": status,
            "startedAt": started_at,
            "wallSeconds": wall,
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            "peakBytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        },
        file,
    )
