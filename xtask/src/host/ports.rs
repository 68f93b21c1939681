//! Ports of this machine: giving out free ones, and finding who has a taken one.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Result;

use super::digest::Digest;
use super::error::Failure;

/// Below the range that Linux gives to outgoing connections (32768 and up), above what services use by habit.
const RANGE: std::ops::Range<u16> = 21_000..29_000;

/// `count` ports that can be had and are not `reserved`. They are looked for from a place in the range that `owner` decides, so that
/// users and engines that know nothing of each other do not all ask for the first ones.
///
/// # Errors
/// There are not that many.
pub(crate) fn allocate(count: usize, reserved: &[u16], owner: &str) -> Result<Vec<u16>> {
    let offset = offset(owner);
    let all = (RANGE.start + offset..RANGE.end).chain(RANGE.start..RANGE.start + offset);
    let can_be_had = |port: &u16| !reserved.contains(port) && matches!(look_at(*port), Port::Free);
    let free: Vec<u16> = all.filter(can_be_had).take(count).collect();
    if free.len() < count {
        return Err(Failure::new(format!("fewer than {count} free ports between {} and {}", RANGE.start, RANGE.end))
            .hint("destroy instances that are no longer needed; `cargo xtask infra list` shows them")
            .into());
    }
    Ok(free)
}

/// Where in the range an owner's ports are looked for first.
fn offset(owner: &str) -> u16 {
    let hash = Digest::default().part(owner).finish();
    u16::from_str_radix(&hash[..4], 16).unwrap_or_default() % (RANGE.end - RANGE.start)
}

/// What can be known of a port of the loopback address.
#[derive(Debug)]
pub(crate) enum Port {
    /// Nobody listens on it, nor on that port of all addresses.
    Free,
    /// Somebody does.
    Taken,
    /// This process may not ask; the engine may be able to publish it all the same.
    Unknown(io::Error),
}

/// Tries a port.
pub(crate) fn look_at(port: u16) -> Port {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Port::Free,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Port::Taken,
        Err(error) => Port::Unknown(error),
    }
}

/// True when somebody listens there.
pub(crate) fn is_taken(port: u16) -> bool {
    matches!(look_at(port), Port::Taken)
}

/// `name` (pid N) of the process that listens on a port, as far as this user may know.
pub(crate) fn listening_process(port: u16) -> Option<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    let inodes: Vec<u64> = tables.iter().flat_map(|table| listening_inodes(table, port)).collect();
    let processes = fs::read_dir("/proc").ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let holder = processes.filter(|process| is_process(process)).find(|process| holds_socket(process, &inodes))?;
    let name = fs::read_to_string(holder.join("comm")).ok()?;
    Some(format!("`{}` (pid {})", name.trim(), holder.file_name()?.to_string_lossy()))
}

/// Inodes of the sockets that listen on `port` in a table of /proc/net/tcp's format (proc_net_tcp(5)).
fn listening_inodes(table: &str, port: u16) -> Vec<u64> {
    const LISTEN: &str = "0A";
    let suffix = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 9 && row[1].ends_with(&suffix) && row[3] == LISTEN).filter_map(|row| row[9].parse().ok()).collect()
}

/// /proc/self and /proc/thread-self would be found first, under a name that helps nobody.
fn is_process(directory: &Path) -> bool {
    directory.file_name().is_some_and(|name| name.as_encoded_bytes().iter().all(u8::is_ascii_digit))
}

fn holds_socket(process: &Path, inodes: &[u64]) -> bool {
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else {
        return false;
    };
    // What a descriptor leads to has the socket's inode.
    descriptors.filter_map(Result::ok).filter_map(|entry| fs::metadata(entry.path()).ok()).any(|found| inodes.contains(&found.ino()))
}

#[cfg(test)]
mod tests {
    use super::{RANGE, allocate, is_taken, listening_inodes, listening_process, offset};
    use std::net::TcpListener;

    #[test]
    fn gives_free_ports_and_none_that_is_reserved() {
        let first = allocate(3, &[], "owner").unwrap();
        let second = allocate(3, &first, "owner").unwrap();
        assert!(first.iter().all(|port| RANGE.contains(port) && !second.contains(port)), "{first:?} {second:?}");
    }

    #[test]
    fn each_owner_begins_elsewhere_and_always_there() {
        let offsets: std::collections::BTreeSet<u16> = (0..100).map(|owner| offset(&format!("owner {owner}"))).collect();
        assert!(offsets.len() > 90, "{offsets:?}");
        assert!(offsets.iter().all(|offset| RANGE.contains(&(RANGE.start + offset))));
        assert_eq!(offset("owner"), offset("owner"));
        // All of the range is looked at, from wherever.
        let last = (0..).map(|owner| format!("{owner}")).find(|owner| RANGE.start + offset(owner) > RANGE.end - 20).unwrap();
        assert_eq!(allocate(50, &[], &last).unwrap().len(), 50);
    }

    #[test]
    fn finds_itself_as_the_holder_of_a_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is_taken(port));
        let holder = listening_process(port).unwrap();
        assert!(holder.ends_with(&format!("(pid {})", std::process::id())), "{holder}");
    }

    #[test]
    fn reads_only_listening_sockets_of_the_port() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n\
            1: 0100007F:1538 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0\n\
            2: 0100007F:1539 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0\n";
        assert_eq!(listening_inodes(table, 5432), [4711]);
    }
}
