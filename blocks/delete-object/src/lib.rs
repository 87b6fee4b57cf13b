//! The Microsoft Dynamics block delete-object.
