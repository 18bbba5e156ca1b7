DROP TABLE billed_months;
