use super::*;

/// RFC 3962, appendix B.
#[test]
fn makes_the_keys_of_the_rfc_with_any_number_of_iterations() {
    let check = |etype, iterations, password: &str, salt: &[u8], expected: &str| {
        let key = Key::from_password(etype, password.as_bytes(), salt, iterations).unwrap();
        let hex: String = key.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected, "{iterations} {password}");
    };
    let salt = b"ATHENA.MIT.EDUraeburn";
    check(Etype::Aes128, 1, "password", salt, "42263c6e89f4fc28b8df68ee09799f15");
    check(Etype::Aes128, 1200, "password", salt, "4c01cd46d632d01e6dbe230a01ed642a");
    check(
        Etype::Aes256,
        1200,
        "password",
        salt,
        "55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a",
    );
    check(Etype::Aes128, 50, "\u{1d11e}", b"EXAMPLE.COMpianist", "f149c1f2e154a73452d43e7fe62a56e5");
}

#[test]
fn opens_only_with_the_same_key_for_the_same_use() {
    let key = |password: &str| Key::from_password(Etype::Aes256, password.as_bytes(), b"salt", 1).unwrap();
    let encrypted = key("right").encrypt(Usage::Timestamp, b"the time").unwrap();
    assert_eq!(key("right").decrypt(Usage::Timestamp, &encrypted).unwrap().as_slice(), b"the time");
    assert!(key("right").decrypt(Usage::Reply, &encrypted).is_none());
    assert!(key("wrong").decrypt(Usage::Timestamp, &encrypted).is_none());
}

#[test]
fn opens_no_part_of_a_text() {
    let key = Key::from_password(Etype::Aes128, b"right", b"salt", 1).unwrap();
    let encrypted = key.encrypt(Usage::Reply, b"twenty-one characters").unwrap();
    for length in 0..encrypted.len() {
        assert!(key.decrypt(Usage::Reply, &encrypted[..length]).is_none(), "{length}");
    }
}
