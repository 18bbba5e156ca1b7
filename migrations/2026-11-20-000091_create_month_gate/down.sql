DROP TABLE month_gate;
