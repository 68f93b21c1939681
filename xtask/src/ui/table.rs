//! Plain tables: columns as wide as their widest cell, two spaces between, no trailing blanks.

use crate::host::masking;

/// Renders rows under a header; every row has as many cells as the header. What is secret is masked before the
/// columns are measured.
pub(crate) fn render<const COLUMNS: usize>(header: [&str; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let rows: Vec<[String; COLUMNS]> = rows.iter().map(|row| row.each_ref().map(|cell| masking::mask(cell))).collect();
    let mut widths = header.map(|cell| cell.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String; COLUMNS]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect::<Vec<_>>();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    std::iter::once(header.map(ToOwned::to_owned)).chain(rows).map(|row| line(&row)).collect()
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 2]| cells.map(ToOwned::to_owned);
        let table = render(["service", "state"], &[row(["redis", "ready"]), row(["vectorstore", ""])]);
        assert_eq!(table, "service      state\nredis        ready\nvectorstore\n");
    }
}
