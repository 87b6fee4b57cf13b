//! How a run walks: what steers it, what ends it, what is known of it, and how it goes on from a checkpoint.

mod cancelled;
mod checkpoint;
mod fetch;
mod handlers;
mod loops;
mod other_scenarios;
mod time;
mod walk;
