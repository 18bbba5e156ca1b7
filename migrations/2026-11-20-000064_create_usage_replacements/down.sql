DROP TABLE usage_replacements;
