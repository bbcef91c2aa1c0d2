//! Every combination of what can be known.

use DirectoryKind::{ManagedMicrosoftAd, SimpleAd};

use super::*;

fn verdicts() -> Vec<Verdict> {
    vec![
        Verdict::Accepted,
        Verdict::WrongPassword,
        Verdict::Revoked("r".to_owned()),
        Verdict::Expired,
        Verdict::Unclear("u".to_owned(), Kind::Transient),
        Verdict::Unclear("u".to_owned(), Kind::Permanent),
    ]
}

/// Lets a decision ask until it has decided; what it decided, and what it knew then.
fn decided(kind: DirectoryKind, truth: &Evidence) -> (BeforeReset, Evidence) {
    let mut known = Evidence::default();
    for _ in 0..5 {
        match before_reset(kind, &known) {
            BeforeReset::Ask(Question::Pending) => known.pending = truth.pending.clone(),
            BeforeReset::Ask(Question::Account) => known.enabled = truth.enabled,
            BeforeReset::Ask(Question::Current) => known.current = truth.current.clone(),
            BeforeReset::Ask(Question::Previous) => known.previous = truth.previous.clone(),
            decision => return (decision, known),
        }
    }
    panic!("{kind:?} asks for ever: {known:?}");
}

fn every_truth() -> Vec<Evidence> {
    let mut all = Vec::new();
    for pending in verdicts() {
        for enabled in [true, false] {
            for current in verdicts() {
                for previous in verdicts().into_iter().map(Some).chain([None]) {
                    all.push(Evidence {
                        pending: Some(pending.clone()),
                        enabled: Some(enabled),
                        current: Some(current.clone()),
                        previous: Some(previous),
                    });
                }
            }
        }
    }
    all
}

#[test]
fn nothing_is_set_unless_the_account_is_known_to_be_enabled() {
    for truth in every_truth() {
        let (decision, known) = decided(ManagedMicrosoftAd, &truth);
        if decision == BeforeReset::Reset {
            assert_eq!(known.enabled, Some(true), "{known:?}");
            assert!(!matches!(known.current, Some(Verdict::Revoked(_) | Verdict::Unclear(..))), "{known:?}");
        }
        let (decision, known) = decided(SimpleAd, &truth);
        if decision == BeforeReset::Reset {
            let accepted = |verdict: &Option<Verdict>| *verdict == Some(Verdict::Accepted);
            assert!(accepted(&known.current) || accepted(&known.previous.flatten()), "a log-in proves it");
        }
    }
}

#[test]
fn a_password_that_is_there_already_ends_it_whatever_became_of_the_old_one() {
    for kind in [ManagedMicrosoftAd, SimpleAd] {
        for current in [Verdict::WrongPassword, Verdict::Expired] {
            let truth =
                Evidence { pending: Some(Verdict::Accepted), current: Some(current), ..Evidence::default() };
            assert_eq!(decided(kind, &truth), (BeforeReset::SetAlready, truth));
        }
    }
}

#[test]
fn what_passes_is_told_from_what_does_not() {
    for truth in every_truth() {
        for kind in [ManagedMicrosoftAd, SimpleAd] {
            let (decision, known) = decided(kind, &truth);
            let unclear = |kind| {
                let verdict = Some(Verdict::Unclear("u".to_owned(), kind));
                [&known.pending, &known.current].contains(&&verdict) || known.previous == Some(verdict)
            };
            if let BeforeReset::Refuse(Refusal::Unclear(_, kind)) = decision {
                assert!(unclear(kind), "{known:?}");
            }
        }
    }
}

#[test]
fn a_usual_rotation_tries_no_wrong_password() {
    let truth = Evidence {
        pending: Some(Verdict::WrongPassword),
        enabled: Some(true),
        current: Some(Verdict::Accepted),
        previous: Some(None),
    };
    for kind in [ManagedMicrosoftAd, SimpleAd] {
        let (decision, known) = decided(kind, &truth);
        assert_eq!((decision, known.pending, known.previous), (BeforeReset::Reset, None, None));
    }
}

#[test]
fn only_the_proved_rejection_of_both_reverts_and_only_where_the_account_is_known_to_be_enabled() {
    for kind in [ManagedMicrosoftAd, SimpleAd] {
        for current in verdicts() {
            for enabled in [None, Some(true), Some(false)] {
                let known = Evidence { enabled, current: Some(current.clone()), ..Evidence::default() };
                let reverts = after_rejection(kind, &known) == AfterRejection::Revert;
                let may =
                    kind == ManagedMicrosoftAd && current == Verdict::WrongPassword && enabled == Some(true);
                assert_eq!(reverts, may, "{kind:?} {known:?}");
            }
        }
        assert_eq!(
            after_rejection(kind, &Evidence::default()),
            AfterRejection::Ask(Question::Current),
            "AWSCURRENT is asked first"
        );
    }
}
