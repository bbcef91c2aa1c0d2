//! The matrix of a rotation: a secret is rotated, and rotated again.

mod beginning;
mod doors;
mod peer;
mod plan;
mod side_by_side;
mod under_way;

use std::sync::OnceLock;
use std::thread::scope;
use std::time::Duration;

use serde_json::{Value, json};

use crate::execution::Execution;
use crate::fault::Kind;
use crate::flow::{Delivery, Flow, Observed};
use crate::invariants::{Journals, Violations};
use crate::lab::variable;
use crate::matrix::Matrix;
use crate::operator::try_aws;
use crate::points::Point;
use crate::stack::{Reconfigured, output};
use crate::users::is_enabled;

use beginning::Beginning;
use doors::{logs_in, logs_in_to_simple_ad};

/// What the function says when another wrong password could lock the account.
const SPENT: &str = "nothing is tried for half an hour";

/// Who takes the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Adsteward,
    /// The article's logic (`peer.py`).
    Article,
}

/// A rotation from a beginning.
pub(super) struct Rotate {
    pub(super) by: By,
    pub(super) beginning: Beginning,
}

/// What is to be seen after a rotation.
#[derive(Debug)]
pub(super) struct State {
    arn: String,
    pub(super) enabled: bool,
    pub(super) current: Version,
    pub(super) previous: Option<Version>,
    /// AWSPENDING, if it is not on AWSCURRENT's version.
    pub(super) pending: Option<Version>,
    /// Attempts at all four steps that the rotation took, and what they failed with.
    attempts: u64,
    errors: Vec<String>,
}

/// A version of the secret that has a label.
#[derive(Debug)]
pub(super) struct Version {
    id: String,
    pub(super) logs_in: bool,
}

impl Rotate {
    fn function(&self) -> &'static str {
        match self.by {
            By::Adsteward => output("SecretRotatorFunctionArn"),
            By::Article => peer::function(),
        }
    }

    fn directory(&self) -> &'static str {
        variable(if self.beginning == Beginning::SimpleAd { "SIMPLE_DIRECTORY_ID" } else { "DIRECTORY_ID" })
    }

    /// The article's logic tells nobody, and need not.
    fn told(&self, version: &str, run: &Observed<State>, journals: &Journals, wrong: &mut Violations) {
        if self.by == By::Adsteward {
            let mails = journals.mails(&["is rotated", version]);
            wrong.unless(!mails.is_empty(), "a rotation succeeded without a word");
            wrong.of_a_notice("tell of a rotation", &mails, run, journals);
        }
    }

    fn version(&self, arn: &str, user: &str, label: &str) -> Option<Version> {
        let get = json!({"SecretId": arn, "VersionStage": label});
        let answer = try_aws("secretsmanager", "get_secret_value", &get).ok()?;
        let value: Value = serde_json::from_str(answer["SecretString"].as_str().unwrap()).unwrap();
        let password = value["Password"].as_str().unwrap();
        let logs_in = match self.beginning {
            Beginning::SimpleAd => logs_in_to_simple_ad(user, password),
            _ => logs_in(user, password),
        };
        Some(Version { id: answer["VersionId"].as_str().unwrap().to_owned(), logs_in })
    }
}

impl Flow for Rotate {
    const AFTERMATH: Duration = Duration::ZERO;
    /// Each is a function that works, and domain controllers that are asked.
    const WORKERS: usize = 16;
    /// The secret's ARN.
    type Scene = String;
    type State = State;

    fn name(&self) -> &'static str {
        match (self.by, self.beginning) {
            (By::Adsteward, beginning) => beginning.name(),
            (By::Article, beginning) => beginning.peers_name(),
        }
    }

    fn faults(&self, point: &Point) -> Vec<(Kind, u32)> {
        if self.beginning == Beginning::Fresh { plan::all(point) } else { plan::few(point) }
    }

    fn prepare(&self, users: &[String]) {
        self.beginning.create_users(users);
    }

    fn scene(&self, user: &str) -> String {
        self.beginning.secret(user, self.directory(), self.function())
    }

    fn play(&self, arn: &String, _: &str, _: &str) -> Execution {
        let rules = json!({"AutomaticallyAfterDays": 30});
        let rotate = json!({"SecretId": arn, "RotationLambdaARN": self.function(), "RotationRules": rules});
        if let Err(refused) = try_aws("secretsmanager", "rotate_secret", &rotate) {
            // One that was not finished is taken up again.
            assert_eq!(refused.code, "InvalidRequestException");
        }
        let ended = under_way::ended(arn);
        let succeeded = ended["outcome"] == "Succeeded";
        let status = if succeeded { "SUCCEEDED" } else { "FAILED" };
        Execution { arn: ended["id"].as_str().unwrap().to_owned(), status: status.to_owned() }
    }

    fn look(&self, arn: &String, user: &str, _: &Execution) -> State {
        let ended = under_way::ended(arn);
        let steps = ended["steps"].as_array().unwrap();
        let current = self.version(arn, user, "AWSCURRENT").unwrap();
        let pending = self.version(arn, user, "AWSPENDING").filter(|pending| pending.id != current.id);
        State {
            arn: arn.clone(),
            enabled: if self.beginning == Beginning::SimpleAd { true } else { is_enabled(user) },
            previous: self.version(arn, user, "AWSPREVIOUS"),
            current,
            pending,
            attempts: steps.last().map_or(0, |step| step["attempt"].as_u64().unwrap()),
            errors: steps.iter().filter_map(|step| step["error"].as_str().map(str::to_owned)).collect(),
        }
    }

    /// Where too many wrong passwords were tried, nothing more is done for half an hour: then it is asked again.
    fn settle(&self, runs: &mut [Observed<State>]) {
        let spent =
            |run: &&mut Observed<State>| run.second.state.errors.iter().any(|error| error.contains(SPENT));
        let spent: Vec<_> = runs.iter_mut().filter(spent).collect();
        if spent.is_empty() {
            return;
        }
        half_an_hour_later();
        scope(|scope| {
            for run in spent {
                scope.spawn(|| {
                    let (arn, user) = (run.second.state.arn.clone(), run.run.subject.clone());
                    run.second.execution = self.play(&arn, &user, &user);
                    run.second.state = self.look(&arn, &user, &run.second.execution);
                });
            }
        });
    }

    fn violations(&self, run: &Observed<State>, journals: &Journals) -> Vec<String> {
        let mut wrong = Violations::default();
        wrong.of_the_end(run);
        if self.beginning == Beginning::Disabled {
            of_a_disabled_user(run, journals, &mut wrong);
            return wrong.0;
        }
        for delivery in [&run.first, &run.second] {
            let State { enabled, current, pending, previous, .. } = &delivery.state;
            wrong.unless(*enabled, "the user is disabled");
            let known = current.logs_in || pending.as_ref().is_some_and(|pending| pending.logs_in);
            wrong.unless(known, "no label leads to the directory's password");
            if delivery.execution.succeeded() {
                wrong.unless(current.logs_in, "a rotation succeeded, and AWSCURRENT does not log in");
                wrong.unless(pending.is_none(), "a rotation succeeded, and AWSPENDING is left");
                let refused = previous.as_ref().is_some_and(|previous| !previous.logs_in);
                wrong.unless(refused, "a rotation succeeded, and AWSPREVIOUS logs in");
                self.told(&current.id, run, journals, &mut wrong);
            }
        }
        let (first, second) = (&run.first, &run.second);
        let ends = run.run.fault.as_ref().is_none_or(|(_, _, count)| *count <= 3);
        wrong.unless(
            !ends || first.execution.succeeded(),
            format!("two retries do not mend it: {:?}", first.state.errors),
        );
        wrong.unless(
            second.execution.succeeded() && second.state.attempts <= 3,
            format!("without a fault, it does not rotate: {:?}", second.state.errors),
        );
        wrong.0
    }
}

/// What the function remembers of wrong passwords is half an hour old: its processes are new.
fn half_an_hour_later() {
    drop(Reconfigured::of(output("SecretRotatorFunctionArn"), &[("HALF_AN_HOUR", Some("later"))]));
}

/// He stays disabled, no password is set, and people hear of it.
fn of_a_disabled_user(run: &Observed<State>, journals: &Journals, wrong: &mut Violations) {
    let user = run.run.subject.as_str();
    for delivery in [&run.first, &run.second] {
        wrong.unless(!delivery.state.enabled, "a rotation has enabled him");
        wrong.unless(!delivery.execution.succeeded(), "a rotation of a disabled user succeeded");
    }
    let resets = journals.effects("ResetUserPassword", "UserName", user);
    wrong.unless(resets.is_empty(), "a password was set");
    let told = |delivery: &Delivery<State>| {
        let versions = delivery.state.pending.iter().map(|pending| pending.id.as_str());
        versions
            .into_iter()
            .any(|version| !journals.mails(&["password rotation refused", version]).is_empty())
    };
    wrong.unless(told(&run.second), "nobody was told of the refusal");
}

/// The product's matrix from a beginning, played once.
fn matrix(beginning: Beginning) -> &'static Matrix<State> {
    static PLAYED: [OnceLock<Matrix<State>>; Beginning::COUNT] =
        [const { OnceLock::new() }; Beginning::COUNT];
    PLAYED[beginning as usize].get_or_init(|| Matrix::of(&Rotate { by: By::Adsteward, beginning }))
}

fn check(beginning: Beginning) {
    matrix(beginning).check(&Rotate { by: By::Adsteward, beginning });
}

#[test]
fn whatever_fails_at_any_call_a_password_is_rotated_and_none_is_lost() {
    check(Beginning::Fresh);
}

#[test]
fn whatever_fails_at_any_call_a_password_of_a_simple_ad_is_rotated_and_none_is_lost() {
    check(Beginning::SimpleAd);
}

#[test]
fn whatever_fails_at_any_call_a_stray_empty_version_is_rotated_to() {
    check(Beginning::Stray);
}

#[test]
fn whatever_fails_at_any_call_a_foreign_version_is_rotated_to() {
    check(Beginning::Foreign);
}

#[test]
fn whatever_fails_at_any_call_a_left_over_version_is_finished() {
    check(Beginning::LeftOver);
}

#[test]
fn whatever_fails_at_any_call_a_disabled_user_stays_disabled() {
    check(Beginning::Disabled);
}
