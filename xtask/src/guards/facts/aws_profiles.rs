//! What the profiles in the user's AWS configuration say of themselves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use crate::aws::account_of;

/// A profile, as far as it tells where it leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Of the role or of single sign-on.
    pub(crate) account: Option<String>,
    /// In place of AWS' own.
    pub(crate) endpoint: Option<String>,
}

/// Profiles by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profiles(BTreeMap<String, Profile>);

impl Profiles {
    /// Reads `~/.aws/config`, or what AWS_CONFIG_FILE names; empty if there is no such file.
    pub(crate) fn read() -> Self {
        let usual = || env::home_dir().unwrap_or_default().join(".aws/config");
        let file = env::var_os("AWS_CONFIG_FILE").map_or_else(usual, PathBuf::from);
        Self::parse(&fs::read_to_string(file).unwrap_or_default())
    }

    /// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
    pub(crate) fn parse(text: &str) -> Self {
        let mut profiles = BTreeMap::<String, Profile>::new();
        let mut section = None;
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                let name = name.strip_prefix("profile ").unwrap_or(name).trim();
                section = Some(profiles.entry(name.to_owned()).or_default());
            } else if let (Some(profile), Some((key, value))) = (section.as_mut(), line.split_once('=')) {
                let value = value.trim().to_owned();
                match key.trim() {
                    "sso_account_id" => profile.account = Some(value),
                    "role_arn" => profile.account = account_of(&value).map(ToOwned::to_owned),
                    "endpoint_url" => profile.endpoint = Some(value),
                    _ => {}
                }
            }
        }
        Self(profiles)
    }

    /// The profile of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Profile> {
        self.0.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::Profiles;

    #[test]
    fn reads_accounts_and_endpoints() {
        let profiles = Profiles::parse(
            "[default]\nregion = r\n[profile a]\nrole_arn=arn:aws:iam::1:role/x\n[profile b]\nsso_account_id = 2\nendpoint_url = http://e\n",
        );
        let account = |name: &str| profiles.get(name).and_then(|profile| profile.account.clone());
        assert_eq!((account("default"), account("a").as_deref(), account("b").as_deref()), (None, Some("1"), Some("2")));
        assert_eq!(profiles.get("b").unwrap().endpoint.as_deref(), Some("http://e"));
        assert_eq!(profiles.get("c"), None);
    }
}
