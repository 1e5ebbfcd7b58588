# What is done often. `just` lists it.

default:
    @just --list

# Format the code.
fmt:
    cargo fmt --all

# Lint with warnings denied.
lint:
    cargo clippy --workspace --all-targets -- --deny warnings

# Run all tests, on real engines.
test:
    cargo test

# Break a desk at random for some minutes, and check after each fault; the same seed does the same.
chaos MINUTES="25" SEED=`date +%s`:
    DOCKET_CHAOS_MINUTES={{MINUTES}} DOCKET_CHAOS_SEED={{SEED}} cargo test -p docket --test it -- chaos::at_length --exact --ignored --nocapture

# Send a desk what no client would send, for some minutes; the same seed sends the same.
fuzz MINUTES="10" SEED=`date +%s`:
    DOCKET_FUZZ_MINUTES={{MINUTES}} DOCKET_FUZZ_SEED={{SEED}} cargo test -p docket --test it -- fuzz::at_length --exact --ignored --nocapture

# Hostile bytes for every parser of evidence, for some minutes each. Needs a nightly compiler; installs cargo-fuzz if it is missing.
fuzz-parsers MINUTES="10":
    cargo fuzz --version || cargo install --locked cargo-fuzz@0.13.2
    cargo +nightly fuzz build --sanitizer none
    cd fuzz && for target in $(cargo +nightly fuzz list); do mkdir -p corpus/$target; cargo +nightly fuzz run --sanitizer none $target corpus/$target seeds/$target -- -max_total_time=$(({{MINUTES}} * 60)) -max_len=65536 -rss_limit_mb=4096 -timeout=20; done

# A simulated day of 200 agents and 20,000 cases: who got which case, and whether rightly so.
day:
    cargo test --release -p docket-command -- tests::day::a_day --ignored

# Which mutants of the rules no test of the domain notices; takes hours. Installs cargo-mutants if it is missing.
mutants *ARGS:
    cargo mutants --version || cargo install --locked cargo-mutants@27.1.0
    cargo mutants --package docket-domain --package docket-calendar --output target/mutants {{ARGS}}

# The page that verifies a bundle in a browser, without a server: target/page/verify.html.
page:
    crates/page/build.py

# What CI runs.
check:
    .ci/run

# Show everything on one machine.
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# Run a desk in .docket.
up *ARGS:
    cargo run --release -- up {{ARGS}}

# Measure this machine against the raw engine.
bench *ARGS:
    cargo run --release -- bench commands {{ARGS}}
