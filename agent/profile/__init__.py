"""What one deployment says of itself: profiles/<name>/ as objects, each unknown key an error."""
