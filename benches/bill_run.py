#!/usr/bin/env python3
"""Measures a bill run: plan and commit of a month, beside a plain INSERT … SELECT of the same rows into equal tables.

    python3 benches/bill_run.py OPCMS DATA_DIR [CUSTOMERS] [RECORDS]

OPCMS is the release binary, DATA_DIR an installation of its own whose private server may be filled. Prints the rows of
the table in docs/performance.md.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

OPCMS, ROOM = sys.argv[1], Path(sys.argv[2])
CUSTOMERS = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
RECORDS = int(sys.argv[4]) if len(sys.argv) > 4 else 3_000_000
DAYS = max(1, RECORDS // CUSTOMERS)
MONTH = "2026-10"
ENVIRONMENT = {**os.environ, "OPCMS_DATA_DIR": str(ROOM), "OPCMS_LOG": "warn", "DATABASE_URL": "", "OPCMS_LISTEN": "127.0.0.1:0"}


def sql(text):
    client = ["mariadb", "--no-defaults", f"--socket={ROOM}/mysql/server.sock", "-uroot", "-N", "opcms"]
    return subprocess.run(client, input=text, text=True, check=True, capture_output=True).stdout.strip()


class Server:
    """A running serve, whose private server this script and the command line use. It works no tasks off itself."""

    def __enter__(self):
        environment = {**ENVIRONMENT, "OPCMS_TASK_WORKERS": "0"}
        self.process = subprocess.Popen([OPCMS, "serve"], env=environment, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if re.search(r"http://\S+", line):
                return self
        raise SystemExit("serve has ended")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def fill():
    """Customers with one price each, a tenth of them with tiers and a tenth with a version that begins in the month."""
    tables = "bill_lines bills bill_run_lines bill_run_customers bill_runs bill_sequences billed_months usage_records price_tiers price_charges price_versions".split()
    sql("SET FOREIGN_KEY_CHECKS = 0;" + "".join(f"DELETE FROM {table};" for table in tables) + "SET FOREIGN_KEY_CHECKS = 1;")
    for begin in range(0, CUSTOMERS, 5_000):
        rows = ",".join(
            f"('KH{n:06}','客户{n}','客户{n}','','enterprise','formal','active',1,0,NOW(6),NOW(6))"
            for n in range(begin, min(begin + 5_000, CUSTOMERS))
        )
        sql(
            "INSERT IGNORE INTO customers (company_code, company_name, normalised_name, name_sort, entity_type,"
            f" account_type, status, billable, disabled, created_at, updated_at) VALUES {rows}"
        )
    sql(
        "INSERT IGNORE INTO customer_details (customer_id, payment_term_days, currency) SELECT id, 30, 'CNY' FROM customers;"
        "INSERT INTO price_versions (customer_id, number, state, valid_from, currency, origin, created_at, updated_at)"
        " SELECT id, 1, 'active', '2026-01-01', 'CNY', 'hand', NOW(6), NOW(6) FROM customers;"
        "INSERT INTO price_versions (customer_id, number, state, valid_from, currency, origin, created_at, updated_at)"
        f" SELECT id, 2, 'active', '{MONTH}-16', 'CNY', 'hand', NOW(6), NOW(6) FROM customers WHERE MOD(id, 10) = 0;"
        "INSERT INTO price_charges (price_version_id, position, meter_id, device_series, layer, model, unit_price)"
        " SELECT id, 1, 1, '', '', IF(MOD(customer_id, 10) = 1, 'graduated', 'standard'), IF(MOD(customer_id, 10) = 1, NULL, 1.5 + number / 10) FROM price_versions;"
        "INSERT INTO price_tiers (price_charge_id, position, up_to_quantity, unit_price) SELECT id, 1, 500, 1.0 FROM price_charges WHERE model = 'graduated';"
        "INSERT INTO price_tiers (price_charge_id, position, up_to_quantity, unit_price) SELECT id, 2, NULL, 0.8 FROM price_charges WHERE model = 'graduated';"
    )
    for day in range(DAYS):
        sql(
            "INSERT INTO usage_records (customer_id, used_on, meter_id, device_series, layer, source_id, quantity, raw_quantity,"
            f" intake_id, received_at) SELECT id, '{MONTH}-{day % 31 + 1:02}', 1, '{'X' if day < 31 else 'N'}', '', 1, MOD(id * 31 + {day} * 7, 400) + 1,"
            f" MOD(id * 31 + {day} * 7, 400) + 1, 1, NOW(6) FROM customers"
        )
    sql("ANALYZE TABLE customers, customer_details, price_versions, price_charges, usage_records")


def questions():
    return int(sql("SHOW GLOBAL STATUS LIKE 'Questions'").split()[1])


def measure(*verb):
    before, begin = questions(), time.time()
    process = subprocess.Popen([OPCMS, *verb, "--json"], env=ENVIRONMENT, stdout=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) // 1024)
        except (FileNotFoundError, AttributeError):
            pass
        time.sleep(0.1)
    seconds = time.time() - begin
    # What this script and an idle serve ask meanwhile is among them.
    return seconds, peak, questions() - before, json.loads(process.stdout.read())


def measure_plain():
    """The rows of the bills once more, each table by one statement, into tables that are equal."""
    seconds = 0.0
    for table in ("bills", "bill_lines"):
        columns = ",".join(
            sql(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'opcms' AND"
                f" table_name = '{table}' AND COALESCE(generation_expression, '') = '' ORDER BY ordinal_position"
            ).split()
        )
        sql(f"DROP TABLE IF EXISTS {table}_plain; CREATE TABLE {table}_plain LIKE {table}")
        begin = time.time()
        sql(f"INSERT INTO {table}_plain ({columns}) SELECT {columns} FROM {table}")
        seconds += time.time() - begin
        sql(f"DROP TABLE {table}_plain")
    return seconds


def main():
    with Server():
        begin = time.time()
        fill()
        print(f"filled after {time.time() - begin:.0f} s", file=sys.stderr, flush=True)
        plan_seconds, plan_peak, plan_asked, plan = measure("bill", "plan", "--month", MONTH)
        assert plan["state"] == "planned", plan
        seconds, peak, asked, done = measure("bill", "commit", "--month", MONTH, "--plan", plan["hash"])
        assert done["state"] == "committed" and done["written"] == plan["billed"], done
        bills, records = done["written"], int(sql("SELECT COUNT(*) FROM usage_records"))
        plain = measure_plain()
        print(f"| plan, {plan['customers']:,} customers and {records:,} records | {plan_seconds:.1f} | {plan_peak} | {plan_asked / bills:.3f} |")
        print(f"| commit, {bills:,} bills | {seconds:.1f} | {peak} | {asked / bills:.3f} |")
        print(f"| `INSERT … SELECT` of the same bills and lines into equal tables | {plain:.1f} | | |")
        print(f"\nCommit takes {seconds / plain:.1f} times as long as the plain insert.")


main()
