//! Rebuilds the crate when a migration is added: `sqlx::migrate!` by itself notices only
//! changes to the files that it has seen before.

fn main() {
    #[allow(clippy::print_stdout, reason = "a build script speaks to cargo on stdout")]
    {
        println!("cargo:rerun-if-changed=migrations");
    }
}
