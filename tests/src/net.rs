//! Who listens where, as the kernel tells it.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The local addresses on which somebody listens at `port` (proc_net_tcp(5)).
pub fn listening_addresses(port: u16) -> Vec<IpAddr> {
    const LISTEN: &str = "0A";
    let mut addresses = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = fs::read_to_string(table).unwrap_or_default();
        for row in text.lines().skip(1) {
            let columns: Vec<&str> = row.split_whitespace().collect();
            let (address, listening_port) = columns[1].split_once(':').unwrap();
            if columns[3] == LISTEN && u16::from_str_radix(listening_port, 16) == Ok(port) {
                addresses.push(parse(address));
            }
        }
    }
    addresses
}

/// Words of 32 bits, each in the byte order of the machine.
fn parse(hexadecimal: &str) -> IpAddr {
    let word = |at: usize| u32::from_str_radix(&hexadecimal[at..at + 8], 16).unwrap().to_ne_bytes();
    if hexadecimal.len() == 8 {
        return Ipv4Addr::from(word(0)).into();
    }
    let bytes: Vec<u8> = (0..4).flat_map(|index| word(index * 8)).collect();
    Ipv6Addr::from(<[u8; 16]>::try_from(bytes).unwrap()).into()
}
