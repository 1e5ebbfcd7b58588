//! What a subcommand fails with: any error, shown with its causes on one line.

/// Any error, on its way to the user.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// A sentence that says what is wrong and how to mend it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Plain(pub String);

/// An error that is just a sentence.
pub fn plain(message: impl Into<String>) -> AnyError {
    Box::new(Plain(message.into()))
}

/// An error and its causes, on one line, without repeating what a cause has said already.
pub fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        source = cause.source();
    }
    line.replace('\n', " ")
}

/// Whether the server does not let the user of an address do something.
pub fn is_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(docket_jetstream::NatsError::Refused { .. }))
}
