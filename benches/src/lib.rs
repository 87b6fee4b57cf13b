//! What each layer of a call costs.
