"""The command rocksetd: the server lies beside this file; this process becomes it."""

import os
import sys


def main():
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rocksetd")
    os.execv(program, [program, *sys.argv[1:]])
