"""The program of this directory's README in Python, for componentize-py."""

import sys

from wit_world import exports
from wit_world.imports import environment, exit


class Run(exports.Run):
    def run(self) -> None:
        print("hello from python")
        print("|".join(environment.get_arguments()[1:]))
        print(dict(environment.get_environment())["NAME"])
        with open("/in") as file:
            text = file.read()
        print(text)
        with open("/out", "w") as file:
            file.write(text)
        print("bye", file=sys.stderr)
        sys.stdout.flush()
        exit.exit_with_code(7)
