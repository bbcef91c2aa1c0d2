//! Events as a domain controller writes them.

/// The log group of the tests' directory.
pub(crate) const LOG_GROUP: &str = "/aws/directoryservice/d-9067012345";

/// An event of the security log.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) sid: String,
    pub(crate) sam: String,
    pub(crate) upn: String,
    pub(crate) uac: String,
    pub(crate) computer: String,
    pub(crate) number: u64,
}

pub(crate) fn sid(number: u32) -> String {
    format!("S-1-5-21-4230534742-2542757381-3142984815-{}", 1100 + number)
}

/// The name of a user of this number.
pub(crate) fn user(number: u32) -> String {
    format!("user{number}.last")
}

impl Record {
    /// 4720, 4722, 4725 or 4726 about the user of this number.
    pub(crate) fn of(id: u32, number: u32) -> Self {
        Self {
            id,
            name: user(number),
            domain: "CORP".to_owned(),
            sid: sid(number),
            sam: user(number),
            upn: format!("{}@corp.example.com", user(number)),
            uac: "0x15".to_owned(),
            computer: "WIN-DC1.corp.example.com".to_owned(),
            number: u64::from(id) * 100_000 + u64::from(number),
        }
    }

    pub(crate) fn created(number: u32) -> Self {
        Self::of(4720, number)
    }

    /// As `wevtutil` renders it.
    pub(crate) fn xml(&self) -> String {
        let data: String = self
            .data()
            .iter()
            .map(|(name, value)| format!("<Data Name='{name}'>{}</Data>", escaped(value)))
            .collect();
        format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
             <Provider Name='Microsoft-Windows-Security-Auditing' \
             Guid='{{54849625-5478-4994-a5ba-3e3b0328c30d}}'/><EventID>{}</EventID><Version>0</Version>\
             <Level>0</Level><Task>13824</Task><Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords>\
             <TimeCreated SystemTime='2026-11-21T09:30:41.123456700Z'/><EventRecordID>{}</EventRecordID>\
             <Correlation/><Execution ProcessID='528' ThreadID='3156'/><Channel>Security</Channel>\
             <Computer>{}</Computer><Security/></System><EventData>{data}</EventData></Event>",
            self.id, self.number, self.computer
        )
    }

    /// What the event says, in Windows' order.
    pub(crate) fn data(&self) -> Vec<(&'static str, String)> {
        let mut data = vec![
            ("TargetUserName", self.name.clone()),
            ("TargetDomainName", self.domain.clone()),
            ("TargetSid", self.sid.clone()),
            ("SubjectUserSid", sid(0)),
            ("SubjectUserName", "Admin".to_owned()),
            ("SubjectDomainName", "CORP".to_owned()),
            ("SubjectLogonId", "0x8051950".to_owned()),
        ];
        if self.id == 4720 {
            data.extend([
                ("PrivilegeList", "-".to_owned()),
                ("SamAccountName", self.sam.clone()),
                ("DisplayName", "Jane & John <Doe>".to_owned()),
                ("UserPrincipalName", self.upn.clone()),
                ("PasswordLastSet", "%%1794".to_owned()),
                ("OldUacValue", "0x0".to_owned()),
                ("NewUacValue", self.uac.clone()),
                ("UserAccountControl", "\n\t\t%%2080\n\t\t%%2082\n\t\t%%2084".to_owned()),
            ]);
        }
        data
    }
}

fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
