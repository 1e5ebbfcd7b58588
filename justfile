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
