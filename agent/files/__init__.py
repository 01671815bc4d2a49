"""Files as an operator wrote them: text, `.env` and YAML, read strictly; an error names file, line and key."""
