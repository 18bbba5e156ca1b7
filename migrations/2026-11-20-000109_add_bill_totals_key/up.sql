-- The bills of a month are summed by their currency: from this index alone.
ALTER TABLE bills ADD KEY bills_live_month (live_month, currency, document_state, total_amount, balance_amount);
