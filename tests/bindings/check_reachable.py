#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that every public function can be called from another language, and that no value in it is
a pointer to who knows what.

    check_reachable.py GIR HEADER…
"""

import os
import sys
import xml.etree.ElementTree as ElementTree

import gi

gi.require_version("Disco", "1")
from gi.repository import Disco  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "abi"))
from public_functions import declared_functions  # noqa: E402

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
CALLABLES = tuple(CORE + kind for kind in ("function", "method", "constructor"))
HOLDERS = tuple(CORE + kind for kind in (
    "class", "interface", "record", "enumeration", "bitfield", "union"))
VALUES = CALLABLES + (CORE + "virtual-method", CORE + "property", GLIB + "signal")


def get_type_functions(namespace):
    return {holder.get(GLIB + "get-type") for holder in namespace if holder.tag in HOLDERS}


def callables(namespace):
    """(name of the holder or None, element) of everything that can be called."""
    for child in namespace:
        if child.tag in CALLABLES:
            yield None, child
        elif child.tag in HOLDERS:
            for member in child:
                if member.tag in CALLABLES:
                    yield child.get("name"), member


def is_reachable(holder, element):
    """Whether Python finds it where the GIR says that it is."""
    scope = Disco if holder is None else getattr(Disco, holder, None)
    return callable(getattr(scope, element.get("name"), None))


def find_faults_of_functions(namespace, headers):
    found = dict.fromkeys(get_type_functions(namespace), True)
    for holder, element in callables(namespace):
        name = element.get(C + "identifier")
        usable = element.get("introspectable") != "0" and (
            element.get("moved-to") is not None or is_reachable(holder, element))
        found[name] = found.get(name, False) or usable
    for name in declared_functions(headers):
        if not found.get(name):
            yield "%s cannot be called%s" % (name, "" if name in found else ": it is not there")


def is_raw(element):
    """Whether the type is, or holds, a pointer without a type."""
    return any(kind.get("name") in ("gpointer", "gconstpointer", None)
               for kind in element.iter(CORE + "type"))


def closures(parameters):
    """The parameters that are the data of a callback, which bindings fill in by themselves."""
    positions = {parameter.get("closure") for parameter in parameters}
    return {id(parameter) for position, parameter in enumerate(parameters)
            if str(position) in positions}


def find_faults_of_values(namespace):
    for element in namespace.iter():
        if element.tag not in VALUES:
            continue
        name = element.get(C + "identifier") or element.get("name")
        parameters = element.findall("%sparameters/%sparameter" % (CORE, CORE))
        allowed = closures(parameters)
        for value in parameters + element.findall(CORE + "return-value"):
            if id(value) not in allowed and is_raw(value):
                yield "%s: %s is a raw pointer" % (name, value.get("name", "what it returns"))
        if element.tag == CORE + "property" and is_raw(element):
            yield "property %s is a raw pointer" % name


def main():
    gir, *headers = sys.argv[1:]
    namespace = ElementTree.parse(gir).getroot().find(CORE + "namespace")
    faults = [*find_faults_of_functions(namespace, headers), *find_faults_of_values(namespace)]
    n_callables = sum(1 for _ in callables(namespace))
    print("\n".join(faults) or "%d functions can be called" % n_callables)
    return 1 if faults or n_callables < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
