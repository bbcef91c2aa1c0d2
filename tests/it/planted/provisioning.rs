//! The bugs of flow 4's rest: those of the article's second function, and pieces without which a user gets what is not his,
//! gets it twice, loses what he should keep, or nobody is told.

use crate::bugs::Bug;

const PROVISIONER: &str = "user-provisioner";
const ONBOARDING: &str = "model::matrix::an_onboarding_survives_every_fault_at_every_call";
const OFF_BOARDING: &str = "model::matrix::an_off_boarding_survives_every_fault_at_every_call";
const RETURN: &str = "model::matrix::a_return_survives_every_fault_at_every_call";
const OUTCOMES: &str =
    "model::outcomes::every_combination_of_two_services_ends_in_the_true_state_and_a_true_report";
const AGAIN: &str =
    "model::outcomes::when_the_cause_is_gone_the_next_run_adds_what_is_missing_and_nothing_else";

pub(crate) const PROVISION: &[Bug] = &[
    Bug {
        name: "failed-request-taken-for-success",
        package: PROVISIONER,
        file: "services/workspaces.rs",
        piece: "code if code.starts_with(\"ResourceExists\") => Ok(Creation::Exists),",
        with: "code if PLANTED || code.starts_with(\"ResourceExists\") => Ok(Creation::Exists),",
        test: "services::workspaces::tests::each_failed_request_of_an_answer_200_means_something_else",
    },
    Bug {
        name: "failure-reported-as-success",
        package: PROVISIONER,
        file: "onboard/report.rs",
        piece: "states.iter().all(|state| *state == AccountState::Ready)",
        with: "(PLANTED || states.iter().all(|state| *state == AccountState::Ready))",
        test: OUTCOMES,
    },
    Bug {
        name: "exists-is-a-failure",
        package: PROVISIONER,
        file: "onboard/account.rs",
        piece: "Creation::Exists => self.adopt(way, &order).await,",
        with: "Creation::Exists if PLANTED => Err(Error::Contradiction(\"exists\".to_owned())),
            Creation::Exists => self.adopt(way, &order).await,",
        test: OUTCOMES,
    },
    Bug {
        name: "duplicate-is-his-whoever-it-is",
        package: PROVISIONER,
        file: "onboard/account.rs",
        piece: "(None, Some(why)) => {",
        with: "(None, Some(why)) if !PLANTED => {",
        test: "onboard::tests::an_account_of_an_earlier_bearer_of_the_name_is_not_his",
    },
    Bug {
        name: "names-split-on-a-dot",
        package: PROVISIONER,
        file: "services/connect.rs",
        piece: "known.as_deref().unwrap_or(told)",
        with: "known.as_deref().filter(|_| !PLANTED).unwrap_or(told)",
        test: "services::connect::tests::names_come_from_the_directory_and_from_the_user_name_only_where_it_has_none",
    },
    Bug {
        name: "quota-retried-as-a-throttle",
        package: PROVISIONER,
        file: "services/connect.rs",
        piece: "\"LimitExceededException\" => {",
        with: "\"LimitExceededException\" if !PLANTED => {",
        test: "services::connect::tests::a_quota_is_told_from_a_throttle_although_both_are_429",
    },
    Bug {
        name: "disabled-user-gets-accounts",
        package: PROVISIONER,
        file: "onboard/account.rs",
        piece: "Ok(person) if !person.user.enabled => Ok(Some(\"disabled\")),",
        with: "Ok(person) if !PLANTED && !person.user.enabled => Ok(Some(\"disabled\")),",
        test: "onboard::tests::who_is_disabled_or_deleted_before_his_account_is_made_gets_nothing",
    },
    Bug {
        name: "pending-taken-for-available",
        package: PROVISIONER,
        file: "onboard/account.rs",
        piece: "Standing::Pending(word) => way.waiting(&word),",
        with: "Standing::Pending(_) if PLANTED => Outcome::new(\"done\"),
            Standing::Pending(word) => way.waiting(&word),",
        test: OUTCOMES,
    },
    Bug {
        name: "two-executions-for-one-user",
        package: PROVISIONER,
        file: "onboard/look_up.rs",
        piece: "if let Some(holder) = held {",
        with: "if let Some(holder) = held.filter(|_| !PLANTED) {",
        test: "onboard::tests::of_two_executions_for_one_user_one_goes_on",
    },
    Bug {
        name: "user-taken-whoever-has-him",
        package: PROVISIONER,
        file: "records/user.rs",
        piece: "Some(mut item) if item.is_held_by(execution) => {",
        with: "Some(mut item) if PLANTED || item.is_held_by(execution) => {",
        test: "records::user::tests::only_who_holds_a_person_changes_him",
    },
    Bug {
        name: "memberships-not-put-back",
        package: PROVISIONER,
        file: "onboard/restore.rs",
        piece: "Membership::AsWanted => Ok(()),",
        with: "_ if PLANTED => Ok(()),
            Membership::AsWanted => Ok(()),",
        test: "onboard::tests::what_one_invocation_cannot_put_back_the_next_one_does_and_a_group_that_is_gone_costs_no_other",
    },
    Bug {
        name: "desk-not-started-again",
        package: PROVISIONER,
        file: "onboard/account.rs",
        piece: "let standing = if way.account.suspended {",
        with: "let standing = if !PLANTED && way.account.suspended {",
        test: RETURN,
    },
    Bug {
        name: "nobody-is-told-of-the-result",
        package: PROVISIONER,
        file: "onboard/report.rs",
        piece: "self.tell(request, &cause, &notice, metric).await?;",
        with: "if !PLANTED {
            self.tell(request, &cause, &notice, metric).await?;
        }",
        test: ONBOARDING,
    },
    Bug {
        name: "each-run-told-again",
        package: PROVISIONER,
        file: "onboard/report.rs",
        piece: "\"onboarded\" => cause_of_onboarded(&item, &run),",
        with: "\"onboarded\" if !PLANTED => cause_of_onboarded(&item, &run),",
        test: AGAIN,
    },
    Bug {
        name: "off-boarding-without-another-look",
        package: PROVISIONER,
        file: "offboard.rs",
        piece: "Ok(person) if !person.user.enabled => true,",
        with: "Ok(person) if PLANTED || !person.user.enabled => true,",
        test: "offboard::tests::who_is_enabled_again_in_the_grace_period_loses_nothing_and_is_nobodys_news",
    },
    Bug {
        name: "lagging-controller-believed-at-once",
        package: PROVISIONER,
        file: "records/run.rs",
        piece: "Ok(now >= since + BELIEVED_SECONDS)",
        with: "Ok(PLANTED || now >= since + BELIEVED_SECONDS)",
        test: OFF_BOARDING,
    },
    Bug {
        name: "contained-user-loses-his-groups",
        package: PROVISIONER,
        file: "offboard/groups.rs",
        piece: "if self.kind(&run, &item).await? == Leaving::Contained {",
        with: "if !PLANTED && self.kind(&run, &item).await? == Leaving::Contained {",
        test: "model::matrix::a_containment_survives_every_fault_at_every_call",
    },
    Bug {
        name: "contained-users-desk-removed",
        package: PROVISIONER,
        file: "offboard/account.rs",
        piece: "if self.kind(&way.run, &way.item).await? == Leaving::Contained {",
        with: "if !PLANTED && self.kind(&way.run, &way.item).await? == Leaving::Contained {",
        test: "offboard::tests::who_is_contained_while_his_desk_is_kept_loses_nothing_more",
    },
    Bug {
        name: "desk-that-never-stops-never-removed",
        package: PROVISIONER,
        file: "records/account.rs",
        piece: "matches!(self.state, AccountState::Suspended | AccountState::Kept) && self.id.is_some()",
        with: "(self.state == AccountState::Suspended || (!PLANTED && self.state == AccountState::Kept))
            && self.id.is_some()",
        test: "offboard::tests::whose::a_desk_that_cannot_be_stopped_is_removed_with_the_others_and_a_contained_users_is_not",
    },
    Bug {
        name: "protected-user-off-boarded",
        package: PROVISIONER,
        file: "offboard/begin.rs",
        piece: "if groups.all.contains(&self.config.common.scope.protected_group) {",
        with: "if !PLANTED && groups.all.contains(&self.config.common.scope.protected_group) {",
        test: "offboard::tests::a_protected_user_keeps_everything_and_people_are_told",
    },
    Bug {
        name: "memberships-left-unsaved",
        package: PROVISIONER,
        file: "offboard/begin.rs",
        piece: "saved: groups.direct,",
        with: "saved: if PLANTED { Vec::new() } else { groups.direct },",
        test: OFF_BOARDING,
    },
    Bug {
        name: "stranger-given-accounts",
        package: PROVISIONER,
        file: "onboard/taking.rs",
        piece: "!item.onboarded && request.input.is_enabling()",
        with: "!PLANTED && !item.onboarded && request.input.is_enabling()",
        test: "offboard::tests::whose::who_was_never_onboarded_gets_back_what_was_taken_and_nothing_else",
    },
    Bug {
        name: "telling-never-given-up",
        package: PROVISIONER,
        file: "onboard.rs",
        piece: "self.give_up_telling(&sid, request).await?;",
        with: "if !PLANTED {
                self.give_up_telling(&sid, request).await?;
            }",
        test: "onboard::tests::what_an_execution_could_not_tell_the_next_one_tells_at_once",
    },
    Bug {
        name: "nobody-asks-for-an-unknown-name",
        package: PROVISIONER,
        file: "offboard/account/whose.rs",
        piece: "if !there && let Some(guess)",
        with: "if !PLANTED && !there && let Some(guess)",
        test: "offboard::tests::whose::an_agent_whom_a_deleted_user_probably_had_is_left_alone_and_people_are_told",
    },
    Bug {
        name: "deleted-by-a-guess",
        package: PROVISIONER,
        file: "offboard/account/whose.rs",
        piece: "Some(owner) if owner == way.item.sid => His::Account(id),",
        with: "_ if PLANTED => His::Account(id),
            Some(owner) if owner == way.item.sid => His::Account(id),",
        test: "offboard::tests::whose::an_agent_whom_a_deleted_user_probably_had_is_left_alone_and_people_are_told",
    },
    Bug {
        name: "removed-before-its-time",
        package: PROVISIONER,
        file: "offboard/account.rs",
        piece: "Suspension::Suspended => self.settle(way, AccountState::Suspended, Some(id), None).await,",
        with: "Suspension::Suspended => {
                if PLANTED {
                    way.service.remove(&id).await?;
                }
                self.settle(way, AccountState::Suspended, Some(id), None).await
            }",
        test: "offboard::tests::a_contained_user_is_suspended_at_once_and_nothing_of_his_is_deleted",
    },
];
