#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-page.py PAGE… WORK_DIR — compiles and runs the code of pages, so that it cannot rot.

A page is Markdown, or C with docstrings. What counts as code are its fenced blocks, by their language:

  c       A block with an #include begins a program; those after it go on with it. What begins in the
          first column with a brace is taken as it is, everything else is statements, which may use
          the variables in GIVEN_C. A program with main() is linked.
  python  A block with an import begins a program, which is run; those after it go on with it.
  vala    A block with main() begins a program, which is linked; those after it go on with it, like
          C's.
  output  What the program before it prints. That is why it is run, with an agent in memory instead of
          one on the network. Programs that are tests are run as well.
  sh      Command lines of disco(1) are asked whether they would do.
  text    Anything else.

Python and Vala are left out where there are no bindings: without DOCS_BINDINGS in the environment, the
folder of the Vala API.

With DOCS_INSTALLED in the environment, where the library is installed, also:

  sh      Command lines of cc and valac are run, to compile the page's first program.
  meson, cmake
          A build file, which builds that program.

A block with a file's name after its language, from the top of the sources on, is an excerpt of that
file, whose code is built and tested elsewhere. It must stand in it like that, whatever its indentation
(but meson.build is a build file all the same, and builds what is in its folder).

A block of another language, or none, is an error.
"""
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading

GIVEN_C = '''DiscoAgent *agent, DiscoRegistration *registration, DiscoService *service,
  DiscoWatcher *watcher, DiscoInstance *instance, GSocketListener *listener, GMainLoop *loop,
  GCancellable *cancellable, GError *error, gpointer self'''
GIVEN_VALA = 'Disco.Agent agent, Disco.Registration registration, Disco.Instance instance'
IN_MEMORY = [
    ('disco_avahi_agent_new (DISCO_BACKEND_AUTO)', 'disco_local_agent_new ()'),
    ('Disco.AvahiAgent.new(Disco.Backend.AUTO)', 'Disco.LocalAgent.new()'),
    ('new Disco.AvahiAgent (Disco.Backend.AUTO)', 'new Disco.LocalAgent ()'),
]
SOURCES = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HAS_BINDINGS = 'DOCS_BINDINGS' in os.environ
TIMEOUT_S = 60


class Block:
    def __init__(self, page, line, info, text):
        self.page, self.line, self.text = page, line, text
        self.language, _, self.file = info.partition(' ')

    def fail(self, message):
        sys.exit(f'{self.page}:{self.line}: {message}')


class Program:
    """The blocks of one program, in order, and what it prints if that is known."""

    def __init__(self, block):
        self.blocks = [block]
        self.output = None

    @property
    def text(self):
        return '\n'.join(block.text for block in self.blocks)


def read_blocks(page):
    blocks, begin, language, lines = [], None, None, []
    with open(page, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            if page.endswith('.c'):
                line = re.sub(r'^ \* ?', '', line) if line.startswith(' *') else '\n'
            fence = re.match(r'```(.*)$', line)
            if fence and begin is None:
                begin, language, lines = number, fence[1].strip(), []
            elif fence:
                blocks.append(Block(page, begin, language, ''.join(lines)))
                begin = None
            elif begin is not None:
                lines.append(line)
    if begin is not None:
        sys.exit(f'{page}:{begin}: this block has no end')
    return blocks


def unindent(text):
    return ''.join(line.strip() + '\n' for line in text.splitlines())


def check_excerpt(block):
    try:
        with open(os.path.join(SOURCES, block.file), encoding='utf-8') as file:
            whole = unindent(file.read())
    except OSError as error:
        block.fail(error)
    if '\n' + unindent(block.text) not in '\n' + whole:
        block.fail(f'this does not stand in {block.file}')


BEGINS = {'c': r'^#include', 'python': r'^(import|from) ', 'vala': r'\bmain \('}


def join_programs(blocks):
    """The programs of each language, and the other blocks. Output is the last program's."""
    programs, others, last = {language: [] for language in BEGINS}, [], None
    for block in blocks:
        if block.file:
            check_excerpt(block)
            others.append(block)
        elif block.language in BEGINS:
            known = programs[block.language]
            if re.search(BEGINS[block.language], block.text, re.M) or not known:
                known.append(Program(block))
            else:
                known[-1].blocks.append(block)
            last = known[-1]
        elif block.language == 'output':
            if last is None:
                block.fail('there is no program before it that prints this')
            last.output = (last.output or '') + block.text
        elif block.language in ('sh', 'meson', 'cmake'):
            others.append(block)
        elif block.language != 'text':
            block.fail(f'"{block.language}" is no language that is checked')
    return programs, others


def run(block, command, **options):
    """Runs a command that has to succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=TIMEOUT_S, check=False, **options)
    if done.returncode != 0:
        print(done.stdout + done.stderr)
        block.fail(f'exit status {done.returncode} of {command}')


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def in_memory(text):
    for network, memory in IN_MEMORY:
        text = text.replace(network, memory)
    return text


def run_program(program, text, command):
    """Runs a program. One with a main loop is interrupted when it has printed what it should."""
    block, printed = program.blocks[0], ''
    goes_on = re.search('MainLoop', text) is not None
    if re.search(r'avahi_agent_new|AvahiAgent(\.new)? ?\(|_TYPE_AVAHI_AGENT', text):
        block.fail('this would be run on the network')
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        timer = threading.Timer(TIMEOUT_S, process.kill)
        timer.start()
        for line in process.stdout:
            printed += line
            if goes_on and printed == program.output:
                process.send_signal(signal.SIGINT)
        process.wait()
        timer.cancel()
    if program.output is not None and printed != program.output:
        block.fail(f'this is said to print\n{program.output}and prints\n{printed}')
    if process.returncode not in (0, -signal.SIGINT):
        block.fail(f'exit status {process.returncode} of {shlex.join(command)}')


# --- C and Vala ---

def has_main(text):
    return re.search(r'\bmain \(', text) is not None


def is_code_at_file_level(text):
    return re.search(r'^({|#include|#define|typedef|struct )', text, re.M) is not None


def assemble_c(program):
    parts = []
    for number, block in enumerate(program.blocks):
        line = f'#line {block.line + 1} "{block.page}"\n'
        if is_code_at_file_level(block.text):
            parts.append(line + block.text)
        else:
            parts.append(f'void statements_{number} ({GIVEN_C})\n{{ {{\n{line}{block.text}}} }}\n')
    text = '\n'.join(parts)
    return text if '#include' in text else '#include <disco/disco.h>\n' + text


def flags_c(text):
    flags = ['-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter']
    if 'void statements_' in text or not has_main(text):
        flags.append('-Wno-unused')
    flags += shlex.split(os.environ['DOCS_CFLAGS'])
    packages = [package for package in ('avahi-gobject', 'avahi-glib') if f'<{package}/' in text]
    if '<avahi-' in text:
        packages.append('avahi-client')
        flags += shlex.split(subprocess.run(['pkg-config', '--cflags', '--libs', *packages],
                                            text=True, stdout=subprocess.PIPE, check=True).stdout)
    return flags


def build_c(program, text, path):
    write(path + '.c', text)
    flags = flags_c(text)
    libraries = shlex.split(os.environ['DOCS_LIBS'])
    if has_main(text):
        run(program.blocks[0], [os.environ['CC'], path + '.c', '-o', path, *flags, *libraries])
    else:
        run(program.blocks[0], [os.environ['CC'], '-c', path + '.c', '-o', path + '.o', *flags])


def assemble_vala(program):
    parts = []
    for number, block in enumerate(program.blocks):
        if is_code_at_file_level(block.text):
            parts.append(block.text)
        else:
            parts.append(f'async void statements_{number} ({GIVEN_VALA}) throws GLib.Error\n'
                         f'{{ {{\n{block.text}}} }}\n')
    return '\n'.join(parts)


def build_vala(program, text, path):
    write(path + '.vala', text)
    flags = ['-X', '-w']  # what valac writes gives warnings
    for flag in shlex.split(os.environ['DOCS_CFLAGS'] + ' ' + os.environ['DOCS_LIBS']):
        flags += ['-X', flag]
    if len(program.blocks) == 1:
        flags.append('--fatal-warnings')
    run(program.blocks[0], ['valac', '--vapidir', os.environ['DOCS_BINDINGS'], '--pkg', 'disco-1',
                            path + '.vala', '-o', path, *flags])


def check_compiled(programs, prefix, assemble, build):
    for number, program in enumerate(programs):
        path = f'{prefix}-{number}'
        text = assemble(program)
        build(program, text, path)
        if program.output is not None or re.search(r'g_test_run \(|Test\.run \(', text):
            build(program, in_memory(text), path + '-in-memory')
            reached = '\n'.join(block.text for block in program.blocks
                                if is_code_at_file_level(block.text))
            run_program(program, in_memory(reached), [path + '-in-memory'])


# --- the others ---

def check_python(programs, work):
    for number, program in enumerate(programs):
        path = os.path.join(work, f'python-{number}.py')
        text = in_memory(program.text)
        write(path, text)
        run_program(program, text, [sys.executable, '-B', '-u', '-W', 'error:Disco', path])


def write_source(block, programs, work):
    """A folder with the page's first program, under the name that the block gives it."""
    source = re.search(r'\w+\.(c|vala)\b', block.text)
    if source is None:
        block.fail('this names no file to compile')
    folder = os.path.join(work, block.language)
    os.makedirs(folder, exist_ok=True)
    program = programs[source[1]][0]
    write(os.path.join(folder, source[0]), program.blocks[0].text)
    return folder


def check_sh(block, programs, work):
    """With --help at its end a command line of disco is parsed, and not carried out."""
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ['disco']:
            end = next((i for i, word in enumerate(words) if word in ('|', '>', '&')), len(words))
            run(block, [os.environ['DOCS_TOOL'], *words[1:end], '--help'])
        elif words[:1] in (['cc'], ['valac']) and can_run(words[0]):
            run(block, line, cwd=write_source(block, programs, work), shell=True)


def can_run(program):
    """Whether to try what only works with an installed library."""
    if 'DOCS_INSTALLED' not in os.environ or (program == 'valac' and not HAS_BINDINGS):
        return False
    if shutil.which(program) is None:
        print(f'there is no {program} to try this with')
        return False
    return True


def has_packages(text):
    """Whether what an example needs is there; the library is."""
    for package in re.findall(r"dependency \('([^']+)'", text):
        if subprocess.run(['pkg-config', '--exists', package], check=False).returncode != 0:
            print(f'there is no {package} to build this with')
            return False
    return True


def build_example(block, work):
    """Builds the folder of a meson.build as somebody would who copied it."""
    folder = os.path.join(work, os.path.basename(os.path.dirname(block.file)))
    shutil.copytree(os.path.join(SOURCES, os.path.dirname(block.file)), folder)
    run(block, ['meson', 'setup', '--werror', folder + '/build', folder])
    run(block, ['meson', 'compile', '-C', folder + '/build'])


def check_build_file(block, programs, work):
    folder = write_source(block, programs, work)
    if block.language == 'meson':
        write(os.path.join(folder, 'meson.build'), block.text)
        run(block, ['meson', 'setup', folder + '/build', folder])
        run(block, ['meson', 'compile', '-C', folder + '/build'])
    else:
        write(os.path.join(folder, 'CMakeLists.txt'), block.text)
        run(block, ['cmake', '-S', folder, '-B', folder + '/build', '-G', 'Ninja'])
        run(block, ['cmake', '--build', folder + '/build'])


def check_page(page, work):
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    programs, others = join_programs(read_blocks(page))
    check_compiled(programs['c'], os.path.join(work, 'c'), assemble_c, build_c)
    if HAS_BINDINGS:
        check_compiled(programs['vala'], os.path.join(work, 'vala'), assemble_vala, build_vala)
        check_python(programs['python'], work)
    for block in others:
        if block.file:
            if (block.file.endswith('meson.build') and can_run('meson')
                    and has_packages(block.text)):
                build_example(block, work)
        elif block.language == 'sh':
            check_sh(block, programs, work)
        elif can_run(block.language):
            check_build_file(block, programs, work)


def main():
    *pages, work = sys.argv[1:]
    for page in pages:
        check_page(page, os.path.join(work, os.path.basename(page)))


main()
