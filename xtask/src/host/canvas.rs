//! Standard error as spinners are drawn on it. A terminal that is gone takes everything without complaint: indicatif's own
//! panics then, in the middle of a run that is to end in order.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::mem;
use std::sync::{Mutex, PoisonError};

use indicatif::TermLike;
use rustix::termios::{Winsize, tcgetwinsize};

/// Collects what is drawn, and shows it in one piece.
#[derive(Debug, Default)]
pub(super) struct Canvas(Mutex<String>);

impl Canvas {
    fn draw(&self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
        Ok(())
    }

    /// Moves the cursor; no distance is not written, because terminals take 0 for 1.
    fn move_by(&self, distance: usize, direction: char) -> io::Result<()> {
        let mut sequence = String::new();
        if distance > 0 {
            write!(sequence, "\x1b[{distance}{direction}").expect("writing into a string");
        }
        self.draw(&sequence)
    }
}

/// The window's size; some do not know theirs and say 0.
fn size() -> Winsize {
    const USUAL: Winsize = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    tcgetwinsize(io::stderr()).ok().filter(|size| size.ws_row > 0 && size.ws_col > 0).unwrap_or(USUAL)
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        size().ws_col
    }

    fn height(&self) -> u16 {
        size().ws_row
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_by(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_by(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_by(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_by(n, 'D')
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.draw(s)?;
        self.draw("\n")
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.draw(s)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.draw("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let drawn = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut stderr = io::stderr().lock();
        let _ = stderr.write_all(drawn.as_bytes()).and_then(|()| stderr.flush());
        Ok(())
    }
}
