"""Who may open it: the key file, the passphrase and its stand-ins, and the device's own key."""
