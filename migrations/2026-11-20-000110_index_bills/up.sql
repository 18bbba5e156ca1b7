-- Each order and each filter of the list of bills is met by an index: within a month and across all of them. `bills_sums` has
-- what the sums of a list are made of, `bills_month_changed` tells when they moved last, `bills_review` is the order in which bills are reviewed, `bills_owed` those that are
-- overdue.
ALTER TABLE bills
    ADD COLUMN owed_on DATE GENERATED ALWAYS AS (CASE WHEN document_state = 'sent' AND total_amount > credited_amount + settled_amount + written_off_amount THEN due_on END) STORED,
    ADD KEY bills_sums (month, currency, document_state, settlement_state, total_amount, balance_amount),
    ADD KEY bills_month_changed (month, updated_at),
    ADD KEY bills_month_total (month, total_amount),
    ADD KEY bills_month_balance (month, balance_amount),
    ADD KEY bills_month_due (month, due_on),
    ADD KEY bills_total (total_amount),
    ADD KEY bills_balance (balance_amount),
    ADD KEY bills_due (due_on),
    ADD KEY bills_owed (owed_on),
    ADD KEY bills_disputed (open_disputes),
    ADD KEY bills_review (document_state, risk, total_amount),
    ADD KEY bills_document_number (document_state, number),
    ADD KEY bills_settlement_number (settlement_state, number);
