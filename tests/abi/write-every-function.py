#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a C program that refers to every public function, so that a missing export fails to link."""

import sys

from public_functions import declared_functions


def main():
    print("#include <disco/disco.h>")
    print("typedef void (*Function) (void);")
    print("extern const Function functions[];")
    print("const Function functions[] = {")
    for name in declared_functions(sys.argv[1:]):
        print(f"  (Function){name},")
    print("};")
    print("int main (void) { return functions[0] == NULL; }")


if __name__ == "__main__":
    main()
