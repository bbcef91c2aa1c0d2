//! The bugs: pieces that a flow must not lose, and mistakes that were made elsewhere.

/// A bug and the test that must notice it.
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    /// The package that has it.
    pub(crate) package: &'static str,
    /// Below the package's `src`.
    pub(crate) file: &'static str,
    /// What is replaced; it must be there exactly once.
    pub(crate) piece: &'static str,
    /// By what; `PLANTED` is whether the bug is switched on.
    pub(crate) with: &'static str,
    /// Its name; with the package and a slash before it when that is another one than the bug's.
    pub(crate) test: &'static str,
}

impl Bug {
    /// The package and the name of the test.
    pub(crate) fn noticed_by(&self) -> (&'static str, &'static str) {
        self.test.split_once('/').unwrap_or((self.package, self.test))
    }
}

const CORE: &str = "steward-core";
const RESPONDER: &str = "guardduty-responder";
const MATRIX: &str = "model::matrix::a_containment_survives_every_fault_at_every_call";
const MATRIX_OF_CONTAIN: &str =
    "guardduty-responder/model::matrix::a_containment_survives_every_fault_at_every_call";
/// A bug of the core that processes of flow 1 run into when they take turns.
const SEEDS_OF_CONTAIN: &str = "guardduty-responder/model::seeds::no_seed_violates_an_invariant";
const SESSIONS: &str =
    "model::sessions::ending_sessions_survives_every_fault_at_every_call_and_is_told_as_it_is";

/// Of flow 1.
pub(crate) const CONTAIN: &[Bug] = &[
    Bug {
        name: "record-without-condition",
        package: CORE,
        file: "store/table.rs",
        piece: "Revision::Absent => put.condition_expression(\"attribute_not_exists(pk)\"),",
        with: "Revision::Absent if PLANTED => put,
            Revision::Absent => put.condition_expression(\"attribute_not_exists(pk)\"),",
        test: "store::table::tests::writes_only_over_what_was_seen",
    },
    Bug {
        name: "lost-write-taken-for-written",
        package: CORE,
        file: "store.rs",
        piece: "if store.write(key, &item, seen).await? == Written::Yes {",
        with: "let written = store.write(key, &item, seen).await?;
                if PLANTED || written == Written::Yes {",
        test: SEEDS_OF_CONTAIN,
    },
    Bug {
        name: "token-of-each-try",
        package: RESPONDER,
        file: "contain/disable.rs",
        piece: "let hash = Sha256::digest(text.as_bytes());",
        with: "let text = if PLANTED { format!(\"{:?}\", std::time::Instant::now()) } else { text };
        let hash = Sha256::digest(text.as_bytes());",
        test: MATRIX,
    },
    Bug {
        name: "token-of-the-finding-only",
        package: RESPONDER,
        file: "contain/disable.rs",
        piece: "let text = format!(\"contain|{}|{}|{}\", self.finding.arn, self.sid, self.epoch);",
        with: "let text = format!(\"contain|{}|{}|{}\", self.finding.arn, self.sid, self.epoch);
        let text = if PLANTED { self.finding.arn.clone() } else { text };",
        test: "contain::tests::token::a_finding_about_two_users_contains_both",
    },
    Bug {
        name: "token-without-epoch",
        package: RESPONDER,
        file: "contain/disable.rs",
        piece: "let effect = Effect { sid, epoch, finding };",
        with: "let effect = Effect { sid, epoch: if PLANTED { 0 } else { epoch }, finding };",
        test: "contain::tests::token::a_containment_after_a_release_has_a_token_of_its_own",
    },
    Bug {
        name: "no-read-back",
        package: RESPONDER,
        file: "contain/disable.rs",
        piece: "self.read_back(&directory, &user, &record.who()).await?;",
        with: "if !PLANTED {
                    self.read_back(&directory, &user, &record.who()).await?;
                }",
        test: MATRIX,
    },
    Bug {
        name: "sid-not-compared",
        package: RESPONDER,
        file: "identity.rs",
        piece: "if user.sid != suspect.sid ||",
        with: "if (!PLANTED && user.sid != suspect.sid) ||",
        test: "contain::tests::does_nothing_and_says_why",
    },
    Bug {
        name: "sid-not-compared-again",
        package: RESPONDER,
        file: "contain/disable.rs",
        piece: "if account.sid.as_str() != sid {",
        with: "if !PLANTED && account.sid.as_str() != sid {",
        test: "contain::tests::token::an_account_that_was_replaced_after_the_decision_is_left_alone",
    },
    Bug {
        name: "domain-stripped-without-check",
        package: RESPONDER,
        file: "identity.rs",
        piece: "let domain = known(domains, reported).ok_or(Decision::CannotContainHere)?;",
        with: "let domain = known(domains, reported).or(domains.first().filter(|_| PLANTED));
    let domain = domain.ok_or(Decision::CannotContainHere)?;",
        test: "identity::tests::a_user_of_a_domain_that_is_not_configured_cannot_be_contained_here",
    },
    Bug {
        name: "swallowed-error",
        package: CORE,
        file: "store/notice.rs",
        piece: "notices.publish(notice).await?;",
        with: "let published = notices.publish(notice).await;
            if !PLANTED {
                published?;
            }",
        test: MATRIX_OF_CONTAIN,
    },
    Bug {
        name: "containment-forgotten-by-the-next",
        package: RESPONDER,
        file: "contain/disable.rs",
        piece: "_ => Change::Write(planned.after(item, now), effect),",
        with: "_ if PLANTED => Change::Write(planned, effect),
                _ => Change::Write(planned.after(item, now), effect),",
        test: "witness::tests::tells_of_a_containment_that_another_finding_has_followed",
    },
    Bug {
        name: "one-bad-record-kills-the-batch",
        package: RESPONDER,
        file: "witness.rs",
        piece: "if let Err(error) = self.look(&message).await {",
        with: "let looked = self.look(&message).await;
            if PLANTED {
                looked?;
            } else if let Err(error) = looked {",
        test: "witness::tests::poison_goes_back_alone",
    },
    Bug {
        name: "time-out-read-as-success",
        package: RESPONDER,
        file: "systems_manager.rs",
        piece: "Some(Status::TimedOut) => Reply::None(Doubt::CommandTimedOut),",
        with: "Some(Status::TimedOut) if PLANTED => Reply::Output(String::new()),
        Some(Status::TimedOut) => Reply::None(Doubt::CommandTimedOut),",
        test: "systems_manager::tests::knows_every_status_and_takes_none_but_success_for_an_answer",
    },
    Bug {
        name: "password-in-the-log",
        package: RESPONDER,
        file: "release.rs",
        piece: "tracing::info!(user.name = subject.who(), \"releasing the user\");",
        with: "let shown = if PLANTED { secrecy::ExposeSecret::expose_secret(&password) } else { \"\" };
        tracing::info!(user.name = subject.who(), password = shown, \"releasing the user\");",
        test: "model::matrix::a_release_survives_every_fault_at_every_call",
    },
    Bug {
        name: "password-in-the-record",
        package: RESPONDER,
        file: "release.rs",
        piece: "self.amend(execution, subject, |record| record.secret = Some(secret.clone())).await?;",
        with: "let secret = if PLANTED { secrecy::ExposeSecret::expose_secret(&password).to_owned() } else { secret };
        self.amend(execution, subject, |record| record.secret = Some(secret.clone())).await?;",
        test: "model::matrix::a_release_survives_every_fault_at_every_call",
    },
    Bug {
        name: "kill-switch-not-read-again",
        package: RESPONDER,
        file: "contain/disable.rs",
        piece: "KillSwitch::On => Some(Refusal::KillSwitch),",
        with: "KillSwitch::On if PLANTED => None,
                    KillSwitch::On => Some(Refusal::KillSwitch),",
        test: "contain::tests::a_kill_switch_between_two_tries_leaves_a_record_that_is_true",
    },
    Bug {
        name: "copy-of-what-is-held-ignored",
        package: RESPONDER,
        file: "records/finding.rs",
        piece: "(copy && started < item.done_at)",
        with: "(copy && (started < item.done_at || (PLANTED && item.held_until > now)))",
        test: "contain::tests::deliveries::an_execution_that_is_started_again_works_on_what_the_first_still_holds",
    },
    Bug {
        name: "waiting-copies-do-it-all-again",
        package: RESPONDER,
        file: "records/finding.rs",
        piece: "let_go(store, arn, holder, |item| item.done_at = now).await",
        with: "let_go(store, arn, holder, |item| item.done_at = if PLANTED { 0 } else { now }).await",
        test: "contain::tests::deliveries::copies_that_waited_until_it_was_decided_have_nothing_to_do",
    },
    Bug {
        name: "approved-and-asked-again",
        package: RESPONDER,
        file: "contain/decide.rs",
        piece: "approved = records::is_approved(&self.store, &id).await?;",
        with: "approved = records::is_approved(&self.store, &id).await? && !PLANTED;",
        test: "approval::tests::an_approval_that_broke_is_followed_by_the_next_delivery_and_nobody_is_asked_again",
    },
    Bug {
        name: "refusal-forgotten-with-the-doubt",
        package: RESPONDER,
        file: "contain/decide.rs",
        piece: "let refused = records::refusal(&self.store, finding).await?;",
        with: "let refused = records::refusal(&self.store, finding).await?.filter(|_| !PLANTED);",
        test: "approval::tests::a_refusal_stands_when_the_doubt_for_which_he_was_asked_is_gone",
    },
    Bug {
        name: "sessions-told-as-ended-though-some-are-left",
        package: RESPONDER,
        file: "notice/remaining.rs",
        piece: "if ended.left_count > 0 {",
        with: "if ended.left_count > 0 && !PLANTED {",
        test: SESSIONS,
    },
    Bug {
        name: "sessions-told-as-ended-without-a-report",
        package: RESPONDER,
        file: "notice/remaining.rs",
        piece: "None => OnInstance::NotEnded,",
        with: "None if PLANTED => OnInstance::Ended,
        None => OnInstance::NotEnded,",
        test: SESSIONS,
    },
];
