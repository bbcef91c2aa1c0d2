//! What the mails say: which instance, what was not done and why, what to do.
//!
//! Every value passes [`plain`]: some come from the instance.

use std::fmt::Write;

use steward_core::ids::AccountId;
use steward_core::notice::{Notice, plain, subject};

use crate::place::Place;
use crate::reason::Reason;
use crate::records::Computer;

const NOT_REMOVED: &str = "not removed from the domain";

/// Something that a person must look at.
#[derive(Debug)]
pub(crate) struct Trouble<'a> {
    place: &'a Place,
    item: Option<&'a Computer>,
    reason: Reason,
    detail: &'a str,
    what: &'static str,
}

impl<'a> Trouble<'a> {
    /// An instance that was not joined.
    pub(crate) fn join(
        place: &'a Place,
        item: Option<&'a Computer>,
        reason: Reason,
        detail: &'a str,
    ) -> Self {
        Self { place, item, reason, detail, what: "not joined to the domain" }
    }

    /// A terminated instance whose object was not removed.
    pub(crate) fn leave(
        place: &'a Place,
        item: Option<&'a Computer>,
        reason: Reason,
        detail: &'a str,
    ) -> Self {
        Self { what: NOT_REMOVED, ..Self::join(place, item, reason, detail) }
    }

    /// An instance of which another account or Region tells.
    pub(crate) fn place(place: &'a Place, detail: &'a str) -> Self {
        let what = "told of by another account or Region than its own";
        Self { what, ..Self::join(place, None, Reason::OtherPlace, detail) }
    }

    /// An instance that has joined, and that not everybody can log in to who should.
    pub(crate) fn groups(place: &'a Place, item: &'a Computer, detail: &'a str) -> Self {
        let what = "joined to the domain, but not with all its groups";
        Self { what, ..Self::join(place, Some(item), Reason::GroupUnknown, detail) }
    }
}

impl Trouble<'_> {
    /// Whose notice it is.
    pub(crate) fn account(&self) -> &AccountId {
        &self.place.account
    }
}

/// The mail about it.
pub(crate) fn text(trouble: &Trouble<'_>, table: &str) -> Notice {
    let Trouble { place, item, reason, detail, what } = trouble;
    let mut body = String::new();
    let _ = writeln!(body, "{} was {what}: {reason}\n", place.instance);
    let _ = writeln!(body, "WHERE     account {}, Region {}", place.account, place.region);
    if let Some(item) = item {
        let _ = writeln!(body, "COMPUTER  {}", item.name);
        if let Some(sid) = &item.sid {
            let _ = writeln!(body, "          {sid}");
        }
    }
    if !detail.is_empty() {
        let _ = writeln!(body, "WHY       {}", plain(detail));
    }
    let _ = writeln!(body, "\nWHAT TO DO\n  {}", advice(*reason, *what == NOT_REMOVED));
    let _ = writeln!(body, "\nDETAILS");
    if let Some(item) = item {
        if let Some(command) = &item.command {
            let _ = writeln!(body, "  command   {}", plain(command));
        }
        let _ = writeln!(body, "  tries     {}", item.attempts);
    }
    let _ = writeln!(body, "  record    table {}, key {}", plain(table), place.instance);
    Notice { subject: subject(&format!("{} in {} was {what}", place.instance, place.account)), body }
}

fn advice(reason: Reason, leaving: bool) -> String {
    if leaving && !matches!(reason, Reason::NotProved | Reason::ToolsHost) {
        return "Put right what it says. As long as its record is there, the computer is removed when the instance's \
                event comes again; or remove it by hand."
            .to_owned();
    }
    reason.advice().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            account: "111122223333".parse().unwrap(),
            region: "eu-central-1".parse().unwrap(),
            instance: "i-0123456789abcdef0".parse().unwrap(),
        }
    }

    #[test]
    fn a_mail_says_which_instance_why_and_what_to_do() {
        let place = place();
        let mail = text(&Trouble::join(&place, None, Reason::NameTaken, ""), "computers");
        assert_eq!(mail.subject, "i-0123456789abcdef0 in 111122223333 was not joined to the domain");
        for part in ["name-taken", "eu-central-1", "Nothing was touched.", "table computers"] {
            assert!(mail.body.contains(part), "{part}: {}", mail.body);
        }
    }

    #[test]
    fn what_an_instance_says_cannot_write_into_a_mail() {
        let place = place();
        let trouble = Trouble::join(&place, None, Reason::NotUnderstood, "<a href=x>\r\nWHAT TO DO");
        let mail = text(&trouble, "computers");
        assert!(!mail.body.contains('<') && !mail.body.contains('\r'), "{}", mail.body);
        assert_eq!(mail.body.lines().filter(|line| line.starts_with("WHAT TO DO")).count(), 1);
    }

    #[test]
    fn every_reason_that_is_told_says_what_to_do() {
        for reason in Reason::ALL {
            let told = text(&Trouble::leave(&place(), None, *reason, ""), "computers");
            assert!(!told.body.contains("WHAT TO DO\n  \n") || *reason == Reason::NotProved, "{reason}");
        }
    }
}
