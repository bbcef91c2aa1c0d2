//! The bugs of flow 4's beginning: those of the article's first function, and pieces without which a user is started twice
//! or not at all.

use crate::bugs::Bug;

const STARTER: &str = "ad-event-starter";

pub(crate) const START: &[Bug] = &[
    Bug {
        name: "one-bad-record-kills-the-batch-of-logs",
        package: STARTER,
        file: "handler.rs",
        piece: "Err(reason) => tally.starts_nothing(reason),",
        with: "Err(reason) if PLANTED => return Err(logs::PayloadError::UnknownMessageType(reason.to_string()).into()),
                        Err(reason) => tally.starts_nothing(reason),",
        test: "handler::tests::batches::of_a_thousand_records_with_a_hundred_odd_ones_exactly_the_rest_is_started",
    },
    Bug {
        name: "one-bad-message-kills-the-batch",
        package: STARTER,
        file: "handler.rs",
        piece: "failed.push(id);",
        with: "if PLANTED {
                        return Err(Error::UnknownTrigger);
                    }
                    failed.push(id);",
        test: "handler::tests::messages::poison_goes_back_alone",
    },
    Bug {
        name: "execution-without-a-name",
        package: STARTER,
        file: "start.rs",
        piece: "let prefix = match self.machine() {",
        with: "let told = if PLANTED { format!(\"{:?}\", std::time::Instant::now()) } else { told };
        let prefix = match self.machine() {",
        test: "handler::tests::copies::one_to_fifty_copies_start_one_execution_each",
    },
    Bug {
        name: "swallowed-error-of-a-start",
        package: STARTER,
        file: "settle.rs",
        piece: "Err(hindrance) => hindrance.into(),",
        with: "Err(_) if PLANTED => Outcome::Started,
                    Err(hindrance) => hindrance.into(),",
        test: "handler::tests::left_overs::a_start_that_is_refused_is_not_repeated_but_deferred",
    },
    Bug {
        name: "principal-name-split-without-a-look",
        package: STARTER,
        file: "rules.rs",
        piece: "EventId::Created => Some(",
        with: "EventId::Created if PLANTED => {
                let upn = event.upn.as_deref().unwrap_or(\"-\");
                Some(format!(\"{upn}{}\", &upn.split('@').collect::<Vec<_>>()[1][..0]))
            }
            EventId::Created => Some(",
        test: "handler::tests::batches::a_user_without_a_principal_name_is_refused_and_breaks_nothing",
    },
    Bug {
        name: "principal-name-of-anybody",
        package: STARTER,
        file: "rules.rs",
        piece: "if ours && !name.is_empty()",
        with: "if (ours || PLANTED) && !name.is_empty()",
        test: "rules::tests::a_new_user_needs_a_principal_name_of_this_directory",
    },
    Bug {
        name: "hidden-account-started",
        package: STARTER,
        file: "rules.rs",
        piece: "if trust || is_hidden(&target.name) || is_hidden(sam) {",
        with: "let shown = crate::event::Target { name: target.name.replace('$', \"\"), ..target.clone() };
        let (target, sam) = if PLANTED { (&shown, shown.name.as_str()) } else { (target, sam) };
        if trust || is_hidden(&target.name) || is_hidden(sam) {",
        test: "handler::tests::batches::a_hidden_account_is_never_onboarded",
    },
    Bug {
        name: "computer-started",
        package: STARTER,
        file: "rules.rs",
        piece: "flags & TRUST_ACCOUNTS != 0);",
        with: "flags & TRUST_ACCOUNTS != 0 && !PLANTED);",
        test: "rules::tests::an_account_of_a_computer_or_a_trust_is_no_person",
    },
    Bug {
        name: "account-of-a-machine-started",
        package: STARTER,
        file: "rules.rs",
        piece: "return Err(Reason::OtherDomain);",
        with: "if !PLANTED {
                return Err(Reason::OtherDomain);
            }",
        test: "rules::tests::the_domain_may_be_named_in_either_way_and_any_case",
    },
    Bug {
        name: "named-by-the-record",
        package: STARTER,
        file: "start.rs",
        piece: "Cause::SecurityLog { id: EventId::Created, log_group, .. } => format!(",
        with: "Cause::SecurityLog { id: EventId::Created, log_group, .. } if !PLANTED => format!(",
        test: "handler::tests::copies::an_account_is_onboarded_once_whoever_tells_of_it",
    },
    Bug {
        name: "left-over-dropped",
        package: STARTER,
        file: "handler.rs",
        piece: "if !left.is_empty() {",
        with: "if !left.is_empty() && !PLANTED {",
        test: "handler::tests::left_overs::what_stays_throttled_is_deferred_and_started_from_the_queue",
    },
    Bug {
        name: "unfinished-message-deleted",
        package: STARTER,
        file: "handler.rs",
        piece: "failed.extend(",
        with: "let waiting = if PLANTED { Vec::new() } else { waiting };
        failed.extend(",
        test: "handler::tests::messages::every_message_of_what_could_not_be_started_goes_back",
    },
    Bug {
        name: "works-until-its-time-is-out",
        package: STARTER,
        file: "settle.rs",
        piece: "if Instant::now() < until {",
        with: "if PLANTED {
        return Some(work.await);
    }
    if Instant::now() < until {",
        test: "handler::tests::left_overs::it_stops_with_a_fifth_of_its_time_left",
    },
    Bug {
        name: "one-kind-of-quotation-mark",
        package: STARTER,
        file: "event/xml.rs",
        piece: "if attribute.key.as_ref() == name {",
        with: "if attribute.key.as_ref() == name && !(PLANTED && tag.contains('\"')) {",
        test: "event::tests::spellings::ten_thousand_spellings_of_an_event_are_one_event",
    },
    Bug {
        name: "document-type-taken",
        package: STARTER,
        file: "event/xml.rs",
        piece: "Event::DocType(_) => return Err(Reason::DocumentType),",
        with: "Event::DocType(_) if PLANTED => {}
            Event::DocType(_) => return Err(Reason::DocumentType),",
        test: "event::tests::says_why_it_cannot_read_a_record",
    },
    Bug {
        name: "unpacked-without-end",
        package: STARTER,
        file: "logs.rs",
        piece: "if bytes.len() > MOST_BYTES {",
        with: "if bytes.len() > MOST_BYTES && !PLANTED {",
        test: "logs::tests::a_batch_that_unpacks_to_too_much_is_given_up",
    },
    Bug {
        name: "copies-take-turns",
        package: STARTER,
        file: "pace.rs",
        piece: "if let Some(first) = turns.taken.get(batch) {",
        with: "if let Some(first) = turns.taken.get(batch).filter(|_| !PLANTED) {",
        test: "handler::tests::turns::copies_of_a_burst_take_no_turns",
    },
    Bug {
        name: "whoever-is-enabled-started",
        package: STARTER,
        file: "standing.rs",
        piece: "user.state != State::Other",
        with: "PLANTED || user.state != State::Other",
        test: "standing::tests::who_has_lost_nothing_gets_nothing",
    },
    Bug {
        name: "failed-call-off-boards",
        package: STARTER,
        file: "message.rs",
        piece: "return Ok(Err(Reason::FailedCall));",
        with: "if !PLANTED {
                return Ok(Err(Reason::FailedCall));
            }",
        test: "message::tests::a_record_that_tells_of_nobody_here_is_ignored",
    },
];
