//! The bugs of flow 2: pieces without which a password can be lost, a disabled account enabled or an account locked.

use crate::bugs::Bug;

const ROTATOR: &str = "secret-rotator";
const MATRIX: &str = "model::matrix::a_rotation_survives_every_fault_at_every_call_from_every_beginning";
const LAYOUTS: &str = "model::layouts::every_layout_of_labels_gives_the_right_result_or_an_error_of_a_kind";
const TURNS: &str = "model::turns::two_rotations_that_take_turns_at_any_call_come_to_rest";

pub(crate) const ROTATE: &[Bug] = &[
    Bug {
        name: "set-before-it-is-stored",
        package: ROTATOR,
        file: "step/create.rs",
        piece: "match self.secrets.put_pending(",
        with: "if PLANTED {
            self.directories.reset_password(&domain, &current.user, &password).await?;
        }
        match self.secrets.put_pending(",
        test: MATRIX,
    },
    Bug {
        name: "pending-not-asked",
        package: ROTATOR,
        file: "evidence.rs",
        piece: "Some(Verdict::WrongPassword | Verdict::Expired) => false,",
        with: "Some(Verdict::WrongPassword | Verdict::Expired) if PLANTED => {
            return Refuse(Refusal::NotProvedEnabled);
        }
        Some(Verdict::WrongPassword | Verdict::Expired) => false,",
        test: MATRIX,
    },
    Bug {
        name: "enabled-not-checked",
        package: ROTATOR,
        file: "evidence.rs",
        piece: "Some(false) => BeforeReset::Refuse(Refusal::Disabled),",
        with: "Some(false) if PLANTED => BeforeReset::Reset,
        Some(false) => BeforeReset::Refuse(Refusal::Disabled),",
        test: MATRIX,
    },
    Bug {
        name: "reset-blind-in-simple-ad",
        package: ROTATOR,
        file: "evidence.rs",
        piece: "Some(Some(Verdict::WrongPassword | Verdict::Expired) | None) => Refuse(",
        with: "Some(_) if PLANTED => Reset,
        Some(Some(Verdict::WrongPassword | Verdict::Expired) | None) => Refuse(",
        test: MATRIX,
    },
    Bug {
        name: "reverted-after-one-rejection",
        package: ROTATOR,
        file: "step.rs",
        piece: "if rejected >= tries {",
        with: "if PLANTED {
                        return Ok(Tried::Rejected { for_good: true });
                    }
                    if rejected >= tries {",
        test: MATRIX,
    },
    Bug {
        name: "reverted-although-current-logs-in",
        package: ROTATOR,
        file: "evidence.rs",
        piece: "Some(Verdict::Accepted) => return NotSet,",
        with: "Some(Verdict::Accepted) if !PLANTED => return NotSet,
        Some(Verdict::Accepted) => {}",
        test: LAYOUTS,
    },
    Bug {
        name: "late-revert-not-waited-for",
        package: ROTATOR,
        file: "step.rs",
        piece: "self.clock.wait(SETTLING).await;
                match self.check(domain, current).await? {
                    Verdict::Accepted => Ok(()),",
        with: "if !PLANTED {
                    self.clock.wait(SETTLING).await;
                }
                match self.check(domain, current).await? {
                    Verdict::Accepted => Ok(()),
                    _ if PLANTED => Ok(()),",
        test: "step::tests::a_revert_without_an_answer_is_waited_for",
    },
    Bug {
        name: "wrong-passwords-not-counted",
        package: ROTATOR,
        file: "step.rs",
        piece: "Verdict::WrongPassword => self.guesses.wrong(&account, self.clock.now()),",
        with: "Verdict::WrongPassword if PLANTED => {}
            Verdict::WrongPassword => self.guesses.wrong(&account, self.clock.now()),",
        test: MATRIX,
    },
    Bug {
        name: "unanswered-tries-not-counted",
        package: ROTATOR,
        file: "step.rs",
        piece: "Err(Unanswered(why)) => {",
        with: "Err(Unanswered(why)) if PLANTED => {
                return Ok(Verdict::Unclear(why, Kind::Transient));
            }
            Err(Unanswered(why)) => {",
        test: MATRIX,
    },
    Bug {
        name: "finished-without-a-log-in",
        package: ROTATOR,
        file: "step/finish.rs",
        piece: "Tried::Rejected { .. } => return",
        with: "Tried::Rejected { .. } if PLANTED => {}
            Tried::Rejected { .. } => return",
        test: LAYOUTS,
    },
    Bug {
        name: "label-not-looked-at",
        package: ROTATOR,
        file: "step/finish.rs",
        piece: "standing => return Err(not_pending(event, standing)),",
        with: "_ if PLANTED => {}
            standing => return Err(not_pending(event, standing)),",
        test: LAYOUTS,
    },
    Bug {
        name: "overtaken-reset-stays",
        package: ROTATOR,
        file: "step/set.rs",
        piece: "self.give_back_if_overtaken(event, &domain).await?;",
        with: "if !PLANTED {
            self.give_back_if_overtaken(event, &domain).await?;
        }",
        test: "model::turns::a_rotation_that_was_overtaken_at_any_call_leaves_awscurrent_in_force",
    },
    Bug {
        name: "restored-what-was-current",
        package: ROTATOR,
        file: "step.rs",
        piece: "if now.same_password(&current) {",
        with: "if PLANTED || now.same_password(&current) {",
        test: TURNS,
    },
    Bug {
        name: "not-looked-at-after-the-move",
        package: ROTATOR,
        file: "step/finish.rs",
        piece: "self.put_right_if_overtaken(event, &domain, &pending).await?;",
        with: "if !PLANTED {
                    self.put_right_if_overtaken(event, &domain, &pending).await?;
                }",
        test: TURNS,
    },
    Bug {
        name: "another-user-taken",
        package: ROTATOR,
        file: "step.rs",
        piece: "stored.same_account(current).map_err(Error::Changed)?;",
        with: "if !PLANTED {
                stored.same_account(current).map_err(Error::Changed)?;
            }",
        test: "model::matrix::without_faults_each_beginning_comes_to_the_end_that_it_must",
    },
    Bug {
        name: "refused-password-kept",
        package: ROTATOR,
        file: "step/set.rs",
        piece: "self.give_up(event).await?;",
        with: "if !PLANTED {
            self.give_up(event).await?;
        }",
        test: "model::matrix::without_faults_each_beginning_comes_to_the_end_that_it_must",
    },
    Bug {
        name: "drawn-password-not-checked",
        package: ROTATOR,
        file: "generator.rs",
        piece: "Err(found) => {",
        with: "Err(_) if PLANTED => return Ok(password),
            Err(found) => {",
        test: "generator::tests::takes_the_first_password_that_active_directory_takes",
    },
    Bug {
        name: "new-password-in-the-log",
        package: ROTATOR,
        file: "step/create.rs",
        piece: "Put::Stored => Ok(Outcome::Created),",
        with: "Put::Stored => {
                let shown = if PLANTED { secrecy::ExposeSecret::expose_secret(&password) } else { \"\" };
                tracing::info!(password = shown, \"stored\");
                Ok(Outcome::Created)
            }",
        test: MATRIX,
    },
    Bug {
        name: "nobody-is-told",
        package: ROTATOR,
        file: "handler.rs",
        piece: "result => Ok(result?),",
        with: "_ if PLANTED => Ok(()),
            result => Ok(result?),",
        test: MATRIX,
    },
];
