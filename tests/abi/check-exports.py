#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the shared library exports what its public headers declare and nothing else."""

import argparse
import subprocess
import sys

from public_functions import declared_functions


def exported_symbols(nm, library):
    """The dynamic symbols that the library defines; version nodes (type A) are none."""
    output = subprocess.run(
        [nm, "--dynamic", "--defined-only", "--format=posix", library],
        check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in output.splitlines()]
    return {row[0].split("@")[0] for row in rows if row[1] != "A"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nm", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("headers", nargs="+")
    args = parser.parse_args()

    declared = set(declared_functions(args.headers))
    exported = exported_symbols(args.nm, args.library)
    for name in sorted(exported - declared):
        print(f"exported, but in no public header: {name}")
    for name in sorted(declared - exported):
        print(f"declared, but not exported: {name}")
    if len(declared) < 10:
        print(f"only {len(declared)} functions were found in the headers")
        return 1
    return 1 if exported != declared else 0


if __name__ == "__main__":
    sys.exit(main())
