//! The engine's images, each asked for by its name or id.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;

use super::api::{escaped, side_by_side};
use super::endpoint::Endpoint;
use super::inspect::Container;

/// An image that the engine has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "RawImage")]
pub(crate) struct Image {
    /// `sha256:` and 64 hexadecimal characters.
    pub(crate) id: String,
    /// Its names now; empty if another image has taken its tag.
    pub(crate) names: Vec<String>,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// A container's defaults (`Env`, `Cmd`, `Labels`, …), in the engine's words.
    pub(crate) config: Value,
}

impl Endpoint {
    /// The image of each reference, in their order, if the engine has it.
    ///
    /// # Errors
    /// The engine does not answer, or one of them cannot be the name of an image.
    pub(crate) fn images(&self, references: &[&str]) -> Result<Vec<Option<Image>>> {
        side_by_side(references, |reference| self.get(&format!("/images/{}/json", escaped(reference)))).into_iter().collect()
    }

    /// Puts names in place of the ids by which containers were asked for: for messages, which a person reads.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn name_images(&self, containers: &mut [Container]) -> Result<()> {
        let mut nameless: Vec<&mut Container> = containers.iter_mut().filter(|container| container.image.starts_with("sha256:")).collect();
        let ids: Vec<&str> = nameless.iter().map(|container| container.image.as_str()).collect();
        let found = self.images(&ids)?;
        for (container, image) in nameless.iter_mut().zip(found) {
            if let Some(name) = image.and_then(|image| image.names.into_iter().next()) {
                container.image = name;
            }
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawImage {
    id: String,
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    config: Value,
}

impl From<RawImage> for Image {
    fn from(raw: RawImage) -> Self {
        let labels = serde_json::from_value(raw.config["Labels"].clone()).unwrap_or_default();
        Self { id: raw.id, names: raw.repo_tags.unwrap_or_default(), labels, config: raw.config }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixListener;
    use std::thread;

    use super::{Image, RawImage};
    use crate::docker::endpoint::Endpoint;

    #[test]
    fn understands_images_with_and_without_labels_and_names() {
        let image = |text: &str| Image::from(serde_json::from_str::<RawImage>(text).unwrap());
        let labelled = image(r#"{"Id":"a","RepoTags":["r:1"],"Config":{"Labels":{"l":"1"}}}"#);
        assert_eq!((labelled.names, labelled.labels), (vec!["r:1".to_owned()], [("l".to_owned(), "1".to_owned())].into()));
        for text in [r#"{"Id":"a","RepoTags":null,"Config":{"Labels":null}}"#, r#"{"Id":"a","Config":null}"#, r#"{"Id":"a"}"#] {
            let bare = image(text);
            assert_eq!((bare.names.len(), bare.labels.len()), (0, 0), "{text}");
        }
    }

    /// The answers come in an order of their own; each belongs to its question all the same, and a 404 is an image that is missing.
    #[test]
    fn what_is_found_goes_to_the_reference_that_asked_for_it() {
        let place = tempfile::tempdir().unwrap();
        let socket = place.path().join("engine.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let references = ["a:1", "b:1", "c:1", "d:1"];
        let engine = thread::spawn(move || {
            let mut waiting: Vec<_> = references.iter().map(|_| listener.accept().unwrap().0).collect();
            // Nobody is answered before all have asked, which one at a time never would.
            waiting.reverse();
            for mut stream in waiting {
                let mut question = String::new();
                BufReader::new(&stream).read_line(&mut question).unwrap();
                let asked = question.split_whitespace().nth(1).unwrap().split('/').nth(2).unwrap().to_owned();
                let answer = match asked.as_str() {
                    "b:1" | "d:1" => r#"404 Not Found
{"message":"No such image"}"#
                        .replace('\n', "\r\n\r\n"),
                    name => format!("200 OK\r\n\r\n{{\"Id\":\"id of {name}\"}}"),
                };
                write!(stream, "HTTP/1.0 {answer}").unwrap();
            }
        });
        let found = Endpoint::at(&format!("unix://{}", socket.display())).images(&references).unwrap();
        engine.join().unwrap();
        let ids: Vec<Option<&str>> = found.iter().map(|image| image.as_ref().map(|image| image.id.as_str())).collect();
        assert_eq!(ids, [Some("id of a:1"), None, Some("id of c:1"), None]);
    }
}
