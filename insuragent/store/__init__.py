"""Where it is kept: the encrypted file, one journal, search and attachments."""
