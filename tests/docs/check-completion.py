#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-completion.py bash|zsh TOOL FILE — types command lines into the shell, presses Tab, and compares
what is offered with disco --help.
"""
import os
import pty
import re
import select
import sys
import tempfile
import time

import disco_help

DEADLINE_S = 30

SETUP = {
    'bash': '''bind 'set show-all-if-ambiguous on'; bind 'set completion-query-items 0'
bind 'set page-completions off'; bind 'set enable-bracketed-paste off'; source {file}
''',
    'zsh': '''fpath=({folder} $fpath); LISTMAX=0; unsetopt zle_bracketed_paste prompt_cr beep
autoload -Uz compinit; compinit -u -D
''',
}
COMMAND = {'bash': ['bash', '--norc', '--noprofile', '-i'], 'zsh': ['zsh', '-f', '-i']}


class Shell:
    def __init__(self, name, file, home):
        environment = {'HOME': home, 'TERM': 'dumb', 'COLUMNS': '200', 'LINES': '100', 'PS1': '> ', 'LC_ALL': 'C.UTF-8',
                       'PATH': os.environ['PATH']}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(COMMAND[name][0], COMMAND[name], environment)
        self.count = 0
        self.enter(SETUP[name].format(file=file, folder=os.path.dirname(file)))

    def read_until(self, is_enough):
        """Returns what was read when that is enough, or when nothing more came in time."""
        seen, deadline = '', time.monotonic() + DEADLINE_S
        while not is_enough(seen):
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                break
            seen += os.read(self.fd, 65536).decode(errors='replace')
        return seen

    def enter(self, text):
        """Enters lines, and returns what was printed until there is a prompt again."""
        self.count += 1
        os.write(self.fd, text.encode() + f'echo END$(({self.count}+0))\n'.encode())
        return self.read_until(lambda seen: re.search(rf'END{self.count}\r\n.*> ', seen, re.S))

    def complete(self, text, is_enough):
        """Types text and Tab, waits, and clears the line; returns all that was shown."""
        os.write(self.fd, text.encode() + b'\t')
        seen = self.read_until(is_enough)
        return seen + self.enter('\x15')  # Ctrl+U

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def check_list(shell, line, pattern, expected):
    """That the shell offers these words, and no other."""
    def find(seen):
        return set(re.findall(pattern, seen.split(line, 1)[-1])) - {'echo'}

    offered = find(shell.complete(line, lambda seen: find(seen) >= expected))
    if offered != expected:
        sys.exit(f'{line}: offered are {sorted(offered)}, and there are {sorted(expected)}')


def check_all(shell, tool):
    commands = disco_help.read_commands(tool)
    check_list(shell, 'disco ', rf'\b(?:{"|".join(commands)})\b(?=  |\r| --)', set(commands))
    for command in ['', *commands]:
        options = disco_help.read_options(tool, *[command] * (command not in ('', 'help')))
        check_list(shell, f'disco {command} --', '--[a-z]+', options)
    for typed, whole in (('disco reg', 'register '),
                         ('disco --backend=dae', 'daemon'),
                         ('disco --interface l', ' lo'),
                         ('disco --backend embedded watch --on', '--once'),
                         ('disco --interface=lo lookup --al', '--all')):
        shown = shell.complete(typed, lambda seen, whole=whole: whole in seen)
        if whole not in shown:
            sys.exit(f'{typed}: did not become {whole}: {shown!r}')


def main():
    name, tool, file = sys.argv[1:]
    with tempfile.TemporaryDirectory() as home:
        shell = Shell(name, os.path.abspath(file), home)
        check_all(shell, tool)
        shell.close()


main()
