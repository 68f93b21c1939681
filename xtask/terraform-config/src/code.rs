//! Everything that Terraform reads in one directory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::block::{Block, Comment, Place};
use crate::json_body;
use crate::syntax::{self, SyntaxError};
use crate::value::{Reference, Value};

/// A program that runs code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Program {
    /// Reads `.tf` and `.tf.json` files.
    #[default]
    Terraform,
    /// Reads `.tofu` and `.tofu.json` files too, and takes `x.tofu` in the place of `x.tf`:
    /// <https://opentofu.org/docs/language/files/#extension-precedence>. A backend's settings and a module's source may be computed:
    /// <https://opentofu.org/docs/intro/whats-new/#early-variablelocals-evaluation>.
    OpenTofu,
}

/// Everything that a program reads in one directory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Code {
    /// The directory.
    pub directory: PathBuf,
    /// The program that reads it so.
    pub program: Program,
    /// Blocks of the ordinary files in the order of file names, changed by the override files; then those of the override files
    /// that change none: a later one wins.
    pub blocks: Vec<Block>,
    /// Comments, by the file that they are in.
    pub comments: Vec<(PathBuf, Vec<Comment>)>,
    /// Files that cannot be understood, and why.
    pub mistakes: Vec<(Place, String)>,
    /// OpenTofu's own files, which Terraform does not read.
    pub tofu: Vec<PathBuf>,
}

impl Code {
    /// Reads a directory as Terraform would.
    pub fn read(directory: &Path) -> Self {
        Self::read_for(Program::Terraform, directory)
    }

    /// Reads a directory as this program would.
    pub fn read_for(program: Program, directory: &Path) -> Self {
        let mut code = Self { directory: directory.to_owned(), program, ..Self::default() };
        let mut files = Vec::new();
        for entry in directory.read_dir().into_iter().flatten().filter_map(Result::ok) {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            // As Terraform has it, a link to a directory is none, and cannot be read.
            if is_ignored(&name) || entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            match name {
                name if stem(&name).is_some() => files.push((is_override(&name), path)),
                name if is_tofu(&name) => code.tofu.push(path),
                _ => {}
            }
        }
        code.tofu.sort();
        if program == Program::OpenTofu {
            let is_replaced = |file: &PathBuf| code.tofu.iter().any(|tofu| with_usual_ending(tofu) == *file);
            files.retain(|(_, file)| !is_replaced(file));
            files.extend(code.tofu.iter().map(|tofu| (is_override(&name_of(&with_usual_ending(tofu))), tofu.clone())));
        }
        // https://developer.hashicorp.com/terraform/language/files/override
        files.sort();
        for (overrides, file) in files {
            match read_file(&file) {
                Ok(top) => {
                    if overrides {
                        top.blocks.into_iter().for_each(|block| code.override_by(block));
                    } else {
                        code.blocks.extend(top.blocks);
                    }
                    if !top.comments.is_empty() {
                        code.comments.push((file, top.comments));
                    }
                }
                Err((line, why)) => code.mistakes.push((Place { file, line }, why)),
            }
        }
        code
    }

    /// The blocks of one kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }

    /// The declaration of a variable.
    pub fn variable(&self, name: &str) -> Option<&Block> {
        self.of_kind("variable").filter(|block| block.label() == name).last()
    }

    /// The value of a local.
    pub fn local(&self, name: &str) -> Option<&Value> {
        self.of_kind("locals").filter_map(|locals| locals.value(name)).last()
    }

    /// A value in it, and those of all locals that lead to that, each once.
    pub fn with_locals<'a>(&'a self, value: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![value];
        let mut at = 0;
        while let Some(value) = found.get(at).copied() {
            let names = value.references().into_iter().filter(|it| it.root == "local").filter_map(Reference::name);
            for local in names.filter_map(|name| self.local(name)) {
                if !found.iter().any(|known| std::ptr::eq(*known, local)) {
                    found.push(local);
                }
            }
            at += 1;
        }
        found
    }

    /// Where the root says that its state is: its `backend` or `cloud` block. The last one counts: override files come last, and one of
    /// them replaces the other.
    pub fn backend(&self) -> Option<&Block> {
        let nested = self.of_kind("terraform").flat_map(|terraform| &terraform.blocks);
        nested.filter(|block| block.kind == "backend" || block.kind == "cloud").last()
    }

    /// True for a root whose state is a file of this machine: it has no backend block, or a `local` one.
    pub fn has_local_backend(&self) -> bool {
        self.backend().is_none_or(|backend| backend.labels.first().is_some_and(|kind| kind == "local"))
    }

    /// Attributes and nested blocks of an override file replace those of the block of the same name.
    fn override_by(&mut self, block: Block) {
        if block.kind == "locals" {
            for locals in self.blocks.iter_mut().filter(|found| found.kind == "locals") {
                locals.attributes.retain(|name, _| !block.attributes.contains_key(name));
            }
        }
        let is_named = !block.labels.is_empty();
        let same = |found: &&mut Block| is_named && found.address() == block.address() && found.text("alias") == block.text("alias");
        match self.blocks.iter_mut().find(same) {
            Some(base) => base.override_by(block),
            None => self.blocks.push(block),
        }
    }
}

impl Block {
    fn override_by(&mut self, block: Self) {
        for (name, (value, line)) in block.attributes {
            self.overridden.insert(name.clone(), Place { file: block.place.file.clone(), line });
            self.attributes.insert(name, (value, line));
        }
        // https://github.com/hashicorp/terraform/blob/main/internal/configs/module_merge.go: this one is merged, and not replaced.
        let (lifecycles, others): (Vec<_>, Vec<_>) = block.blocks.into_iter().partition(|nested| nested.kind == "lifecycle");
        for lifecycle in lifecycles {
            match self.blocks.iter_mut().find(|nested| nested.kind == "lifecycle") {
                Some(base) => base.override_by(lifecycle),
                None => self.blocks.push(lifecycle),
            }
        }
        let replaced: BTreeSet<&str> = others.iter().map(|nested| nested.kind.as_str()).collect();
        self.blocks.retain(|nested| !replaced.contains(nested.kind.as_str()));
        self.blocks.extend(others);
    }
}

/// The code of a directory, once for each program that has something else to read in it than the other, Terraform's first. One that
/// Terraform finds nothing in, or cannot run, is OpenTofu's alone.
pub fn readings(directory: &Path) -> Vec<Code> {
    let code = Code::read(directory);
    let is_empty = code.blocks.is_empty() && code.mistakes.is_empty();
    let is_computed = || code.backend().is_some_and(|backend| !backend.is_literal()) && locked_by(directory) == [Program::OpenTofu];
    match code.tofu.is_empty() {
        true if !is_computed() => vec![code],
        false if !is_empty => vec![code, Code::read_for(Program::OpenTofu, directory)],
        _ => vec![Code::read_for(Program::OpenTofu, directory)],
    }
}

/// The programs that were initialised in a directory, by its lock file of providers: each has a registry of its own.
pub fn locked_by(directory: &Path) -> Vec<Program> {
    let text = fs::read_to_string(directory.join(".terraform.lock.hcl")).unwrap_or_default();
    let hosts = [(Program::Terraform, "registry.terraform.io"), (Program::OpenTofu, "registry.opentofu.org")];
    let named = hosts.into_iter().filter(|(_, host)| text.contains(&format!("provider \"{host}/")));
    named.map(|(program, _)| program).collect()
}

/// Why a file in UTF-16, which editors and shells of Windows write, is not understood.
pub const UTF_16: &str = "it is UTF-16, and has to be UTF-8";

/// Why a file is not understood that git-crypt has encrypted, and that is still locked in this checkout.
pub const ENCRYPTED: &str = "it is encrypted by git-crypt";

/// Why a link cannot be read whose file is not in this checkout.
pub const ABSENT: &str = "it is a link to a file that is not there";

/// The text of a file.
///
/// # Errors
/// It cannot be read, or is no UTF-8: then the error says what it is.
pub fn read_text(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if path.is_symlink() => io::Error::new(error.kind(), ABSENT),
        _ => error,
    })?;
    // https://github.com/AGWA/git-crypt/blob/master/doc/crypto.md: this header begins each of its files.
    if bytes.starts_with(b"\0GITCRYPT\0") {
        return Err(io::Error::new(io::ErrorKind::InvalidData, ENCRYPTED));
    }
    String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        let why = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) { UTF_16 } else { "it is not UTF-8" };
        io::Error::new(io::ErrorKind::InvalidData, why)
    })
}

fn read_file(file: &Path) -> Result<Block, (usize, String)> {
    let text = read_text(file).map_err(|error| (1, error.to_string()))?;
    parse(file, &text).map_err(|error| (error.line, error.message))
}

/// A file of code in either syntax, which its name tells: one block without a name, with everything in it.
///
/// # Errors
/// The first thing that is not understood.
pub fn parse(file: &Path, text: &str) -> Result<Block, SyntaxError> {
    let mut top = if is_json(file) { json_body::parse_file(file, text)? } else { syntax::parse_file(file, text)? };
    top.read_names();
    Ok(top)
}

/// A file of values in either syntax, as `.tfvars` and `.tfbackend` files are: one block without a name.
///
/// # Errors
/// The first thing that is not understood.
pub fn parse_values(file: &Path, text: &str) -> Result<Block, SyntaxError> {
    if is_json(file) { json_body::parse_values(file, text) } else { syntax::parse_file(file, text) }
}

fn is_json(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "json")
}

/// Files that editors leave: <https://github.com/hashicorp/terraform/blob/main/internal/configs/parser_config_dir.go>.
fn is_ignored(name: &str) -> bool {
    // As it is there: a `#` at the beginning alone hides nothing.
    name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#')
}

/// The name of a file of code without its ending; none of any other file.
fn stem(name: &str) -> Option<&str> {
    name.strip_suffix(".tf").or_else(|| name.strip_suffix(".tf.json"))
}

/// The file of Terraform's that one of OpenTofu's stands for.
fn with_usual_ending(tofu: &Path) -> PathBuf {
    let name = name_of(tofu);
    let stem = name.strip_suffix(".json").unwrap_or(&name).trim_end_matches(".tofu");
    tofu.with_file_name(format!("{stem}.tf{}", if name.ends_with(".json") { ".json" } else { "" }))
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_tofu(name: &str) -> bool {
    name.ends_with(".tofu") || name.ends_with(".tofu.json")
}

/// True for the name of a file that Terraform or OpenTofu reads as code.
pub fn is_code(name: &str) -> bool {
    !is_ignored(name) && (stem(name).is_some() || is_tofu(name))
}

fn is_override(name: &str) -> bool {
    stem(name).is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}

#[cfg(test)]
mod tests;
