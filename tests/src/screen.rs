//! What a person sees in a terminal after everything was written: the escape sequences that spinners use, and no others.

/// The screen's lines, and the column of the cursor in the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// Every line, scrolled away or not, without blanks at its end.
    pub lines: Vec<String>,
    /// 0 when the next thing written begins a line.
    pub column: usize,
    /// The cursor can be seen.
    pub cursor: bool,
}

/// Carries out what was written. A `^C` after the last line is the kernel's, for a key that was pressed when the command had said
/// everything and had not yet ended: no command can prevent it.
pub fn shown(written: &str) -> Screen {
    let written = written.strip_suffix("^C").filter(|before| before.ends_with('\n')).unwrap_or(written);
    let mut lines: Vec<Vec<char>> = vec![Vec::new()];
    let (mut row, mut column, mut cursor) = (0, 0, true);
    let mut rest = written.chars();
    while let Some(character) = rest.next() {
        match character {
            '\r' => column = 0,
            '\n' => {
                row += 1;
                if row == lines.len() {
                    lines.push(Vec::new());
                }
            }
            '\x1b' => {
                assert_eq!(rest.next(), Some('['), "an escape sequence of another kind");
                let mut argument = String::new();
                let command = loop {
                    match rest.next().unwrap() {
                        end @ '\x40'..='\x7e' => break end,
                        other => argument.push(other),
                    }
                };
                let count = argument.parse().unwrap_or(1);
                match (command, argument.as_str()) {
                    ('A', _) => row = row.saturating_sub(count),
                    ('B', _) => row = (row + count).min(lines.len() - 1),
                    ('K', "2") => lines[row].clear(),
                    ('K', "" | "0") => lines[row].truncate(column),
                    ('J', "" | "0") => {
                        lines.truncate(row + 1);
                        lines[row].truncate(column);
                    }
                    ('l', "?25") => cursor = false,
                    ('h', "?25") => cursor = true,
                    ('m', _) => {}
                    _ => panic!("an escape sequence that is not known: {argument}{command}"),
                }
            }
            _ => {
                let line = &mut lines[row];
                line.resize(line.len().max(column + 1), ' ');
                line[column] = character;
                column += 1;
            }
        }
    }
    let lines = lines.into_iter().map(|line| line.into_iter().collect::<String>().trim_end().to_owned()).collect();
    Screen { lines, column, cursor }
}
