"""How cases are told, in the reader's language: for pages, for papers and for files. Knows of no request."""
