//! The Microsoft Dynamics block update-object.
