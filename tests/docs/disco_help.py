# SPDX-License-Identifier: LGPL-2.1-or-later
"""What disco(1) says of itself with --help."""
import re
import subprocess


def ask(tool, *arguments):
    return subprocess.run([tool, *arguments, '--help'], stdout=subprocess.PIPE, text=True,
                          check=True, timeout=60).stdout


def read_commands(tool):
    section = re.search(r'^Commands:\n(.*?)\n\n', ask(tool), re.M | re.S)[1]
    return re.findall(r'^  (\w+)', section, re.M)


def read_options(tool, *command):
    return set(re.findall(r'^  (?:-h, )?(--[\w-]+)', ask(tool, *command), re.M))
