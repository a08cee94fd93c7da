//! The program as the tests start it: a package can name its own binaries only.

/// That of the program: what is measured here is what is served.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tunggal::cli::main()
}
