DROP TABLE late_usages;
