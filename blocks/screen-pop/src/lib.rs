//! The Microsoft Dynamics block screen-pop.
