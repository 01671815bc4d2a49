"""From what is written to what is spoken: amounts, dates, codes, places, marks; and the clauses it is spoken in."""
