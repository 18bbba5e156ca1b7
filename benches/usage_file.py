#!/usr/bin/env python3
"""Makes a file of usage, and measures how fast it comes in: `opcms import usage --commit` beside LOAD DATA of the same
rows into an equal table, and the API.

    python3 benches/usage_file.py OPCMS DATA_DIR [ROWS]

OPCMS is the release binary, DATA_DIR an installation of its own whose private server may be filled. Prints the rows of
the table in docs/performance.md.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

OPCMS, ROOM = sys.argv[1], Path(sys.argv[2])
ROWS = int(sys.argv[3]) if len(sys.argv) > 3 else 3_000_000
CUSTOMERS = min(100_000, ROWS)
DAYS = ROWS // CUSTOMERS
CALLS, BATCH = 20, 10_000
ENVIRONMENT = {**os.environ, "OPCMS_DATA_DIR": str(ROOM), "OPCMS_LOG": "warn", "DATABASE_URL": "", "OPCMS_LISTEN": "127.0.0.1:0"}


def sql(text):
    client = ["mariadb", "--no-defaults", f"--socket={ROOM}/mysql/server.sock", "-uroot", "--local-infile=1", "-N", "opcms"]
    return subprocess.run(client, input=text, text=True, check=True, capture_output=True).stdout.strip()


def day(number):
    return f"2026-{8 + number // 30:02}-{number % 30 + 1:02}"


def lines(begin):
    """Records in the order in which vendors send them: customer by customer, day by day."""
    for customer in range(CUSTOMERS):
        for number in range(DAYS):
            yield f"{begin(customer)}{day(number)}", (customer * 31 + number * 7) % 400 + 1


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
    sql("SET FOREIGN_KEY_CHECKS = 0; DELETE FROM usage_records; DELETE FROM usage_day_totals; SET FOREIGN_KEY_CHECKS = 1;")
    for begin in range(0, CUSTOMERS, 5_000):
        rows = ",".join(
            f"('KH{n:06}','客户{n}','客户{n}','','enterprise','formal','active',1,0,NOW(6),NOW(6))"
            for n in range(begin, min(begin + 5_000, CUSTOMERS))
        )
        sql(
            "INSERT IGNORE INTO customers (company_code, company_name, normalised_name, name_sort, entity_type,"
            f" account_type, status, billable, disabled, created_at, updated_at) VALUES {rows}"
        )


def measure_import(path):
    begin = time.time()
    process = subprocess.Popen([OPCMS, "import", "usage", str(path), "--commit", "--json"], env=ENVIRONMENT, stdout=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) // 1024)
        except (FileNotFoundError, AttributeError):
            pass
        time.sleep(0.2)
    seconds = time.time() - begin
    said = json.loads(process.stdout.read())
    assert said["counts"]["quarantined"] == 0, said
    return seconds, peak, said["counts"]


def measure_load(path):
    sql("SET GLOBAL local_infile = 1; DROP TABLE IF EXISTS usage_loaded; CREATE TABLE usage_loaded LIKE usage_records;"
        " ALTER TABLE usage_loaded ADD CONSTRAINT usage_loaded_customer FOREIGN KEY (customer_id) REFERENCES customers (id)")
    begin = time.time()
    sql(f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE usage_loaded FIELDS TERMINATED BY ','"
        " (customer_id, used_on, meter_id, device_series, layer, source_id, quantity, raw_quantity, intake_id, received_at)")
    seconds = time.time() - begin
    loaded = int(sql("SELECT COUNT(*) FROM usage_loaded"))
    assert loaded == ROWS, loaded
    sql("DROP TABLE usage_loaded")
    return seconds


def make_token():
    """A token of the administrator's: only its hash is kept, so that any text will do."""
    token = "opcms_" + "b" * 40
    sql("UPDATE users SET must_change_password = FALSE; INSERT INTO api_tokens (user_id, name, token_hash, hint, permissions,"
        f" created_at, expires_at) SELECT MIN(id), 'bench', SHA2('{token}', 256), 'opcms_bbbb',"
        """ '["usage.record.import"]', NOW(6), NOW(6) + INTERVAL 1 DAY FROM users""")
    return token


def measure_api(server, token):
    seconds = 0.0
    for call in range(CALLS):
        records = [
            {"source": "bench-api", "company_code": f"KH{(call * BATCH + n) % CUSTOMERS:06}", "day": day((call * BATCH + n) // CUSTOMERS),
             "meter": "shots", "device_series": "X", "quantity": str(n % 300 + 1)}
            for n in range(BATCH)
        ]
        body = json.dumps({"records": records}).encode()
        request = urllib.request.Request(f"{server.address}/api/v1/usage", data=body, method="POST",
                                         headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        begin = time.time()
        with urllib.request.urlopen(request) as answer:
            said = json.load(answer)
        seconds += time.time() - begin
        assert said["added"] == BATCH, {key: said[key] for key in ("added", "unchanged", "quarantined")}
    return seconds


def main():
    with Server() as server:
        fill()
        path, loadable = ROOM / "usage.csv", ROOM / "loadable.csv"
        with path.open("w") as file:
            file.write("source,company_code,day,meter,device_series,quantity\n")
            for record, quantity in lines(lambda n: f"bench,KH{n:06},"):
                file.write(f"{record},shots,X,{quantity}\n")
        ids = sql("SELECT id FROM customers WHERE company_code LIKE 'KH%' ORDER BY company_code").split()
        with loadable.open("w") as file:
            for record, quantity in lines(lambda n: f"{ids[n]},"):
                file.write(f"{record},1,X,,1,{quantity},{quantity},1,2026-11-20 00:00:00\n")
        load = measure_load(loadable)
        seconds, peak, counts = measure_import(path)
        assert counts["added"] == ROWS, counts
        print(f"| `LOAD DATA LOCAL INFILE` of {ROWS:,} rows into an equal table | {load:.1f} | {ROWS / load:,.0f} | |", flush=True)
        print(f"| `opcms import usage --commit` of the same, into an empty table | {seconds:.1f} | {ROWS / seconds:,.0f} | {peak} |", flush=True)
        again, _, _ = measure_import(path)
        print(f"| the same file once more, all of it known | {again:.1f} | {ROWS / again:,.0f} | |", flush=True)
        api = measure_api(server, make_token())
        print(f"| `POST /api/v1/usage`, {CALLS} calls of {BATCH:,} | {api:.1f} | {CALLS * BATCH / api:,.0f} | |")
        print(f"\nOf the speed of LOAD DATA: {load / seconds * 100:.0f} %.")


main()
