//! What encrypts the connections that we open to others: one provider for the whole process.

/// Makes ring the provider of every TLS client of the process, unless one has been chosen. To be called before the first
/// of them is built.
pub fn use_ring() {
    // Another thread may have come first, with the same choice.
    drop(rustls::crypto::ring::default_provider().install_default());
}
