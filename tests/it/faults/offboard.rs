//! The matrix of `offboard-user`: somebody who has accounts is disabled, deleted or contained, and the same event again.

mod prepared;

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use crate::accounts::{Accounts, plan, telling};
use crate::execution::Execution;
use crate::fault::Kind;
use crate::flow::{Delivery, Flow, Observed};
use crate::invariants::{Journals, Violations, values};
use crate::lab::variable;
use crate::matrix;
use crate::points::Point;
use crate::retries::QuickRetries;
use crate::stack::Reconfigured;
use crate::users::all_enabled;

use prepared::{GROUPS, PROTECTED_GROUP, Prepared, Stock};

/// Why somebody's accounts are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// He is disabled.
    Disabled,
    /// He is deleted.
    Deleted,
    /// adsteward has disabled him because of a finding.
    Contained,
    /// He is disabled, and in the protected group.
    Protected,
}

use Way::{Contained, Deleted, Disabled, Protected};

struct Offboard {
    way: Way,
    stock: Stock,
    /// Who is enabled at the end.
    enabled: OnceLock<BTreeSet<String>>,
    _keeps_briefly: Reconfigured,
    _retries: QuickRetries,
}

impl Offboard {
    fn new(way: Way) -> Self {
        let offboarder = format!("{}-user-offboarder", variable("STACK_NAME"));
        let keeps_briefly = Reconfigured::of(&offboarder, &[("KEEP_DAYS", Some("0.00001"))]);
        Self {
            way,
            stock: Stock::new(),
            enabled: OnceLock::new(),
            _keeps_briefly: keeps_briefly,
            _retries: QuickRetries::now(),
        }
    }
}

impl Flow for Offboard {
    const AFTERMATH: Duration = Duration::ZERO;
    type Scene = Prepared;
    type State = Accounts;

    fn name(&self) -> &'static str {
        match self.way {
            Disabled => "offboard",
            Deleted => "deleted",
            Contained => "suspend",
            Protected => "protected",
        }
    }

    fn faults(&self, point: &Point) -> Vec<(Kind, u32)> {
        if self.way == Disabled { plan::most(point) } else { plan::few(point) }
    }

    fn prepare(&self, users: &[String]) {
        self.stock.prepare(users);
    }

    fn scene(&self, user: &str) -> Prepared {
        let prepared = self.stock.of(user);
        match self.way {
            Disabled => {}
            Deleted => prepared.delete(),
            Contained => prepared.contain(),
            Protected => prepared.join(PROTECTED_GROUP),
        }
        prepared
    }

    fn play(&self, scene: &Prepared, _: &str, name: &str) -> Execution {
        let event = if self.way == Deleted { 4726 } else { 4725 };
        Execution::run("OffboardStateMachineArn", name, &scene.person.input(event))
    }

    fn look(&self, scene: &Prepared, _: &str, _: &Execution) -> Accounts {
        scene.person.accounts()
    }

    /// Of somebody whom no execution is about, nothing is gone.
    fn settle(&self, _: &mut [Observed<Accounts>]) {
        let there = self.stock.model.person.accounts();
        assert_eq!(
            (there.workspaces.len(), there.agents.len(), there.state()),
            (1, 1, "onboarded"),
            "{there:?}"
        );
        self.enabled.set(all_enabled()).unwrap();
    }

    fn violations(&self, run: &Observed<Accounts>, journals: &Journals) -> Vec<String> {
        let mut wrong = Violations::default();
        let before = self.stock.of(&run.run.subject);
        wrong.of_the_end(run);
        telling::violations(run, journals, &mut wrong);
        wrong.of_mended_faults(run);
        wrong.unless(run.second.execution.succeeded(), "without a fault, he is not off-boarded");
        for delivery in [&run.first, &run.second] {
            let state = &delivery.state;
            state.truth(delivery.execution.name(), &mut wrong);
            wrong.unless(state.holder().is_none(), format!("he is held by {:?}", state.holder()));
            let new = state.workspaces.keys().any(|id| *id != before.workspace)
                || state.agents.iter().any(|id| *id != before.agent);
            wrong.unless(!new, format!("he has got {:?} and {:?}", state.workspaces, state.agents));
        }
        wrong.unless(!self.enabled.get().unwrap().contains(&run.run.subject), "somebody has enabled him");
        self.only_what_is_recorded(&before, journals, &mut wrong);
        match self.way {
            Disabled | Deleted => self.left(run, journals, &mut wrong),
            Contained | Protected => self.kept(&before, run, journals, &mut wrong),
        }
        wrong.0
    }
}

impl Offboard {
    /// Nothing but his own accounts was removed, and of who is contained or protected nothing at all.
    fn only_what_is_recorded(&self, before: &Prepared, journals: &Journals, wrong: &mut Violations) {
        let of_this_flow = |id: &str| self.stock.owner(id).is_some();
        for (operation, id) in journals.removals() {
            wrong.unless(of_this_flow(&id), format!("{operation} of {id}, which nothing had recorded"));
            let his = id == before.workspace || id == before.agent;
            let may_go = matches!(self.way, Disabled | Deleted);
            wrong.unless(!his || may_go, format!("{operation} of {id}"));
        }
    }

    fn left(&self, run: &Observed<Accounts>, journals: &Journals, wrong: &mut Violations) {
        let (first, end, user) = (&run.first, &run.second.state, run.run.subject.as_str());
        wrong.unless(end.state() == "off-boarded", format!("he is {} at the end", end.state()));
        let there = [end.there("workspaces"), end.there("connect")];
        wrong.unless(there.iter().all(|there| there.is_empty()), format!("he still has {there:?}"));
        wrong.unless(end.groups.is_empty(), format!("he is still in {:?}", end.groups));
        for Delivery { execution, state, .. } in [first, &run.second] {
            for group in GROUPS {
                let known = state.groups.contains(group) || state.saved().contains(group);
                wrong.unless(known, format!("{group} is left and not written down ({})", execution.name()));
            }
        }
        let removed = journals.effects("RemoveGroupMember", "MemberName", user);
        let groups = values(&removed, "GroupName").len();
        let most = if self.way == Disabled { GROUPS.len() } else { 0 };
        wrong.unless(groups == most, format!("he was taken out of {groups} groups"));
        let why = if self.way == Disabled { "disabled" } else { "deleted" };
        for (what, text) in [
            (
                "are suspended",
                format!("The directory user {user} is {why}: his accounts are put out of use.\n"),
            ),
            (
                "are removed",
                format!("The accounts of the directory user {user} were kept for a while and are removed"),
            ),
        ] {
            let mails = journals.mails(&[&text]);
            // Of an execution that failed, the state machine has told; the next one finds nothing left to tell of.
            let is_told = !mails.is_empty() || !run.first.execution.succeeded();
            wrong.unless(is_told, format!("nobody was told that his accounts {what}"));
            if run.first.execution.succeeded() {
                wrong.of_a_notice(&format!("say that his accounts {what}"), &mails, run, journals);
            }
        }
    }

    fn kept(&self, before: &Prepared, run: &Observed<Accounts>, journals: &Journals, wrong: &mut Violations) {
        let (wanted, state, text) = match self.way {
            Contained => (
                ["STOPPING", "STOPPED"],
                "suspended",
                "is contained by adsteward: his accounts are put out of use",
            ),
            _ => (
                ["AVAILABLE", "AVAILABLE"],
                "onboarded",
                "was disabled or deleted.\nadsteward has taken nothing away",
            ),
        };
        for Delivery { execution, state, .. } in [&run.first, &run.second] {
            let name = execution.name();
            let has_workspace = state.workspaces.contains_key(&before.workspace);
            let has_agent = state.agents.contains(&before.agent);
            wrong.unless(has_workspace && has_agent, format!("he has lost an account: {state:?} ({name})"));
            let groups = GROUPS.iter().all(|group| state.groups.contains(*group));
            wrong.unless(groups, format!("he has lost a group: {:?} ({name})", state.groups));
        }
        let end = &run.second.state;
        let is_as_wanted = end.workspaces.values().all(|state| wanted.contains(&state.as_str()));
        wrong.unless(is_as_wanted, format!("his WorkSpace is {:?}", end.workspaces));
        wrong.unless(end.state() == state, format!("he is {} at the end", end.state()));
        let mails = journals.mails(&[&format!("directory user {} ", run.run.subject), text]);
        wrong.unless(!mails.is_empty(), "nobody was told");
        for delivery in [&run.first, &run.second] {
            wrong.of_a_notice("tell of it", &telling::told(delivery, journals), run, journals);
        }
    }
}

#[test]
fn whatever_fails_at_any_call_a_disabled_user_loses_his_accounts_and_nobody_elses() {
    matrix::check(&Offboard::new(Disabled));
}

#[test]
fn whatever_fails_at_any_call_a_deleted_user_loses_his_accounts_and_nobody_elses() {
    matrix::check(&Offboard::new(Deleted));
}

#[test]
fn whatever_fails_at_any_call_a_contained_user_is_suspended_and_loses_nothing() {
    matrix::check(&Offboard::new(Contained));
}

#[test]
fn whatever_fails_at_any_call_a_protected_user_loses_nothing() {
    matrix::check(&Offboard::new(Protected));
}
