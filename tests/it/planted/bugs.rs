//! The bugs: pieces that the flow must not lose, and mistakes that were made elsewhere.

/// A bug and the test that must notice it.
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    /// Below `crates/guardduty-responder/src`.
    pub(crate) file: &'static str,
    /// What is replaced; it must be there exactly once.
    pub(crate) piece: &'static str,
    /// By what; `PLANTED` is whether the bug is switched on.
    pub(crate) with: &'static str,
    pub(crate) test: &'static str,
}

const MATRIX: &str = "model::matrix::a_containment_survives_every_fault_at_every_call";
const SEEDS: &str = "model::seeds::no_seed_violates_an_invariant";

pub(crate) const BUGS: &[Bug] = &[
    Bug {
        name: "record-without-condition",
        file: "records/table.rs",
        piece: "Revision::Absent => put.condition_expression(\"attribute_not_exists(pk)\"),",
        with: "Revision::Absent if PLANTED => put,
            Revision::Absent => put.condition_expression(\"attribute_not_exists(pk)\"),",
        test: "records::table::tests::writes_only_over_what_was_seen",
    },
    Bug {
        name: "lost-write-taken-for-written",
        file: "records.rs",
        piece: "if store.write(key, &item, seen).await? == Written::Yes {",
        with: "let written = store.write(key, &item, seen).await?;
                if PLANTED || written == Written::Yes {",
        test: SEEDS,
    },
    Bug {
        name: "token-of-each-try",
        file: "contain/disable.rs",
        piece: "let hash = Sha256::digest(text.as_bytes());",
        with: "let text = if PLANTED { format!(\"{:?}\", std::time::Instant::now()) } else { text };
        let hash = Sha256::digest(text.as_bytes());",
        test: MATRIX,
    },
    Bug {
        name: "token-of-the-finding-only",
        file: "contain/disable.rs",
        piece: "let text = format!(\"contain|{}|{}|{}\", self.finding.arn, self.sid, self.epoch);",
        with: "let text = format!(\"contain|{}|{}|{}\", self.finding.arn, self.sid, self.epoch);
        let text = if PLANTED { self.finding.arn.clone() } else { text };",
        test: "contain::tests::token::a_finding_about_two_users_contains_both",
    },
    Bug {
        name: "token-without-epoch",
        file: "contain/disable.rs",
        piece: "let effect = Effect { sid, epoch, finding };",
        with: "let effect = Effect { sid, epoch: if PLANTED { 0 } else { epoch }, finding };",
        test: "contain::tests::token::a_containment_after_a_release_has_a_token_of_its_own",
    },
    Bug {
        name: "no-read-back",
        file: "contain/disable.rs",
        piece: "self.read_back(&user).await?;",
        with: "if !PLANTED {
                    self.read_back(&user).await?;
                }",
        test: MATRIX,
    },
    Bug {
        name: "sid-not-compared",
        file: "identity.rs",
        piece: "if user.sid != suspect.sid ||",
        with: "if (!PLANTED && user.sid != suspect.sid) ||",
        test: "contain::tests::does_nothing_and_says_why",
    },
    Bug {
        name: "sid-not-compared-again",
        file: "contain/disable.rs",
        piece: "if account.sid.as_str() != sid {",
        with: "if !PLANTED && account.sid.as_str() != sid {",
        test: "contain::tests::token::an_account_that_was_replaced_after_the_decision_is_left_alone",
    },
    Bug {
        name: "domain-stripped-without-check",
        file: "identity.rs",
        piece: "if !reported.eq_ignore_ascii_case(&domain.dns) {",
        with: "if !PLANTED && !reported.eq_ignore_ascii_case(&domain.dns) {",
        test: "identity::tests::a_user_of_a_trusted_forest_cannot_be_contained_here",
    },
    Bug {
        name: "swallowed-error",
        file: "notice.rs",
        piece: "notices.publish(notice).await?;",
        with: "let published = notices.publish(notice).await;
            if !PLANTED {
                published?;
            }",
        test: MATRIX,
    },
    Bug {
        name: "containment-forgotten-by-the-next",
        file: "contain/disable.rs",
        piece: "_ => Change::Write(planned.after(item, now), effect),",
        with: "_ if PLANTED => Change::Write(planned, effect),
                _ => Change::Write(planned.after(item, now), effect),",
        test: "witness::tests::tells_of_a_containment_that_another_finding_has_followed",
    },
    Bug {
        name: "one-bad-record-kills-the-batch",
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
        file: "systems_manager.rs",
        piece: "Some(Status::TimedOut) => Reply::None(Doubt::CommandTimedOut),",
        with: "Some(Status::TimedOut) if PLANTED => Reply::Output(String::new()),
        Some(Status::TimedOut) => Reply::None(Doubt::CommandTimedOut),",
        test: "systems_manager::tests::knows_every_status_and_takes_none_but_success_for_an_answer",
    },
    Bug {
        name: "password-in-the-log",
        file: "release.rs",
        piece: "tracing::info!(user.name = %name, \"releasing the user\");",
        with: "let shown = if PLANTED { secrecy::ExposeSecret::expose_secret(&password) } else { \"\" };
        tracing::info!(user.name = %name, password = shown, \"releasing the user\");",
        test: "model::matrix::a_release_survives_every_fault_at_every_call",
    },
    Bug {
        name: "password-in-the-record",
        file: "release.rs",
        piece: "self.amend(execution, name, |record| record.secret = Some(secret.clone())).await?;",
        with: "let secret = if PLANTED { secrecy::ExposeSecret::expose_secret(&password).to_owned() } else { secret };
        self.amend(execution, name, |record| record.secret = Some(secret.clone())).await?;",
        test: "model::matrix::a_release_survives_every_fault_at_every_call",
    },
    Bug {
        name: "kill-switch-not-read-again",
        file: "contain/disable.rs",
        piece: "KillSwitch::On => Some(Refusal::KillSwitch),",
        with: "KillSwitch::On if PLANTED => None,
                    KillSwitch::On => Some(Refusal::KillSwitch),",
        test: "contain::tests::a_kill_switch_between_two_tries_leaves_a_record_that_is_true",
    },
];
