//! Device codes: a device shows a short code, its user enters that in a browser, the device polls.
//!
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code

use jiff::Timestamp;
use rand::Rng;

use super::{Account, Grants, age, random};
use crate::entra::Version;
use crate::entra::scope::Requested;

pub(crate) const DEVICE_CODE_LIFE_SECONDS: i64 = 900;
/// Letters and digits that are not taken for one another.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

pub(super) struct Device {
    user_code: String,
    request: DeviceRequest,
    made: Timestamp,
    state: DeviceState,
}

/// What a device asked for.
#[derive(Clone)]
pub(crate) struct DeviceRequest {
    pub(crate) version: Version,
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) requested: Requested,
}

/// How far a device's sign-in has got.
#[derive(Clone)]
pub(crate) enum DeviceState {
    Pending,
    Declined,
    SignedIn(Account),
    Expired,
}

impl Grants {
    /// A device code, for the device, and a user code, for its user.
    pub(crate) fn issue_device_code(
        &self,
        request: DeviceRequest,
        now: Timestamp,
    ) -> (String, String) {
        let mut inner = self.lock();
        inner.devices.retain(|_, device| age(device.made, now) < DEVICE_CODE_LIFE_SECONDS * 2);
        let mut rng = rand::rng();
        let user_code: String =
            (0..9).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect();
        let code = format!("D{}", random());
        let state = DeviceState::Pending;
        let device = Device { user_code: user_code.clone(), request, made: now, state };
        inner.devices.insert(code.clone(), device);
        (code, user_code)
    }

    /// What a waiting device asked for, by the code that its user typed.
    pub(crate) fn device_request(&self, user_code: &str, now: Timestamp) -> Option<DeviceRequest> {
        let inner = self.lock();
        let waiting = inner.devices.values().find(|device| {
            device.user_code.eq_ignore_ascii_case(user_code.trim())
                && matches!(device.state, DeviceState::Pending)
                && age(device.made, now) < DEVICE_CODE_LIFE_SECONDS
        });
        waiting.map(|device| device.request.clone())
    }

    pub(crate) fn answer_device(&self, user_code: &str, state: DeviceState) {
        let mut inner = self.lock();
        if let Some(device) = inner.devices.values_mut().find(|d| d.user_code == user_code) {
            device.state = state;
        }
    }

    /// What a device code stands for, and how far its sign-in is.
    pub(crate) fn device(
        &self,
        code: &str,
        now: Timestamp,
    ) -> Option<(DeviceRequest, DeviceState)> {
        let inner = self.lock();
        let device = inner.devices.get(code)?;
        let over = age(device.made, now) >= DEVICE_CODE_LIFE_SECONDS;
        let state = if over { DeviceState::Expired } else { device.state.clone() };
        Some((device.request.clone(), state))
    }

    /// Uses a device code up; of two requests at once only one succeeds.
    pub(crate) fn redeem_device(&self, code: &str) -> bool {
        self.lock().devices.remove(code).is_some()
    }
}
