"""Every word and number that people read: formats, uncertainty language, glossary and the sentences about results."""
