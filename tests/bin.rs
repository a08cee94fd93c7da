//! The program as the tests start it: a package can name its own binaries only.

fn main() -> std::process::ExitCode {
    tunggal::cli::main()
}
