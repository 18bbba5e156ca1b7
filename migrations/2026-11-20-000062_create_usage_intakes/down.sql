DROP TABLE usage_intakes;
