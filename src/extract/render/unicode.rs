//! The few questions about characters that Markdown asks.

/// A character that no version of CommonMark takes for punctuation or white space.
pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric()
}

/// A character that every version of CommonMark takes for punctuation. Symbols and the rarer blocks are neither word nor
/// punctuation here: the specification changed its mind about them (0.31), so nothing may depend on them.
pub(super) fn is_punctuation(letter: char) -> bool {
    letter.is_ascii_punctuation()
        || matches!(letter,
            '\u{a1}' | '\u{a7}' | '\u{ab}' | '\u{b6}' | '\u{b7}' | '\u{bb}' | '\u{bf}'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{2043}' | '\u{2045}'..='\u{2051}' | '\u{2053}'..='\u{205e}'
            | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '\u{3030}' | '\u{30fb}'
            | '\u{fe30}'..='\u{fe52}' | '\u{fe54}'..='\u{fe61}'
            | '\u{ff01}'..='\u{ff03}' | '\u{ff05}'..='\u{ff0a}' | '\u{ff0c}'..='\u{ff0f}' | '\u{ff1a}' | '\u{ff1b}'
            | '\u{ff1f}' | '\u{ff20}' | '\u{ff3b}'..='\u{ff3d}' | '\u{ff3f}' | '\u{ff5b}' | '\u{ff5d}' | '\u{ff5f}'..='\u{ff65}')
}

/// Characters that are never shown and only disturb searching: zero-width spaces and joiners of words, soft hyphens,
/// byte-order marks, controls. Joiners that shape emoji and scripts stay.
pub(super) fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}')
        || letter.is_control() && !matches!(letter, '\t' | '\n' | '\r' | '\u{c}')
}

/// The closing partner of an opening bracket or quotation mark.
pub(super) fn partner(opening: char) -> Option<char> {
    Some(match opening {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '"' => '"',
        '\'' => '\'',
        '（' => '）',
        '【' => '】',
        '「' => '」',
        '『' => '』',
        '《' => '》',
        '〈' => '〉',
        '〔' => '〕',
        '［' => '］',
        '｛' => '｝',
        '“' => '”',
        '‘' => '’',
        '«' => '»',
        _ => return None,
    })
}

/// Punctuation, symbols, emoji and spaces: what may stand beside an emphasis as well as in it. Combining marks may not, they
/// belong to their letter.
pub(super) fn is_movable(letter: char) -> bool {
    letter.is_whitespace()
        || is_punctuation(letter)
        || !letter.is_alphanumeric()
            && matches!(letter,
                '\u{a1}'..='\u{bf}' | '\u{d7}' | '\u{f7}' | '\u{200d}' | '\u{2010}'..='\u{205e}' | '\u{20a0}'..='\u{20cf}'
                | '\u{2100}'..='\u{2bff}' | '\u{3000}'..='\u{3029}' | '\u{3030}'..='\u{303f}' | '\u{fe0f}'
                | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ffef}' | '\u{1f000}'..='\u{1faff}')
}
