//! What a KDC's error says about the account (codes: RFC 4120 section 7.5.9).

use std::time::SystemTime;

use picky_asn1::wrapper::Asn1SequenceOf;
use picky_krb::constants::error_codes::{
    KDC_ERR_C_PRINCIPAL_UNKNOWN, KDC_ERR_CLIENT_REVOKED, KDC_ERR_ETYPE_NOSUPP, KDC_ERR_KEY_EXPIRED,
    KDC_ERR_NAME_EXP, KDC_ERR_NEVER_VALID, KDC_ERR_POLICY, KDC_ERR_PREAUTH_FAILED, KDC_ERR_PREAUTH_REQUIRED,
    KRB_AP_ERR_BAD_INTEGRITY, KRB_AP_ERR_SKEW,
};
use picky_krb::data_types::PaData;

use crate::message::{KrbError, number};
use crate::{Reason, Revocation, Verdict, clock, der};

/// RFC 4120 section 1.6 and every KDC's default.
const ALLOWED_SKEW: u64 = 300;

/// What the request had to go by that an error answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    WithoutPassword,
    WithPassword,
}

/// Whether the KDC wants the proof that the first request did not have.
pub(crate) fn asks_for_proof(error: &KrbError) -> bool {
    number(&error.0.error_code.0) == Some(KDC_ERR_PREAUTH_REQUIRED)
}

/// Samba tells a revoked account only after the proof, Windows and MIT before it.
pub(crate) fn verdict(error: &KrbError, asked: Asked, now: SystemTime) -> Result<Verdict, Reason> {
    let code = number(&error.0.error_code.0).ok_or(Reason::Malformed("its error code"))?;
    let microseconds = number(&error.0.susec.0).unwrap_or_default();
    let offset = clock::seconds_ahead(&error.0.stime.0, microseconds, now);
    Ok(match (code, asked) {
        (KDC_ERR_C_PRINCIPAL_UNKNOWN, _) => Verdict::UnknownPrincipal,
        (KDC_ERR_PREAUTH_FAILED | KRB_AP_ERR_BAD_INTEGRITY, Asked::WithPassword) => Verdict::WrongPassword,
        (KDC_ERR_CLIENT_REVOKED | KDC_ERR_POLICY, _) => restriction(code, nt_status(error)),
        (KDC_ERR_NAME_EXP, _) => Verdict::Revoked(Revocation::AccountExpired),
        (KDC_ERR_KEY_EXPIRED, _) => Verdict::PasswordExpired,
        (KDC_ERR_ETYPE_NOSUPP, _) => Verdict::NoCommonEncryption,
        (KRB_AP_ERR_SKEW, _) => {
            Verdict::ClockSkew { offset: offset.ok_or(Reason::Malformed("its time is no time"))? }
        }
        // The ticket would end before the KDC's today.
        (KDC_ERR_NEVER_VALID, _) if offset.is_some_and(|offset| offset.unsigned_abs() > ALLOWED_SKEW) => {
            Verdict::ClockSkew { offset: offset.unwrap_or_default() }
        }
        _ => return Err(Reason::Error(code)),
    })
}

/// The NTSTATUS, where there is one, says more than the code.
fn restriction(code: u32, status: Option<u32>) -> Verdict {
    match status {
        Some(0xc000_0072) => Verdict::Revoked(Revocation::Disabled),
        Some(0xc000_0234) => Verdict::Revoked(Revocation::LockedOut),
        Some(0xc000_0193) => Verdict::Revoked(Revocation::AccountExpired),
        // Log-on hours, workstations.
        Some(0xc000_006f | 0xc000_0070) => Verdict::PolicyRejected,
        _ if code == KDC_ERR_POLICY => Verdict::PolicyRejected,
        _ => Verdict::Revoked(Revocation::Unstated),
    }
}

/// KERB-EXT-ERROR (MS-KILE section 2.2.2): Windows sends it as KERB-ERROR-DATA (section 2.2.1), Samba in a METHOD-DATA. Both
/// have the shape of PA-DATA and the type 3.
fn nt_status(error: &KrbError) -> Option<u32> {
    const EXTENDED: u32 = 3;
    let data = &error.0.e_data.0.as_ref()?.0.0;
    let all = der::read::<Asn1SequenceOf<PaData>>(data).map(|list| list.0);
    let all = all.or_else(|_| der::read::<PaData>(data).map(|one| vec![one])).ok()?;
    let extended = all.iter().find(|item| number(&item.padata_type.0) == Some(EXTENDED))?;
    let status = extended.padata_data.0.0.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*status))
}

#[cfg(test)]
mod tests;
