//! Who runs this, as messages name them: where the credentials come from, and whom AWS takes them for.

use super::{account_of, credentials};

/// The caller of one run.
pub(crate) struct Caller<'a> {
    source: String,
    ask: &'a dyn Fn() -> Option<String>,
}

impl<'a> Caller<'a> {
    /// With the credentials that are found here; `ask` asks AWS for the ARN that it knows them by.
    pub(crate) fn new(ask: &'a dyn Fn() -> Option<String>) -> Self {
        Self::of(credentials::source(), ask)
    }

    /// With credentials from a named place.
    pub(crate) fn of(source: String, ask: &'a dyn Fn() -> Option<String>) -> Self {
        Self { source, ask }
    }

    /// Where the credentials come from, without any secret.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// A line about whom AWS has seen, account included; none where it does not say. This asks, so it is for what has failed
    /// already, and for credentials that AWS takes.
    pub(crate) fn seen(&self) -> Option<String> {
        (self.ask)().map(|arn| format!("AWS sees {arn}, account {}", account_of(&arn).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::Caller;

    #[test]
    fn names_arn_and_account_where_aws_says_them() {
        let arn = || Some("arn:aws:iam::123456789012:user/ann".to_owned());
        let seen = Caller::of("profile `p`".to_owned(), &arn).seen();
        assert_eq!(seen.as_deref(), Some("AWS sees arn:aws:iam::123456789012:user/ann, account 123456789012"));
        assert_eq!(Caller::of(String::new(), &|| None).seen(), None);
    }
}
