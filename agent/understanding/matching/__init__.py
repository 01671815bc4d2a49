"""What a sentence is near to: intents of tools, passages of documents, answers that were given before."""
