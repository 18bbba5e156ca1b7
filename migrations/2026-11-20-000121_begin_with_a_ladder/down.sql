DELETE FROM dunning_steps;
