DROP TABLE payer_aliases;
