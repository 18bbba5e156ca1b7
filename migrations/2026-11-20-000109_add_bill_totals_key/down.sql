ALTER TABLE bills DROP KEY bills_live_month;
