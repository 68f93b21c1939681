//! Files and blocks.

use std::ops::Range;
use std::path::Path;

use super::{Parser, Result};
use crate::block::{Block, Comment, Place};

impl Parser<'_> {
    pub(super) fn file(mut self, file: &Path) -> Result<Block> {
        let mut block = Block::new("", Vec::new(), Place::top_of(file));
        self.body(&mut block)?;
        if !self.at_end() {
            return Err(self.unexpected("an argument or a block"));
        }
        block.comments = self.described_comments();
        Ok(block)
    }

    fn described_comments(&mut self) -> Vec<Comment> {
        let is_blank = |text: &str| text.trim().is_empty();
        let describe = |range: Range<usize>| {
            let (before, comment, after) = (&self.text[..range.start], &self.text[range.clone()], &self.text[range.end..]);
            let alone = [before.rsplit('\n').next(), after.split('\n').next()].into_iter().flatten().all(is_blank);
            let text = comment.trim_start_matches(['#', '/', '*']).trim_end_matches("*/").trim().to_owned();
            (range.start, comment.matches('\n').count(), alone, text)
        };
        let described: Vec<_> = std::mem::take(&mut self.comments).into_iter().map(describe).collect();
        let place = |(at, ends, stands_alone, text)| {
            self.at = at;
            let line = self.line();
            Comment { line, last_line: line + ends, stands_alone, text }
        };
        described.into_iter().map(place).collect()
    }

    /// Everything up to a `}` or the end of the file.
    fn body(&mut self, block: &mut Block) -> Result<()> {
        loop {
            self.empty_lines();
            if self.at_end() || self.peek() == Some(b'}') {
                return Ok(());
            }
            self.item(block)?;
            if !self.at_end() && !self.takes_line_end() {
                return Err(self.unexpected("the end of the line"));
            }
        }
    }

    /// An argument or a block.
    fn item(&mut self, block: &mut Block) -> Result<()> {
        let line = self.line();
        if self.peek() == Some(b'"') {
            return Err(self.error("a name has no quotes here"));
        }
        let Some(name) = self.name() else {
            return Err(self.unexpected("an argument or a block"));
        };
        self.blanks();
        if self.rest().starts_with('=') && !self.rest().starts_with("==") {
            return self.argument(block, name, line);
        }
        let mut labels = Vec::new();
        loop {
            match self.peek() {
                Some(b'{') => break,
                Some(b'"') => labels.push(self.label()?),
                _ => match self.name() {
                    Some(label) => labels.push(label.to_owned()),
                    None => return Err(self.unexpected("`=` or `{`")),
                },
            }
            self.blanks();
        }
        let mut inner = Block::new(name, labels, Place { file: block.place.file.clone(), line });
        self.with_lines(true, |parser| parser.block(&mut inner))?;
        block.blocks.push(inner);
        Ok(())
    }

    fn argument(&mut self, block: &mut Block, name: &str, line: usize) -> Result<()> {
        self.expect("=")?;
        let value = self.expression()?;
        match block.attributes.insert(name.to_owned(), (value, line)) {
            None => Ok(()),
            Some((_, first)) => Err(super::SyntaxError { line, message: format!("`{name}` is already set in line {first} of this block") }),
        }
    }

    /// What stands in braces: lines, or one argument in the same line.
    fn block(&mut self, block: &mut Block) -> Result<()> {
        let opened = self.line();
        self.expect("{")?;
        if !matches!(self.peek(), None | Some(b'\n' | b'\r' | b'}')) {
            let line = self.line();
            let Some(name) = self.name() else {
                return Err(self.unexpected("an argument or the end of the line"));
            };
            self.blanks();
            if self.peek() != Some(b'=') {
                return Err(self.error("a block in one line holds one argument and nothing else"));
            }
            self.argument(block, name, line)?;
        } else {
            self.body(block)?;
        }
        if self.at_end() {
            return Err(self.error(format!("the block of line {opened} has no `}}`")));
        }
        self.expect("}")
    }

    /// A string without anything to be filled in.
    fn label(&mut self) -> Result<String> {
        match self.quoted()?.text() {
            Some(text) => Ok(text.to_owned()),
            None => Err(self.error("a label takes no templates")),
        }
    }
}
