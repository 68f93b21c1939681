//! Versions of Terraform, and the constraints that code puts on them.

use std::cmp::Ordering;
use std::path::Path;

use serde_json::Value;

use super::printed;
use crate::host::command::Tool;

/// The question which version a program is.
pub(crate) fn question(program: &Path) -> Tool {
    Tool::new(program).args(["version", "-json"]).env("CHECKPOINT_DISABLE", "1").env_remove("TF_CLI_CONFIG_FILE")
}

/// The version in what it prints.
pub(crate) fn in_answer(stdout: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(printed::document(stdout)).ok()?;
    answer["terraform_version"].as_str().map(ToOwned::to_owned)
}

/// The modules' `required_version`.
pub(crate) fn is_wanted(found: &str) -> bool {
    compare(found, "1.11").is_ge() && compare(found, "2").is_lt()
}

/// True when the Terraform on PATH says that it is one that the modules do not take.
pub(super) fn is_unwanted() -> bool {
    let output = question(Path::new("terraform")).output().ok();
    output.and_then(|output| in_answer(&output.stdout)).is_some_and(|version| !is_wanted(&version))
}

/// The order of two versions, by their numbers; what stands after a hyphen does not count.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    numbers(left).cmp(&numbers(right))
}

/// True when `version` is above everything that `required_version` allows. Its lower bounds do not count.
/// https://developer.hashicorp.com/terraform/language/expressions/version-constraints
pub(crate) fn exceeds(version: &str, constraint: &str) -> bool {
    constraint.split(',').map(str::trim).any(|part| {
        let (operator, bound) = part.split_at(part.find(|character: char| character.is_ascii_digit()).unwrap_or(part.len()));
        let order = compare(version, bound);
        match operator.trim() {
            "<" => order != Ordering::Less,
            "<=" | "=" | "" => !bound.is_empty() && order == Ordering::Greater,
            // `~> 1.11` is below 2, `~> 1.11.2` below 1.12: all but the last number that is written stay.
            "~>" => {
                let kept = plain(bound).split('.').count().saturating_sub(1).max(1);
                numbers(version).into_iter().take(kept).gt(numbers(bound).into_iter().take(kept))
            }
            _ => false,
        }
    })
}

/// A version without what may follow its numbers, which has dots of its own: `1.11.0` of `1.11.0-alpha.1+x.2`.
fn plain(version: &str) -> &str {
    version.split(['-', '+']).next().unwrap_or_default()
}

fn numbers(version: &str) -> [u32; 3] {
    let mut parts = plain(version).split('.').map(|part| part.trim().parse().unwrap_or(0));
    [(); 3].map(|()| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{compare, exceeds, is_wanted};
    use std::cmp::Ordering;

    #[test]
    fn numbers_are_compared_as_numbers() {
        for (left, right, expected) in [
            ("1.11.4", "1.9.8", Ordering::Greater),
            ("1.11.4", "1.11.4", Ordering::Equal),
            ("1.12.0-beta1", "1.12.0", Ordering::Equal),
            ("1.11", "1.11.4", Ordering::Less),
        ] {
            assert_eq!(compare(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn only_upper_bounds_are_exceeded() {
        for (version, constraint, expected) in [
            ("2.0.0", ">= 1.11, < 2.0", true),
            ("1.99.0", ">= 1.11, < 2.0", false),
            ("1.5.0", ">= 1.11", false),
            ("1.12.0", "~> 1.11", false),
            ("2.0.0", "~> 1.11", true),
            ("1.12.0", "~> 1.11.2", true),
            ("1.11.9", "~> 1.11.2", false),
            ("1.11.9", "~> 1.11.0-alpha.1.2.3", false),
            ("1.12.0", "~> 1.11.0-alpha.1.2.3", true),
            ("1.99.0", "~> 1.11+a.b.c.d", false),
            ("1.11.5", "~> 1.11.4.3.2.1", true),
            ("1.12.0", "~> é.1", false),
            ("1.11.5", "1.11.4", true),
            ("1.11.4", "= 1.11.4", false),
            ("1.11.5", "<= 1.11.4", true),
            ("1.12.0", "!= 1.11.3", false),
            ("1.12.0", "", false),
        ] {
            assert_eq!(exceeds(version, constraint), expected, "{version} {constraint}");
        }
    }

    #[test]
    fn the_terraform_that_the_modules_ask_for_is_wanted() {
        for (version, expected) in
            [("1.11.0", true), ("1.11.4", true), ("1.9.8", false), ("2.0.0", false), ("1.12.0-beta1", true), ("", false)]
        {
            assert_eq!(is_wanted(version), expected, "{version}");
        }
    }
}
