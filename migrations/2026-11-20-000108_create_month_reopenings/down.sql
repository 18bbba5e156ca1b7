DROP TABLE month_reopenings;
