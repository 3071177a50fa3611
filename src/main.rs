//! The program: hands its arguments to [`wangqi::cli`] and ends with its exit code.

fn main() -> std::process::ExitCode {
    wangqi::cli::main()
}
