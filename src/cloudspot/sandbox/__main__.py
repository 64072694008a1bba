"""`python -m cloudspot.sandbox`."""

from .command import sandbox

if __name__ == "__main__":
    sandbox(prog_name="python -m cloudspot.sandbox")
