//! Raw measurements.
