#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""diff-set.py [ROUNDS] - what diff.c measures, with Python's set: the set of the new ids, and its
differences with the old one both ways. The hash of a string is kept in it by Python."""

import random
import sys
import time
import uuid

MIN_IDS = 2000000


def measure(one, other):
    times = max(MIN_IDS // len(one), 2)
    old, events = set(one), 0
    old = set(other)
    begin = time.process_time()
    for i in range(times):
        new = set(other if i % 2 else one)
        events += len(new - old) + len(old - new)
        old = new
    assert events == times * 2 * max(len(one) // 100, 1)
    return (time.process_time() - begin) * 1e9 / times / len(one)


random.seed(20261126)
for n in (1000, 100000, 1000000):
    ids = [str(uuid.uuid4()) for _ in range(n)]
    changed = ids[n // 100:] + [str(uuid.uuid4()) for _ in range(n // 100)]
    random.shuffle(changed)
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 7):
        print(f"churn {n}\tPython set\t{measure(ids, changed):.2f}", flush=True)
