#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""write-pages.py FOLDER PAGE.md… — writes pages as gi-docgen wants them.

The pages are plain Markdown, which reads well where the repository is shown. gi-docgen wants a title as
metadata, links to .html, one word after a fence, and takes a percent sign for gtk-doc's mark of a
constant, in code too. A link to a page that is not in the manual is an error.
"""
import html
import os
import re
import sys


def write_code(match):
    return '<code>' + html.escape(match[1]).replace('%', '&#37;') + '</code>'


def convert(page, name, names):
    def link(match):
        if match[1] not in names:
            sys.exit(f'{name}: {match[1]} is no page of the manual')
        return f']({match[1][:-3]}.html'

    title = re.search(r'^# (.*)$', page, re.M)
    if title is None:
        sys.exit(f'{name}: there is no title')
    parts = re.split(r'(^```.*?^```$)', page[title.start():], flags=re.M | re.S)
    for i in range(0, len(parts), 2):  # those between are blocks of code
        parts[i] = re.sub(r'\]\(([\w-]+\.md)', link, parts[i])
        parts[i] = re.sub(r'`([^`\n]*%[^`\n]*)`', write_code, parts[i])
    for i in range(1, len(parts), 2):  # which may name the file that they are from
        parts[i] = re.sub(r'^```(\w+) .*', r'```\1', parts[i])
    return f'Title: {title[1]}\n\n' + ''.join(parts)


def main():
    folder, *pages = sys.argv[1:]
    names = [os.path.basename(page) for page in pages]
    os.makedirs(folder, exist_ok=True)
    for page, name in zip(pages, names):
        with open(page, encoding='utf-8') as file:
            text = convert(file.read(), name, names)
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            file.write(text)


main()
