//! Entra ID and Dynamics 365 on a laptop.
