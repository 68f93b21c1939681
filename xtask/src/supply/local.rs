//! Which images the engine has, asked for all at once.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::docker::endpoint::Endpoint;

/// An image that the engine has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LocalImage {
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
}

/// What the engine has of `references`, in their order.
///
/// # Errors
/// The engine does not answer.
pub(crate) fn find(endpoint: &Endpoint, references: &[&str]) -> Result<Vec<Option<LocalImage>>> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let tool = endpoint.client().args(["image", "inspect", "--format", "{{json .}}"]).args(references);
    let output = tool.output()?;
    let messages = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() && !messages.lines().all(is_about_a_missing_image) {
        return Err(tool.failed(output.status, &messages));
    }
    let found = parse(&String::from_utf8_lossy(&output.stdout)).context("understanding `docker image inspect`")?;
    if let Some(images) = assign(references, found, &messages) {
        return Ok(images);
    }
    // The engine spelled a name differently than we did: ask for each alone.
    references.iter().map(|reference| Ok(find(endpoint, &[reference])?.into_iter().next().flatten())).collect()
}

/// The images in the order of the references, of which `messages` name the missing ones; none if the numbers do not add up.
fn assign(references: &[&str], found: Vec<LocalImage>, messages: &str) -> Option<Vec<Option<LocalImage>>> {
    let is_missing = |reference: &str| messages.lines().any(|line| line.trim_end().ends_with(&format!(": {reference}")));
    let missing: Vec<bool> = match references {
        [_] => vec![found.is_empty()],
        _ => references.iter().map(|reference| is_missing(reference)).collect(),
    };
    if missing.iter().filter(|missing| !**missing).count() != found.len() {
        return None;
    }
    let mut found = found.into_iter();
    Some(missing.into_iter().map(|missing| if missing { None } else { found.next() }).collect())
}

fn is_about_a_missing_image(line: &str) -> bool {
    line.trim().is_empty() || line.to_lowercase().contains("no such image")
}

/// One JSON object a line.
fn parse(text: &str) -> Result<Vec<LocalImage>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| Ok(LocalImage::from(serde_json::from_str::<RawImage>(line)?))).collect()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawImage {
    config: Option<RawConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawConfig {
    labels: Option<BTreeMap<String, String>>,
}

impl From<RawImage> for LocalImage {
    fn from(raw: RawImage) -> Self {
        Self { labels: raw.config.and_then(|config| config.labels).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::{LocalImage, assign, is_about_a_missing_image, parse};

    fn image(label: &str) -> LocalImage {
        LocalImage { labels: [("l".to_owned(), label.to_owned())].into() }
    }

    #[test]
    fn understands_images_with_and_without_labels() {
        let text = "{\"Id\":\"a\",\"Config\":{\"Labels\":{\"l\":\"1\"}}}\n{\"Id\":\"b\",\"Config\":{\"Labels\":null}}\n{\"Id\":\"c\",\"Config\":null}\n";
        assert_eq!(parse(text).unwrap(), [image("1"), LocalImage::default(), LocalImage::default()]);
    }

    #[test]
    fn what_was_found_goes_to_the_references_that_are_not_missing() {
        let messages = "Error response from daemon: no such image: b:1: No such image: b:1\nError: No such image: d:1\n";
        let cases = [
            (
                vec!["a:1", "b:1", "c:1", "d:1"],
                vec![image("a"), image("c")],
                messages,
                Some(vec![Some(image("a")), None, Some(image("c")), None]),
            ),
            (vec!["a:1"], vec![], messages, Some(vec![None])),
            (vec!["a:1", "docker.io/library/e:1"], vec![image("a")], "Error: No such image: e:1", None),
        ];
        for (references, found, messages, expected) in cases {
            assert_eq!(assign(&references, found, messages), expected, "{references:?}");
        }
    }

    #[test]
    fn a_missing_image_is_no_failure_of_the_engine() {
        assert!(is_about_a_missing_image("Error response from daemon: no such image: x:1: No such image: x:1"));
        assert!(!is_about_a_missing_image("Cannot connect to the Docker daemon at unix:///var/run/docker.sock."));
    }
}
