#!/usr/bin/env python3
"""The graduated quotes of benches/quotes.rs with Python's decimal, written straightforwardly: what they are compared with.

Amount and explanation are both made, and the amount alone as well. `python3 benches/quotes.py [SECONDS]`
"""

import sys
import time
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
TIERS = [
    (Decimal(500), Decimal("2.75")),
    (Decimal(1000), Decimal("2.6")),
    (Decimal(2500), Decimal("2.4312")),
    (None, Decimal("2.1")),
]
MINIMUM, CAP, PERCENT = Decimal(300), Decimal(5000), Decimal("12.5")


def rounded(exact):
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)


def amount(quantity):
    below, total = Decimal(0), Decimal(0)
    for bound, price in TIERS:
        if quantity <= below:
            break
        reached = quantity if bound is None else min(quantity, bound)
        total += (reached - below) * price
        below = bound
        if bound is None:
            break
    return rounded(total)


def quote(quantity):
    below, total, steps = Decimal(0), Decimal(0), []
    for bound, price in TIERS:
        if quantity <= below:
            break
        reached = quantity if bound is None else min(quantity, bound)
        units = reached - below
        product = units * price
        steps.append({"from": below, "up_to": bound, "units": units, "unit_price": price, "product": product})
        total += product
        if bound is None:
            break
        below = bound
    lines = [{"kind": "usage", "amount": rounded(total), "explanation": {"tiers": steps, "exact": total}}]
    total = lines[0]["amount"]
    if quantity > 0 and total < MINIMUM:
        explanation = {"sum": total, "minimum": MINIMUM}
        lines.append({"kind": "minimum", "amount": MINIMUM - total, "explanation": explanation})
        total = MINIMUM
    if total > CAP:
        lines.append({"kind": "cap", "amount": CAP - total, "explanation": {"sum": total, "cap": CAP}})
        total = CAP
    discount = -rounded(total * PERCENT / 100)
    lines.append({"kind": "discount", "amount": discount, "explanation": {"sum": total, "percent": PERCENT}})
    return {"amount": total + discount, "lines": lines}


def measure(name, work, seconds):
    quantities = [Decimal(index * 30_000 - 27_500).scaleb(-4) for index in range(1, 1001)]
    done, begun = 0, time.process_time()
    while time.process_time() - begun < seconds:
        for quantity in quantities:
            work(quantity)
        done += len(quantities)
    print(f"{name}: {done / (time.process_time() - begun):,.0f} a second")


if __name__ == "__main__":
    wanted = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    assert amount(Decimal(1500)) == Decimal("3890.60"), amount(Decimal(1500))
    measure("graduated, amount alone", amount, wanted)
    measure("graduated with minimum, cap and discount, explained", quote, wanted)
