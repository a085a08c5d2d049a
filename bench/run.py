#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""scripts/bench [OPTION]… [QUESTION]… - asks the questions (all, if none is named), each on a bed of its
own, and prints what was measured, and whether the bounds are held.

  --json FILE     also writes all figures there
  --rounds N      how often each figure is taken (default: 7, or fewer where a round takes minutes)
  --list          prints the questions
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BUILD = os.path.join(ROOT, "build", "release")
QUESTIONS = ("diff", "queue", "latency", "first_set", "large", "dual_stack", "synced",
             "main_context", "messages", "registrations", "idle", "dead_peer")

sys.path.insert(0, HERE)
import report as reports  # noqa: E402 pylint: disable=wrong-import-position


def ask_here(question, rounds, path):
    """On the bed: the question's measure() fills a report."""
    report = reports.Report(question)
    importlib.import_module("questions." + question).measure(report, BUILD, rounds)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report.to_json(), file)


def ask(question, rounds):
    """Brings up the question's bed, if it wants one, and asks there. None where it failed."""
    module = importlib.import_module("questions." + question)
    rounds = rounds or getattr(module, "ROUNDS", 7)
    with tempfile.NamedTemporaryFile() as file:
        command = [sys.executable, "-B", __file__, "--here", file.name, "--rounds", str(rounds),
                   question]
        if module.BED is not None:
            command = [os.path.join(ROOT, "tests", "lan", "run-on-bed"), *module.BED, "--", *command]
        status = subprocess.run(command, check=False).returncode
        return json.load(file) if status == 0 else None


def main():
    """Asks all that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question", nargs="*", choices=[[], *QUESTIONS])
    parser.add_argument("--json")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        for question in QUESTIONS:
            print(f"{question:14} {importlib.import_module('questions.' + question).__doc__}")
        return 0
    if options.here:
        ask_here(options.question[0], options.rounds, options.here)
        return 0
    answers, failed = [], []
    for question in options.question or QUESTIONS:
        answer = ask(question, options.rounds)
        if answer is None:
            print(f"{question}: could not be asked", file=sys.stderr)
            failed.append(question)
            continue
        reports.print_report(answer)
        sys.stdout.flush()
        answers.append(answer)
        if options.json:
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump(answers, file, indent=1)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
