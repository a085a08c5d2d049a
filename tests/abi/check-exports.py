#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the shared library exports what its public headers declare and nothing else.

And that this is what the list of symbols says, which packages need: it has the version since which a
symbol is there, and a program depends on the latest of those that it uses. So a symbol is never taken
off the list, unless the soname changes.
"""

import argparse
import re
import subprocess
import sys

from public_functions import declared_functions


def exported_symbols(nm, library):
    """The dynamic symbols that the library defines, as NAME@NODE; the nodes (type A) are none."""
    output = subprocess.run(
        [nm, "--dynamic", "--defined-only", "--format=posix", library],
        check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in output.splitlines()]
    return {row[0].replace("@@", "@") for row in rows if row[1] != "A"}


def listed_symbols(path):
    """The symbols of a list for dpkg-gensymbols, as NAME@NODE, without the nodes themselves."""
    with open(path, encoding="utf-8") as file:
        symbols = re.findall(r"^ ((\S+)@(\S+)) \S+$", file.read(), flags=re.MULTILINE)
    return {symbol for symbol, name, node in symbols if name != node}


def report(what, symbols):
    """Prints what is wrong with each of the symbols; returns whether there are any."""
    for symbol in sorted(symbols):
        print(f"{what}: {symbol}")
    return bool(symbols)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nm", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--symbols", required=True)
    parser.add_argument("headers", nargs="+")
    args = parser.parse_args()

    declared = set(declared_functions(args.headers))
    exported = exported_symbols(args.nm, args.library)
    listed = listed_symbols(args.symbols)
    names = {symbol.split("@")[0] for symbol in exported}
    if len(declared) < 10:
        print(f"only {len(declared)} functions were found in the headers")
        return 1
    faults = [
        report("exported, but in no public header", names - declared),
        report("declared, but not exported", declared - names),
        report(f"exported, but not in {args.symbols}", exported - listed),
        report(f"not exported, but in {args.symbols}", listed - exported),
    ]
    return 1 if any(faults) else 0


if __name__ == "__main__":
    sys.exit(main())
