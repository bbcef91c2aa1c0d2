"""userAccountControl as the security log writes it: the SAM's own flags, and a message for each that changed.

Sources: MS-ADTS 2.2.16 (UF_ flags of the attribute), MS-SAMR 2.2.1.12 (USER_ flags, which OldUacValue and NewUacValue show),
Microsoft's page of event 4720 (messages: %%2080 `Account Disabled`, %%2048 `Account Enabled`, and so on by flag).
"""

DISABLED = 0x2
DONT_EXPIRE_PASSWORD = 0x10000
COMPUTERS = 0x1000 | 0x2000

# UF_ flag of the attribute -> USER_ flag of the SAM (MS-SAMR 3.1.5.14.2).
_SAM = {
    0x2: 0x1,
    0x8: 0x2,
    0x20: 0x4,
    0x100: 0x8,
    0x200: 0x10,
    0x20000: 0x20,
    0x800: 0x40,
    0x1000: 0x80,
    0x2000: 0x100,
    0x10000: 0x200,
    0x10: 0x400,
    0x80: 0x800,
    0x40000: 0x1000,
    0x80000: 0x2000,
    0x100000: 0x4000,
    0x200000: 0x8000,
    0x400000: 0x10000,
    0x800000: 0x20000,
    0x1000000: 0x40000,
    0x2000000: 0x80000,
    0x4000000: 0x100000,
}
_ENABLED, _DISABLED = 2080, 2048


def sam(flags):
    return sum(own for flag, own in _SAM.items() if flags & flag)


def messages(old, new):
    """A line for each flag of the SAM that changed, as Windows breaks them; `-` without any."""
    changed = sam(old) ^ sam(new)
    bits = [bit for bit in range(21) if changed & 1 << bit]
    lines = [f"%%{(_ENABLED if sam(new) & 1 << bit else _DISABLED) + bit}" for bit in bits]
    return "".join(f"\r\n\t\t{line}" for line in lines) or "-"
