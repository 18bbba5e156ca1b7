DROP TABLE month_signatures;
