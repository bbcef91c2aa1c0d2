"""The lab: a local AWS with a real Active Directory, for demonstrations and end-to-end tests."""
