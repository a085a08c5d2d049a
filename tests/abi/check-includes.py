#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks who includes whom, where the include paths of the layers cannot say it."""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"][^>"]+[>"])', re.MULTILINE)

PUBLIC = re.compile(r"<(gio/gio\.h|disco/disco[\w-]*\.h)>")
AVAHI = re.compile(r"<avahi-")
DISCO_INTERNAL = re.compile(r'["<](disco-.*-private\.h)[">]')


def sources(root, *folders):
    """All C sources, headers and header templates in folders of root."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.name.endswith((".c", ".h", ".h.in")):
                yield path


def main():
    root = pathlib.Path(sys.argv[1])
    faults = []
    n_files = 0

    def check(path, is_wrong, why):
        for include in INCLUDE.findall(path.read_text(encoding="utf-8")):
            if is_wrong(include):
                faults.append(f"{path.relative_to(root)}: {include}: {why}")

    for path in sources(root, "include"):
        n_files += 1
        check(path, lambda text: not PUBLIC.fullmatch(text),
              "a public header includes <gio/gio.h> and <disco/…> only")
    for path in sources(root, "src", "tools", "examples"):
        n_files += 1
        if path.relative_to(root).parts[:2] not in (("src", "avahi"), ("src", "responder")):
            check(path, AVAHI.match, "only src/avahi and src/responder see Avahi")
    for path in sources(root, "tools", "examples"):
        check(path, DISCO_INTERNAL.match, "programs use the public headers only")

    print("\n".join(faults) or f"{n_files} files include what they may")
    return 1 if faults or n_files < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
