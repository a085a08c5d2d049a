#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-man.py TOOL FOLDER — lints the manual pages in the folder; compares disco(1) with disco --help,
and tries its examples.
"""
import glob
import os
import re
import shlex
import subprocess
import sys

import disco_help

faults = []


def compare(what, documented, known):
    for word in sorted(known - documented):
        faults.append(f'{what}: {word} is not documented')
    for word in sorted(documented - known):
        faults.append(f'{what}: there is no {word}')


def find_options(text):
    return {'--' + name for name in re.findall(r'^\.It .*?Fl Fl (\w+)', text, re.M)}


def section(page, name):
    return re.search(rf'^\.Sh {name}\n(.*?)^\.Sh ', page, re.M | re.S)[1]


def check_commands(tool, page):
    """Each command has an item of its own, with what it alone takes."""
    parts = re.split(r'^\.It Cm (\w+).*\n', section(page, 'COMMANDS'), flags=re.M)
    documented = dict(zip(parts[1::2], parts[2::2]))
    general = disco_help.read_options(tool)
    compare('commands', set(documented), set(disco_help.read_commands(tool)))
    compare('options', find_options(section(page, 'OPTIONS')), general)
    for command in documented.keys() - {'help'}:
        compare(command, find_options(documented[command]),
                disco_help.read_options(tool, command) - general)


def check_examples(tool, page):
    """With --help at its end a command line is parsed, and not carried out."""
    examples = re.findall(r'^(?:\.Dl )?\$ disco (.*?)(?: \|.*)?$', page, re.M)
    if not examples:
        faults.append('there is no example')
    for example in examples:
        done = subprocess.run([tool, *shlex.split(example), '--help'], stdout=subprocess.DEVNULL,
                              check=False, timeout=60)
        if done.returncode != 0:
            faults.append(f'disco {example}: exit status {done.returncode}')


def lint(name):
    """Neither of the two programs that show manual pages has anything to say."""
    for command in (['mandoc', '-T', 'lint', '-W', 'warning', name],
                    ['man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', name]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False, timeout=60, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
        said = done.stderr if command[0] == 'man' else done.stdout + done.stderr
        if said or done.returncode != 0:
            faults.append(f'{command[0]}: exit status {done.returncode}\n{said}')


def main():
    tool, folder = sys.argv[1:]
    for name in glob.glob(folder + '/*'):
        lint(name)
    with open(folder + '/disco.1', encoding='utf-8') as file:
        page = file.read()
    check_commands(tool, page)
    check_examples(tool, page)
    if faults:
        sys.exit('\n'.join(faults))


main()
