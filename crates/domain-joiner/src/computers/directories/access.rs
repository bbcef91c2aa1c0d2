//! How directories are entered: read when first needed, and again when a directory refuses it.

use steward_core::directory::{Access, AccessError};

use super::Directories;
use crate::computers::ComputersError;

impl Directories {
    /// What was read before, or what holds now.
    pub(super) async fn access(&self) -> Result<Access, ComputersError> {
        let known = self.access.lock().ok().and_then(|access| access.clone());
        match known {
            Some(access) => Ok(access),
            None => self.read_access().await,
        }
    }

    /// What holds now.
    pub(super) async fn read_access(&self) -> Result<Access, ComputersError> {
        let ((parameters, parameter), (secrets, secret)) = (&self.parameters, &self.secrets);
        let access = Access::read((parameters, parameter), (secrets, secret)).await.map_err(failed)?;
        if let Ok(mut kept) = self.access.lock() {
            *kept = Some(access.clone());
        }
        Ok(access)
    }
}

fn failed(error: AccessError) -> ComputersError {
    let AccessError { operation, reason, kind } = error;
    ComputersError { operation, reason, kind }
}
