"""What is said of decisions: plain records that a kept answer is read back into, and the text around them."""
