-- The ladder that one begins with. It is changed on its page.
INSERT INTO dunning_steps (days, channel, tone, tells_sales, tells_ops, tells_department, created_at, updated_at) VALUES
    (-3, 'mail', 'before', FALSE, FALSE, FALSE, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    (1, 'mail', 'plain', FALSE, TRUE, FALSE, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    (7, 'mail', 'plain', TRUE, TRUE, FALSE, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    (15, 'mail', 'firm', TRUE, TRUE, FALSE, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    (30, 'mail', 'firm', TRUE, TRUE, TRUE, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
