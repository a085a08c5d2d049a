#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""scripts/bench [OPTION]… [QUESTION]… - asks the questions (all, if none is named), each on a bed of its
own, and prints what was measured, and whether the bounds are held. All of it takes an hour or more, in
which the machine should have nothing else to do.

  --json FILE     also writes all figures there
  --rounds N      how often each figure is taken (default: 7, or what the question says)
  --list          prints the questions, and how many minutes each takes
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
QUESTIONS = ("diff", "queue", "first_set", "dual_stack", "synced", "main_context", "registrations",
             "latency", "hang", "large", "messages", "idle", "dead_peer")
# Only where it is named: it takes both processors for minutes.
ON_REQUEST = ("limits",)
# These wait or count for most of their time, so they are asked at one time.
AT_ONCE = ("messages", "idle", "dead_peer")

sys.path.insert(0, HERE)
import report as reports  # noqa: E402 pylint: disable=wrong-import-position


def ask_here(question, rounds, path):
    """On the bed: the question's measure() fills a report."""
    report = reports.Report(question)
    importlib.import_module("questions." + question).measure(report, BUILD, rounds)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report.to_json(), file)


class Asked:
    """A question that is being asked: on the bed that it wants, if it wants one."""

    def __init__(self, question, rounds):
        module = importlib.import_module("questions." + question)
        rounds = rounds or getattr(module, "ROUNDS", 7)
        self.question = question
        self.file = tempfile.NamedTemporaryFile()
        command = [sys.executable, "-B", __file__, "--here", self.file.name, "--rounds", str(rounds),
                   question]
        if module.BED is not None:
            command = [os.path.join(ROOT, "tests", "lan", "run-on-bed"), *module.BED, "--", *command]
        self.process = subprocess.Popen(command)

    def wait(self):
        """The answer. None where it failed."""
        with self.file:
            return json.load(self.file) if self.process.wait() == 0 else None


def ask_all(questions, rounds):
    """Each with its answer, one after the other and then those that go at one time."""
    for question in questions:
        if question not in AT_ONCE:
            yield question, Asked(question, rounds).wait()
    for asked in [Asked(question, rounds) for question in questions if question in AT_ONCE]:
        yield asked.question, asked.wait()


def main():
    """Asks all that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question", nargs="*", choices=[[], *QUESTIONS, *ON_REQUEST])
    parser.add_argument("--json")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        for question in QUESTIONS + ON_REQUEST:
            module = importlib.import_module("questions." + question)
            print(f"{question:14} {module.MINUTES:2} min  {module.__doc__}")
        return 0
    if options.here:
        ask_here(options.question[0], options.rounds, options.here)
        return 0
    answers, failed = [], []
    for question, answer in ask_all(options.question or QUESTIONS, options.rounds):
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
    bounds = [bound for answer in answers for bound in answer["bounds"]]
    missed = sum(not bound["held"] for bound in bounds)
    print(f"\n{len(bounds) - missed} of {len(bounds)} bounds held")
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
