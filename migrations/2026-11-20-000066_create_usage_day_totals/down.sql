DROP TABLE usage_day_totals;
