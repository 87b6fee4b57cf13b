//! The parts put together, without a face: what a call platform embeds.
