//! `docket-page-bind MODULE OUT`: the module without what only its tools need, and the JavaScript that calls it, in a folder.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(module), Some(out)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: docket-page-bind MODULE OUT");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    let made = bindgen.input_path(module).no_modules(true).map(|bindgen| bindgen.typescript(false).generate(out));
    match made.and_then(|made| made) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("docket-page-bind: {error:#}");
            ExitCode::FAILURE
        }
    }
}
