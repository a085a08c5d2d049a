# SPDX-License-Identifier: LGPL-2.1-or-later
"""The functions that the public headers declare."""

import re


def declared_functions(paths):
    """The names of all functions declared in the headers, sorted."""
    names = set()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        text = re.sub(r"^[ \t]*#.*(?:\\\n.*)*$", "", text, flags=re.MULTILINE)
        names.update(re.findall(r"\b(disco_\w+)\s*\(", text))
        for snake in re.findall(r"\bG_DECLARE_\w+\s*\(\s*\w+,\s*(\w+)", text):
            names.add(snake + "_get_type")
    return sorted(names)
