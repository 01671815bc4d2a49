"""What people say of days, times and sums, made exact: one reading behind one door, whichever parser there is."""
