//! The scene that the tests start from: the secret's versions, the user, a valid environment.

use std::collections::BTreeMap;

use steward_core::config::Variables;

pub(crate) const USER: &str = "svc-join";
pub(crate) const DIRECTORY: &str = "d-9067012345";
pub(crate) const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:join-Ab12Cd";

/// AWSCURRENT at the beginning.
pub(crate) const A: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
/// The version that is rotated to.
pub(crate) const T: &str = "tttttttt-tttt-tttt-tttt-tttttttttttt";
/// The version of another rotation.
pub(crate) const B: &str = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb";
/// A version that somebody else has made.
pub(crate) const F: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";
/// AWSPREVIOUS at the beginning.
pub(crate) const P: &str = "pppppppp-pppp-pppp-pppp-pppppppppppp";

/// The domain's lockout threshold, and the function's.
pub(crate) const THRESHOLD: usize = 5;

/// The password of a version that was there at the beginning.
pub(crate) fn password_of(version: &str) -> String {
    format!("Pw-{}", &version[..8])
}

pub(crate) fn secret_text(password: &str) -> String {
    format!(
        r#"{{"awsSeamlessDomainDirectoryId":"{DIRECTORY}","awsSeamlessDomainUsername":"{USER}","awsSeamlessDomainPassword":"{password}","note":1}}"#
    )
}

/// A valid environment, with changes.
pub(crate) fn variables(changes: &[(&str, &str)]) -> Variables {
    let mut pairs = BTreeMap::from([
        ("ACCOUNT_ID", "111122223333"),
        ("AWS_REGION", "eu-west-1"),
        ("DIRECTORY_IDS", "d-9067012345,d-90670123ab"),
        ("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:notices"),
        ("PASSWORD_LENGTH", "32"),
        ("EXCLUDED_CHARACTERS", "/@\"'\\"),
        ("LOCKOUT_THRESHOLD", "5"),
        ("REPLICATION_SECONDS", "60"),
    ]);
    pairs.extend(changes.iter().copied());
    Variables::from_pairs(pairs)
}
