"""State that pages share: who is asking, which page has arrived, what went wrong. Page state lives with its page."""
