"""What can be said of the PowerShell of the SSM documents where no PowerShell runs: that it parses, means what it names, and that
no value which a parameter takes can change what it is."""
