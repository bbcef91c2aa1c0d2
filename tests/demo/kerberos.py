"""A real log-in: the Kerberos AS exchange that kinit has with the domain controller."""

import re
from dataclasses import dataclass

from demo.lab import Lab

# The ticket goes to a file of its own, is shown and thrown away. $1 is the principal; the password comes by stdin.
SCRIPT = """
cache=$(mktemp) && trap 'kdestroy -q -c "$cache"; rm -f "$cache"' EXIT
KRB5_TRACE=/dev/stderr kinit -c "$cache" "$1" >/dev/null && klist -c "$cache"
"""
# The library's trace of what the domain controller answered. Protocol errors count from this number on
# (krb5's ERROR_TABLE_BASE_krb5): -1765328366 is KDC_ERR_CLIENT_REVOKED, 18 in RFC 4120.
ANSWER = re.compile(r"^\[\d+\] [\d.]+: Received error from KDC: (-\d+)/(.*)$")
FIRST_CODE = -1765328384
# kinit's reasons, which differ between its versions, in short.
REFUSALS = {
    "Password incorrect": "wrong password",
    "Preauthentication failed": "wrong password",
    "Client's credentials have been revoked": "credentials revoked",
}
# A line of klist: from, until, for which service.
TICKET = re.compile(r"^\S+ \S+ {2,}(\S+ \S+) {2,}(krbtgt/\S+)$", re.MULTILINE)
TOO_BIG_FOR_UDP = 52  # a matter of transport: the library goes on with TCP


@dataclass
class Login:
    """`words`: what kinit and the KDC said; `refusal`: kinit's reason, empty when it was accepted."""

    principal: str
    accepted: bool
    words: str
    refusal: str

    @property
    def verdict(self) -> str:
        if self.accepted:
            return "accepted"
        return f"refused: {REFUSALS.get(self.refusal, self.refusal)}"


def log_in(lab: Lab, user: str, password: str, realm: str = "") -> Login:
    """Try the password. It is never part of a command line or of what is shown."""
    principal = f"{user}@{realm or lab.variables['AD_REALM']}"
    ended = lab.try_run("exec", "--", "sh", "-c", SCRIPT, "sh", principal, stdin=f"{password}\n")
    said = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
    found = [match for line in said if (match := ANSWER.match(line))]
    answers = [(int(match[1]) - FIRST_CODE, match[2]) for match in found]
    complaints = [line for line in said if line.startswith("kinit:")]
    words = [f"$ kinit {principal}"]
    words += [f"KDC: {text} (error {code})" for code, text in answers if code != TOO_BIG_FOR_UDP] + complaints
    if ticket := TICKET.search(ended.stdout):
        words.append(f"KDC: ticket for {ticket[2]}, valid until {ticket[1]}")
    refusal = complaints[-1] if complaints else ""
    refusal = refusal.removeprefix("kinit: ").removesuffix(" while getting initial credentials")
    return Login(principal, ended.returncode == 0, "\n".join(words), refusal)
