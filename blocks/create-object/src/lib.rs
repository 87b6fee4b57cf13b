//! The Microsoft Dynamics block create-object.
