//! Amounts of memory and disk as a person reads them.

/// `512 MiB`, `1.5 GiB`: three digits that matter, in powers of 1024 as `docker stats` counts.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    #[expect(clippy::cast_precision_loss, reason = "for a number of three digits")]
    let mut amount = count as f64;
    let mut unit = 0;
    // 999.5 would be written as 1000, which is four digits.
    while amount >= 999.5 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    let digits = if unit == 0 || amount >= 99.95 || amount.fract() == 0.0 { 0 } else { 1 };
    format!("{amount:.digits$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn amounts_keep_the_digits_that_matter() {
        for (count, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 KiB"),
            (1024, "1 KiB"),
            (4_161_536, "4.0 MiB"),
            (99 * 1024 * 1024 + 900_000, "99.9 MiB"),
            (512 << 20, "512 MiB"),
            (1 << 30, "1 GiB"),
            (3 << 29, "1.5 GiB"),
            (3 << 42, "12 TiB"),
        ] {
            assert_eq!(bytes(count), expected, "{count}");
        }
    }
}
