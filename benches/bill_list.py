#!/usr/bin/env python3
"""Fills an installation with bills, and measures how fast the list of them is: each order and filter, p50 and p95.

    python3 benches/bill_list.py OPCMS DATA_DIR [CUSTOMERS]

OPCMS is the binary, DATA_DIR an installation of its own whose private server may be filled. Each customer has a bill of
twelve months. Prints the rows of the table in docs/performance.md.
"""

import http.cookiejar
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

OPCMS, ROOM = sys.argv[1], Path(sys.argv[2])
CUSTOMERS = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
MONTHS = [f"2025-{month:02}-01" for month in (11, 12)] + [f"2026-{month:02}-01" for month in range(1, 11)]
ROUNDS = 20
ENVIRONMENT = {**os.environ, "OPCMS_DATA_DIR": str(ROOM), "OPCMS_LOG": "warn", "DATABASE_URL": "", "OPCMS_LISTEN": "127.0.0.1:0"}

QUERIES = [
    "", "page=2", "page=12000", "page=24000", "month=2026-10", "month=2026-10&page=900", "sort=number", "sort=-total",
    "sort=total&page=5000", "sort=-balance", "sort=due", "sort=customer", "month=2026-10&sort=-total",
    "month=2026-10&sort=-balance", "month=2026-10&sort=customer", "month=2026-03&sort=-balance", "month=2026-10&sort=-due",
    "state=pending_review", "state=draft", "state=sent&sort=number", "settlement=paid", "settlement=open",
    "settlement=open&sort=-total", "only=overdue", "only=overdue&sort=-balance", "only=disputed", "only=risky",
    "only=uninvoiced", "q=%E5%AE%A2%E6%88%B7", "q=KH0000123", "min=500&max=600", "min=999&max=1000&sort=-total",
    "owner=1", "owner=1&month=2026-10&sort=-total",
]


def sql(text):
    client = ["mariadb", "--no-defaults", f"--socket={ROOM}/mysql/server.sock", "-uroot", "-N", "opcms"]
    return subprocess.run(client, input=text, text=True, check=True, capture_output=True).stdout.strip()


class Server:
    def __enter__(self):
        self.process = subprocess.Popen([OPCMS, "serve"], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if found := re.search(r"http://\S+", line):
                self.address = found.group().rstrip("/")
                return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def fill():
    if int(sql("SELECT COUNT(*) FROM bills")) >= CUSTOMERS * len(MONTHS):
        return
    owner = sql("SELECT MIN(id) FROM users")
    for begin in range(1, CUSTOMERS + 1, 5_000):
        numbers = range(begin, min(begin + 5_000, CUSTOMERS + 1))
        rows = ",".join(
            f"('KH{n:07}', '客户{n}号有限公司', '客户{n}号', '{n:07}', 'enterprise', 'formal', 'active', 1, 0,"
            f" {owner if n % 20 == 0 else 'NULL'}, NOW(6), NOW(6))"
            for n in numbers
        )
        sql(
            "INSERT INTO customers (company_code, company_name, normalised_name, name_sort, entity_type, account_type, status,"
            f" billable, disabled, sales_owner_id, created_at, updated_at) VALUES {rows}"
        )
    sql("INSERT INTO customer_details (customer_id, payment_term_days, currency) SELECT id, 30, 'CNY' FROM customers WHERE id NOT IN (SELECT customer_id FROM customer_details)")
    sql("INSERT INTO customer_terms (customer_id, term, personal) SELECT id, UPPER(company_code), 0 FROM customers UNION ALL SELECT id, normalised_name, 0 FROM customers")
    for place, month in enumerate(MONTHS):
        last = place == len(MONTHS) - 1
        sql(f"INSERT INTO bill_runs (month, state, scope, customers, totals, waived, started_at) VALUES ('{month}', 'committed', '\"all\"', {CUSTOMERS}, '[]', '[]', NOW(6))")
        begin = time.monotonic()
        state = "CASE WHEN n % 50 = 0 THEN 'draft' WHEN n % 3 = 0 THEN 'approved' ELSE 'pending_review' END" if last else "IF(n % 200 = 0, 'void', 'sent')"
        paid = 0.5 if place == len(MONTHS) - 2 else 0.97
        sql(f"""
            SET @run = (SELECT MAX(id) FROM bill_runs);
            INSERT INTO bills (number, kind, customer_id, month, run_id, currency, document_state, settlement_state, total_amount,
              settled_amount, risk, payment_term_days, sent_at, due_on, voided_at, open_disputes, created_at, updated_at)
            SELECT CONCAT('B-{month[:4]}{month[5:7]}-', LPAD(n, 6, '0')), 'monthly', id, '{month}', @run, 'CNY', state,
              IF(state = 'sent' AND paid, 'paid', 'open'), total, IF(state = 'sent' AND paid, total, 0), IF(n % 40 = 1, n % 9, 0), 30,
              IF(state = 'sent', '{month}', NULL), IF(state = 'sent', DATE_ADD('{month}', INTERVAL 35 + n % 20 DAY), NULL),
              IF(state = 'void', NOW(6), NULL), IF(n % 5000 = 0, 1, 0), NOW(6), NOW(6)
            FROM (SELECT id, n, {state} AS state, RAND(n + {place}) < {paid} AS paid, ROUND(RAND(n * 7 + {place}) * 100000, 2) AS total
                  FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS n FROM customers) c WHERE n <= {CUSTOMERS}) x;
        """)
        print(f"{month}: {CUSTOMERS:,} bills inserted in {time.monotonic() - begin:.1f} s", flush=True)
    sql("ANALYZE TABLE bills, customers, customer_terms")


def measure(address, password):
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(path):
        return opener.open(address + path, timeout=120).read().decode()

    def post(path, fields):
        token = re.search(r'name="csrf" value="([^"]+)"', get("/sign-in" if path == "/sign-in" else "/profile/password")).group(1)
        body = urllib.parse.urlencode({**fields, "csrf": token}).encode()
        return opener.open(address + path, body, timeout=120).read().decode()

    post("/sign-in", {"username": "admin", "password": password})
    for query in QUERIES:
        times = []
        for _ in range(ROUNDS):
            begin = time.monotonic()
            get(f"/bills?{query}")
            times.append((time.monotonic() - begin) * 1000)
        first, rest = times[0], sorted(times[1:])
        print(f"| `/bills?{query}` | {first:.0f} ms | {rest[len(rest) // 2]:.0f} ms | {rest[int(len(rest) * 0.95) - 1]:.0f} ms |", flush=True)


with Server() as server:
    fill()
    subprocess.run([OPCMS, "user", "reset-password", "admin", "--password-stdin", "--no-change"], env=ENVIRONMENT, input="correct horse battery staple", text=True, check=True, capture_output=True)
    print("| page | first | p50 | p95 |")
    measure(server.address, "correct horse battery staple")
