"""`cloudspot sandbox`: the command lives with the sandbox, which also runs it as `python -m cloudspot.sandbox`."""

from cloudspot.sandbox.command import sandbox

__all__ = ["sandbox"]
