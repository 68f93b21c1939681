//! A terminal to run a command in (pty(7)): Ctrl-C is a key that is pressed, and closing the window is a hang-up.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{ffi::OsStr, fs::OpenOptions, io};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// What a keyboard sends for Ctrl-C.
const CTRL_C: &[u8] = b"\x03";

/// The window's side of a terminal.
#[derive(Debug)]
pub struct Terminal {
    window: Arc<File>,
    closed: Arc<AtomicBool>,
}

/// What is written on it, until it is closed or its last user has gone.
#[derive(Debug)]
pub(crate) struct Written {
    window: Arc<File>,
    closed: Arc<AtomicBool>,
}

impl Terminal {
    /// A new one, and the side that a command gets as its standard streams.
    pub(crate) fn open() -> (Self, OwnedFd) {
        let window = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&window).unwrap();
        unlockpt(&window).unwrap();
        let name = ptsname(&window, Vec::new()).unwrap();
        let inside = OpenOptions::new().read(true).write(true).open(OsStr::from_bytes(name.as_bytes())).unwrap();
        tcsetwinsize(&inside, Winsize { ws_row: 50, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        (Self { window: Arc::new(window.into()), closed: Arc::default() }, inside.into())
    }

    /// Presses Ctrl-C. Where the command has ended, nothing would come of it but the kernel's `^C` on the screen.
    pub fn press_ctrl_c(&self) {
        if !self.is_deserted() {
            self.type_in(CTRL_C);
        }
    }

    /// True when nobody has the other side open any more.
    fn is_deserted(&self) -> bool {
        let mut window = [PollFd::from_borrowed_fd(self.window.as_fd(), PollFlags::empty())];
        poll(&mut window, Some(&Timespec::default())).unwrap() > 0 && window[0].revents().contains(PollFlags::HUP)
    }

    /// Types a text.
    pub fn type_in(&self, text: &[u8]) {
        (&*self.window).write_all(text).unwrap();
    }

    /// Closes the window.
    pub fn close(self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn written(&self) -> Written {
        Written { window: Arc::clone(&self.window), closed: Arc::clone(&self.closed) }
    }
}

impl Read for Written {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
        while !self.closed.load(Ordering::SeqCst) {
            if poll(&mut [PollFd::from_borrowed_fd(self.window.as_fd(), PollFlags::IN)], Some(&LOOK))? > 0 {
                // An error (EIO) is how it says that nobody is left to write.
                return Ok((&*self.window).read(buffer).unwrap_or(0));
            }
        }
        Ok(0)
    }
}
