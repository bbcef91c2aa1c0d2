//! A SID in the table: text that is checked when it is read.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use steward_core::ids::Sid;

pub(super) fn serialize<S: Serializer>(sid: &Option<Sid>, serializer: S) -> Result<S::Ok, S::Error> {
    sid.as_ref().map(Sid::as_str).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sid>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}
