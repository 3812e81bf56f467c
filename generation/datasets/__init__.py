"""What becomes of accepted rows: datasets and their cards."""
