"""The security log of the AWS Managed Microsoft AD's domain controller, and its way to CloudWatch Logs.

Samba does not write Windows' security log. It audits each change of the directory (smb.conf(5), `dsdb_json_audit`); from
that stream the events are derived which a domain controller of Windows logs for the same change.
"""
