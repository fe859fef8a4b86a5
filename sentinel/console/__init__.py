"""What the terminal shows: values in, safe text out."""
