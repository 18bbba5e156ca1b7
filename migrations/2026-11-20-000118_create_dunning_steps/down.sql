DROP TABLE dunning_steps;
