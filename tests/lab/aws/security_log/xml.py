"""An event as Windows renders it to XML (EvtRender): one line, single quotes, no declaration.

Source: Microsoft's pages of the events 4720 to 4743 ("Event XML"); the article's expression, which finds
`<Data Name='UserPrincipalName'>` in what Managed Microsoft AD forwards.
"""

from xml.sax.saxutils import escape

PROVIDER = "Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'"
USER_ACCOUNTS, COMPUTER_ACCOUNTS = 13824, 13825
AUDIT_SUCCESS = "0x8020000000000000"


def render(event, record, computer):
    """`record` is the domain controller's own number of the event."""
    moment = event.at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"  # in steps of 100 ns
    task = COMPUTER_ACCOUNTS if event.id in (4741, 4742, 4743) else USER_ACCOUNTS
    system = (
        f"<Provider {PROVIDER}/><EventID>{event.id}</EventID><Version>0</Version><Level>0</Level><Task>{task}</Task>"
        f"<Opcode>0</Opcode><Keywords>{AUDIT_SUCCESS}</Keywords><TimeCreated SystemTime='{moment}'/>"
        f"<EventRecordID>{record}</EventRecordID><Correlation/><Execution ProcessID='668' ThreadID='4256'/>"
        f"<Channel>Security</Channel><Computer>{computer}</Computer><Security/>"
    )
    data = "".join(f"<Data Name='{name}'>{_text(value)}</Data>" for name, value in event.data.items())
    namespace = "http://schemas.microsoft.com/win/2004/08/events/event"
    return f"<Event xmlns='{namespace}'><System>{system}</System><EventData>{data}</EventData></Event>"


def _text(value):
    return escape(value, {"'": "&apos;", '"': "&quot;"})
