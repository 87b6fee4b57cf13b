//! The Microsoft Dynamics block select-account.
