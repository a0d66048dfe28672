"""Starts the simulated Microsoft and lets its own clients judge it. See `run`."""

import asyncio
import os
import pathlib
import sys
import tempfile
import time
import traceback

# These would take the place of our certificate authority, or lead off this machine.
for name in list(os.environ):
    if name.endswith("_CA_BUNDLE") or name.startswith("SSL_CERT_") or name.lower().endswith("_proxy"):
        del os.environ[name]

import entra  # noqa: E402
import graph  # noqa: E402
from microsoft import Microsoft  # noqa: E402


class Tally:
    """How many checks held; the others are told with their place."""

    def __init__(self):
        self.held, self.failed = 0, 0

    def note(self, check, error):
        if error is None:
            self.held += 1
            return
        self.failed += 1
        print(f"FAILED {check.__module__}.{check.__name__}", file=sys.stderr)
        traceback.print_exception(error)

    def run(self, check, *arguments):
        try:
            check(*arguments)
        except Exception as error:
            self.note(check, error)
        else:
            self.note(check, None)

    async def run_async(self, check, *arguments):
        try:
            await check(*arguments)
        except Exception as error:
            self.note(check, error)
        else:
            self.note(check, None)


def main():
    begun, tally = time.monotonic(), Tally()
    with tempfile.TemporaryDirectory() as folder:
        microsoft = Microsoft(pathlib.Path(folder))
        try:
            for check in entra.CHECKS:
                tally.run(check, microsoft)
            asyncio.run(graph.judge(microsoft, tally.run_async))
        finally:
            microsoft.close()
    seconds = time.monotonic() - begun
    print(f"Microsoft's own clients: {tally.held} checks held, {tally.failed} failed, {seconds:.0f} s")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
