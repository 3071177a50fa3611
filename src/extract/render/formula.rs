//! Formulas: LaTeX between dollar signs, which goes from page to Markdown as it stands.
//!
//! Backslashes, asterisks, underscores and brackets mean something in LaTeX: an escaped formula is another one. What Markdown or
//! HTML would take for markup is kept apart by spaces, which LaTeX does not see.

use crate::extract::render::unicode::is_invisible;

/// A formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Formula {
    /// Its LaTeX on one line; a dollar sign in it has its backslash.
    latex: String,
    /// Whether it stands on a line of its own.
    block: bool,
}

impl Formula {
    /// Reads `$…$` or `$$…$$`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let inside = |mark: &str| text.strip_prefix(mark)?.strip_suffix(mark);
        let (inner, block) = inside("$$").map(|inner| (inner, true)).or_else(|| Some((inside("$")?, false)))?;
        let latex = settled(&one_line(inner));
        (!latex.is_empty()).then_some(Self { latex, block })
    }

    /// As people read it.
    pub(super) fn plain(&self) -> String {
        self.between(&self.latex)
    }

    /// In Markdown; in a table's cell a bar would end it.
    pub(super) fn markdown(&self, in_cell: bool) -> String {
        let mut safe = String::with_capacity(self.latex.len());
        for letter in self.latex.chars() {
            let before = safe.chars().next_back();
            let joins = match before {
                // A tag, a link, a picture.
                Some('<') => letter.is_ascii_alphabetic() || matches!(letter, '/' | '!' | '?'),
                Some(']') => matches!(letter, '(' | '['),
                Some('!') => letter == '[',
                _ => false,
            };
            if joins {
                safe.push(' ');
            }
            match letter {
                // Code binds tighter than a formula.
                '`' => safe.push_str("\\lq "),
                '|' if in_cell && is_escaped(&safe) => safe.push_str("Vert "),
                '|' if in_cell => safe.push_str("\\|"),
                letter => safe.push(letter),
            }
        }
        self.between(safe.trim_end())
    }

    fn between(&self, latex: &str) -> String {
        let mark = if self.block { "$$" } else { "$" };
        format!("{mark}{latex}{mark}")
    }
}

/// LaTeX on one line. What its author says of a line (`% …`) would swallow all that follows.
fn one_line(latex: &str) -> String {
    let (mut out, mut in_comment) = (String::with_capacity(latex.len()), false);
    let several = latex.trim_end().contains('\n');
    for letter in latex.chars() {
        match letter {
            '\n' | '\r' => in_comment = false,
            '%' if several && !is_escaped(&out) => in_comment = true,
            _ => {}
        }
        if in_comment || is_invisible(letter) {
            continue;
        }
        if !letter.is_whitespace() && !letter.is_control() {
            out.push(letter);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.trim().to_owned()
}

/// LaTeX that cannot end before its end: no bare dollar sign, no backslash before the closing one.
fn settled(latex: &str) -> String {
    let mut out = String::with_capacity(latex.len());
    for letter in latex.chars() {
        if letter == '$' && !is_escaped(&out) {
            out.push('\\');
        }
        out.push(letter);
    }
    if is_escaped(&out) {
        out.pop();
    }
    out.trim_end().to_owned()
}

/// Whether what follows this text stands behind a backslash that is not itself behind one.
fn is_escaped(text: &str) -> bool {
    (text.len() - text.trim_end_matches('\\').len()) % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_left_alone_but_for_what_would_end_them() {
        let cases = [
            ("$\\{x\\}$", "$\\{x\\}$"),
            ("$a \\\\ b$", "$a \\\\ b$"),
            ("$[x]*[y]_1$", "$[x]*[y]_1$"),
            ("$$a_{i}*b_{j}$$", "$$a_{i}*b_{j}$$"),
            ("$a<b>c$", "$a< b>c$"),
            ("$[a](javascript:x)$", "$[a] (javascript:x)$"),
            ("$\\text{$5}\\$6$", "$\\text{\\$5}\\$6$"),
            ("$a + % one\n b$", "$a + b$"),
            ("$5\\% of x$", "$5\\% of x$"),
            ("$x\\$", "$x$"),
            ("$`x`$", "$\\lq x\\lq$"),
        ];
        for (text, markdown) in cases {
            let formula = Formula::read(text).unwrap();
            assert_eq!(formula.markdown(false), markdown, "{text}");
            assert_eq!(Formula::read(&formula.plain()).as_ref(), Some(&formula), "{text}");
        }
        assert_eq!(Formula::read("$|x| + \\|y\\|$").unwrap().markdown(true), "$\\|x\\| + \\Vert y\\Vert$");
        for text in ["", "x", "$", "$$", "$ $", "$x"] {
            assert_eq!(Formula::read(text), None, "{text}");
        }
    }
}
