//! DER, with a check of a message's shape before the parser sees it.

use picky_asn1_der::{from_bytes, to_vec};
use serde::{Serialize, de::DeserializeOwned};

use crate::Reason;

/// An AS-REP nests ten levels.
const DEEPEST: u8 = 24;

/// Reads one value. What is not DER in full, with every length inside its parent, never reaches the parser, which
/// adds lengths up without care.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Reason> {
    if first_value(bytes, DEEPEST) != Some(bytes.len()) {
        return Err(Reason::Malformed("it is not DER"));
    }
    from_bytes(bytes).map_err(|_| Reason::Malformed("it is no Kerberos message"))
}

pub(crate) fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, Reason> {
    to_vec(value).map_err(|_| Reason::Local("the request could not be written"))
}

/// The length of the value that the bytes start with, if it is well-formed.
fn first_value(bytes: &[u8], deepest: u8) -> Option<usize> {
    let (&tag, rest) = bytes.split_first()?;
    let many_byte_tag = tag & 0x1f == 0x1f;
    let (length, rest) = read_length(rest)?;
    let content = rest.get(..length)?;
    if many_byte_tag || deepest == 0 {
        return None;
    }
    if tag & 0x20 != 0 {
        all_values(content, deepest - 1)?;
    }
    Some(bytes.len() - rest.len() + length)
}

fn all_values(mut content: &[u8], deepest: u8) -> Option<()> {
    while !content.is_empty() {
        content = &content[first_value(content, deepest)?..];
    }
    Some(())
}

/// A length in the shortest form, up to four bytes.
fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((first.into(), rest));
    }
    let count = usize::from(first & 0x7f);
    let (digits, rest) = rest.split_at_checked(count)?;
    if !(1..=4).contains(&count) || digits[0] == 0 || (count == 1 && digits[0] < 0x80) {
        return None;
    }
    Some((digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_well_formed(bytes: &[u8]) -> bool {
        first_value(bytes, DEEPEST) == Some(bytes.len())
    }

    #[test]
    fn takes_values_inside_values() {
        assert!(is_well_formed(&[0x30, 0x05, 0xa0, 0x03, 0x02, 0x01, 0x07]));
        assert!(is_well_formed(&[&[0x04, 0x81, 0x80][..], &[0; 0x80]].concat()));
    }

    #[test]
    fn refuses_lengths_that_leave_the_parent() {
        assert!(!is_well_formed(&[0x30, 0x05, 0xa0, 0x04, 0x02, 0x01, 0x07]));
        assert!(!is_well_formed(&[0x6b, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
        assert!(!is_well_formed(&[0x6b, 0x84, 0xff, 0xff, 0xff, 0xff]));
    }

    #[test]
    fn refuses_what_is_left_over_and_what_is_missing() {
        assert!(!is_well_formed(&[0x02, 0x01, 0x07, 0x00]));
        assert!(!is_well_formed(&[0x02, 0x01]));
        assert!(!is_well_formed(&[0x02]));
        assert!(!is_well_formed(&[]));
    }

    #[test]
    fn refuses_lengths_that_are_not_in_the_shortest_form() {
        assert!(!is_well_formed(&[0x04, 0x81, 0x01, 0x00]));
        assert!(!is_well_formed(&[0x04, 0x82, 0x00, 0x01, 0x00]));
        assert!(!is_well_formed(&[0x30, 0x80, 0x00, 0x00]));
    }

    #[test]
    fn refuses_deep_nesting_without_running_out_of_stack() {
        let mut bytes = vec![];
        for _ in 0..20_000 {
            let length = u32::try_from(bytes.len()).unwrap();
            let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
            let head = match length {
                0..0x80 => vec![0x30, digits.first().copied().unwrap_or(0)],
                _ => [&[0x30, 0x80 | u8::try_from(digits.len()).unwrap()], &digits[..]].concat(),
            };
            bytes = [head, bytes].concat();
        }
        assert!(!is_well_formed(&bytes));
    }
}
