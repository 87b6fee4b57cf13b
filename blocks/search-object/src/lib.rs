//! The Microsoft Dynamics block search-object.
