#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""look-zeroconf.py TYPE COUNT - python-zeroconf in its asynchronous form: a browser, and a question for
what it finds. Says "imported" when Python is ready to begin, and "known" when COUNT instances are
resolved; ends when its input does."""

import asyncio
import sys

from zeroconf import ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

RESOLVE_MS = 30000


async def main(service_type, wanted):
    known = set()
    tasks = set()
    responder = AsyncZeroconf()

    async def resolve(name):
        info = AsyncServiceInfo(service_type, name)
        if await info.async_request(responder.zeroconf, RESOLVE_MS):
            known.add(name)
            if len(known) == wanted:
                print("known", flush=True)

    def on_change(zeroconf, service_type, name, state_change):
        if state_change is ServiceStateChange.Added:
            task = asyncio.ensure_future(resolve(name))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    browser = AsyncServiceBrowser(responder.zeroconf, service_type, handlers=[on_change])
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await browser.async_cancel()
    await responder.async_close()


print("imported", flush=True)
asyncio.run(main(sys.argv[1] + ".local.", int(sys.argv[2])))
