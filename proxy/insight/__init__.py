"""What the log of questions tells an author: where the book answers, and where it does not."""
