"""Pure decisions: facts and a clock in, a decision with its reason out; no I/O."""
