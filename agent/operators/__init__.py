"""The operator's pages: who may look (accounts, sessions), what is looked at (looking), and how it is shown (pages)."""
