DROP TABLE usage_corrections;
