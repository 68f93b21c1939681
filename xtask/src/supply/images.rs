//! Making images present: which are missing, which way each is to be had, two at a time.

use std::collections::BTreeMap;

use anyhow::Result;

use super::inventory::State;
use super::manifest::{ImageOrigin, ManifestImage};
use super::registry_error::{classify, last_line};
use super::source::SupplyKind;
use super::{Supply, two_workers};
use crate::host::console;
use crate::host::error::Failure;
use crate::host::file_lock::FileLock;
use crate::host::shutdown::{self, StopSignal};
use crate::project::infra_toml::ImageSource;
use crate::project::instance::ImageReference;
use crate::ui::progress::Step;

/// What to do when a registry does not give an image that can be built.
const ELSEWHERE: &str = "build images from packages: `cargo xtask infra supply --images packages`";

/// What to do when it cannot be built.
const NOT_BUILT: &str = "choose another engine, or run this where its registry can be reached";

/// The outcome of an attempt to make images present.
#[derive(Debug, Default)]
pub(super) struct Obtained {
    /// The image that replaces each reference that could not be had.
    pub(super) replaced: BTreeMap<String, ImageReference>,
    /// Images that the source does not have or that cannot be reached, and that nothing can replace.
    pub(super) unavailable: Vec<(String, Failure)>,
}

/// An image that is not there.
#[derive(Debug, Clone, Copy)]
struct Job<'a> {
    reference: &'a str,
    origin: ImageOrigin<'a>,
    acquisition: Acquisition,
}

/// How a missing image is to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acquisition {
    Pull,
    PullOrBuild,
    Build,
    Nowhere,
}

/// The way that `source` gives for an image.
fn acquisition(origin: ImageOrigin<'_>, source: ImageSource) -> Acquisition {
    match (origin, source) {
        (ImageOrigin::Foreign, _) | (_, ImageSource::Registry) => Acquisition::Pull,
        (ImageOrigin::Packages(..), _) => Acquisition::Build,
        (_, ImageSource::Packages) => {
            if origin.can_be_built() {
                Acquisition::Build
            } else {
                Acquisition::Nowhere
            }
        }
        (_, ImageSource::Auto) => {
            if origin.can_be_built() {
                Acquisition::PullOrBuild
            } else {
                Acquisition::Pull
            }
        }
    }
}

impl Supply {
    /// Makes present what can be: pulls first, then builds, because a pull that is refused becomes a build.
    pub(super) fn obtain(&self, references: &[String]) -> Result<Obtained> {
        let mut obtained = Obtained::default();
        let (mut pulls, mut builds) = (Vec::new(), Vec::new());
        for job in self.missing(references)? {
            match job.acquisition {
                Acquisition::Pull | Acquisition::PullOrBuild => pulls.push(job),
                Acquisition::Build => builds.push(job),
                Acquisition::Nowhere => obtained.unavailable.push((job.reference.to_owned(), only_in_its_registry(job.reference))),
            }
        }
        for (job, pulled) in two_workers::work_on(pulls, |job| Ok((job, self.pull(job)?)))? {
            match pulled {
                Pulled::Present(taken) => obtained.note(job.reference, taken),
                Pulled::ToBuild => builds.push(job),
                Pulled::Unavailable(failure) => obtained.unavailable.push((job.reference.to_owned(), failure)),
            }
        }
        for (reference, built) in self.build_all(builds)? {
            obtained.note(reference, built);
        }
        Ok(obtained)
    }

    /// True when all of these are there, as their recipes say now.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn has(&self, references: &[String]) -> Result<bool> {
        Ok(self.missing(references)?.is_empty())
    }

    /// Those of the images that are not there as they should be.
    fn missing<'a>(&'a self, references: &'a [String]) -> Result<Vec<Job<'a>>> {
        let mut asked: Vec<&str> = references.iter().map(String::as_str).collect();
        asked.sort_unstable();
        asked.dedup();
        let found = self.endpoint.images(&asked)?;
        let source = self.choice.source(SupplyKind::Images);
        let mut missing = Vec::new();
        for (reference, found) in asked.into_iter().zip(found) {
            if self.state(reference, found.as_ref())? != State::Present {
                let origin = self.manifest.find(reference);
                missing.push(Job { reference, origin, acquisition: acquisition(origin, source) });
            }
        }
        Ok(missing)
    }

    /// Pulls one image, or says what to do instead if its registry cannot be reached.
    fn pull(&self, job: Job<'_>) -> Result<Pulled> {
        let target = match job.origin {
            ImageOrigin::Packages(_, image) => image.public(),
            ImageOrigin::Registry(_, image) => ImageReference::new(job.reference, &image.version),
            ImageOrigin::Foreign => ImageReference::new(job.reference, ""),
        };
        // Refused once in this run is refused for all: nobody waits for the same silence twice.
        if job.acquisition == Acquisition::PullOrBuild && self.choice.source(SupplyKind::Images) == ImageSource::Packages {
            return Ok(Pulled::ToBuild);
        }
        let reference = target.reference.as_str();
        if self.endpoint.images(&[reference])?.into_iter().flatten().next().is_some() {
            return Ok(Pulled::Present(target));
        }
        let step = Step::announce(&format!("image {reference}"));
        step.now("pulling");
        let output = self.endpoint.client().stop_signal(StopSignal::Terminate).args(["pull", "--quiet", reference]).output()?;
        if output.status.success() {
            step.done("pulled");
            return Ok(Pulled::Present(target));
        }
        let stopped = shutdown::check(&format!("pulling {reference}"));
        let messages = String::from_utf8_lossy(&output.stderr);
        let refusal = classify(&messages);
        if stopped.is_ok() && refusal.is_the_networks() && job.acquisition == Acquisition::PullOrBuild {
            drop(step);
            let because = last_line(&messages).unwrap_or_default();
            if self.choice.fall_back(SupplyKind::Images)? {
                console::say(&format!(
                    "{} ({}): images are built from packages, now and from now on \
                     (`cargo xtask infra supply --images registry` goes back)",
                    refusal.told(&format!("the registry of {reference}")),
                    because.rsplit(": ").next().unwrap_or(&because)
                ));
            }
            return Ok(Pulled::ToBuild);
        }
        step.failed();
        stopped?;
        let is_known = job.origin.can_be_built();
        let failure = refusal.failure(reference, &messages, if is_known { ELSEWHERE } else { NOT_BUILT });
        // For an engine that nobody asked for, this must not fail the whole run.
        if refusal.is_the_networks() && !is_known { Ok(Pulled::Unavailable(failure)) } else { Err(failure.into()) }
    }

    /// Builds what is to be built: the heavy ones first.
    fn build_all<'a>(&self, jobs: Vec<Job<'a>>) -> Result<Vec<(&'a str, ImageReference)>> {
        let mut builds: Vec<_> = jobs.into_iter().filter_map(|job| Some((job.reference, job.origin.entry()?))).collect();
        if builds.is_empty() {
            return Ok(Vec::new());
        }
        let mut parts = builds.iter().filter_map(|(_, (_, image))| image.packages.as_ref());
        self.bootstrap.require_builders(parts.any(|packages| packages.python.is_some()), &self.directories)?;
        builds.sort_by_key(|(_, (_, image))| std::cmp::Reverse(weight(image)));
        two_workers::work_on(builds, |(reference, (engine, image))| Ok((reference, self.build(engine, image)?)))
    }

    /// Builds one image, unless another run has just done so.
    fn build(&self, engine: &str, image: &ManifestImage) -> Result<ImageReference> {
        let (Some(packages), Some(built)) = (&image.packages, image.built()) else {
            return Err(only_in_its_registry(&image.registry).into());
        };
        let _lock = FileLock::take(&self.directories.cache.join(format!("locks/image-{engine}.lock")), &format!("the image of {engine}"))?;
        let found = self.endpoint.images(&[built.reference.as_str()])?.into_iter().next().flatten();
        if self.state(&built.reference, found.as_ref())? == State::Present {
            return Ok(built);
        }
        let step = Step::announce(&format!("image {}", built.reference));
        let outcome = self.builder().build(engine, packages, &step);
        step.end(outcome, "built from packages").map_err(|error| shutdown::instead_of(error, &format!("building {}", built.reference)))?;
        Ok(built)
    }
}

/// How a pull ended.
#[derive(Debug)]
enum Pulled {
    Present(ImageReference),
    ToBuild,
    Unavailable(Failure),
}

impl Obtained {
    /// Notes that `taken` is there for `asked`.
    fn note(&mut self, asked: &str, taken: ImageReference) {
        if taken.reference != asked {
            self.replaced.insert(asked.to_owned(), taken);
        }
    }
}

/// Minutes of compiling before seconds of unpacking.
fn weight(image: &ManifestImage) -> usize {
    image.packages.as_ref().map_or(0, |packages| 2 * packages.go.len() + usize::from(packages.python.is_some()))
}

fn only_in_its_registry(reference: &str) -> Failure {
    Failure::new(format!("{reference} can only be had from its registry, and images come from packages here"))
        .hint("choose another engine, or `cargo xtask infra supply --images registry` where that registry can be reached")
}

#[cfg(test)]
mod tests {
    use super::{Acquisition, acquisition};
    use crate::project::infra_toml::ImageSource::{Auto, Packages, Registry};
    use crate::supply::manifest::{ImageOrigin, ManifestImage};

    #[test]
    fn the_source_decides_the_way() {
        let both = "version = '1'\nregistry = 'a:1'\n[packages]\nimage = 't/a:1'\nsuite = 'trixie'\ndebian = ['a']\nconfig = []";
        let both: ManifestImage = toml::from_str(both).unwrap();
        let public: ManifestImage = toml::from_str("version = '1'\nregistry = 'a:1'").unwrap();
        for (origin, source, expected) in [
            (ImageOrigin::Registry("a", &both), Registry, Acquisition::Pull),
            (ImageOrigin::Registry("a", &both), Auto, Acquisition::PullOrBuild),
            (ImageOrigin::Registry("a", &both), Packages, Acquisition::Build),
            (ImageOrigin::Registry("a", &public), Registry, Acquisition::Pull),
            (ImageOrigin::Registry("a", &public), Auto, Acquisition::Pull),
            (ImageOrigin::Registry("a", &public), Packages, Acquisition::Nowhere),
            (ImageOrigin::Packages("a", &both), Registry, Acquisition::Pull),
            (ImageOrigin::Packages("a", &both), Auto, Acquisition::Build),
            (ImageOrigin::Packages("a", &both), Packages, Acquisition::Build),
            (ImageOrigin::Foreign, Registry, Acquisition::Pull),
            (ImageOrigin::Foreign, Auto, Acquisition::Pull),
            (ImageOrigin::Foreign, Packages, Acquisition::Pull),
        ] {
            assert_eq!(acquisition(origin, source), expected, "{origin:?} {source:?}");
        }
    }
}
