"""What nobody else may read: the keys of providers, keys derived for one purpose each, and files sealed with them."""
