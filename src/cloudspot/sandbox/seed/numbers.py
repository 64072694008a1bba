"""Numbers with a check digit: EAN-13, Belgian enterprise numbers, Dutch VAT numbers."""

from __future__ import annotations

from random import Random

BELGIAN_PREFIXES = tuple(str(prefix) for prefix in range(540, 550))
DUTCH_PREFIX = "87"
RESTRICTED_PREFIXES = ("20", "21", "28", "29")
"""For use within one shop: weighed goods, own labels."""

SCATTER = 618_033_989
"""Has no factor in common with ten, so that different serial numbers stay different when they are spread out."""


def ean13(random: Random, serial: int) -> str:
    """A valid EAN-13, unique within a company as long as the serial number is (below a thousand million)."""
    scattered = serial * SCATTER % 10**9
    kind = random.random()
    if kind < 0.6:
        prefix = BELGIAN_PREFIXES[int(random.random() * 10)]
    elif kind < 0.92:
        prefix = DUTCH_PREFIX
    else:
        prefix = RESTRICTED_PREFIXES[int(random.random() * 4)]
    body = f"{prefix}{scattered:0{12 - len(prefix)}d}"
    return f"{body}{ean_check_digit(body)}"


def ean_check_digit(body: str) -> int:
    """The thirteenth digit that goes with the first twelve."""
    odd, even = body[::2], body[1::2]
    return -(sum(map(int, odd)) + 3 * sum(map(int, even))) % 10


def enterprise_number(random: Random) -> str:
    """A valid Belgian enterprise (KBO) number, ten digits: the last two are 97 minus the rest modulo 97."""
    body = 2_000_000 + int(random.random() * 8_000_000)
    return f"{body:08d}{97 - body % 97:02d}"


def dotted(number: str) -> str:
    """A KBO number as it is printed: 0123.456.789."""
    return f"{number[:4]}.{number[4:7]}.{number[7:]}"


def dutch_vat_number(random: Random) -> str:
    """A valid Dutch VAT number: an eleven-proof RSIN, `B` and a serial of two digits."""
    while True:
        body = 1_000_000 + int(random.random() * 85_000_000)
        digits = f"{body:08d}"
        check = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"NL{digits}{check}B{1 + int(random.random() * 3):02d}"
