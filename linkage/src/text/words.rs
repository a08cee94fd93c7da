//! Words of a text in one piece of memory, for reading many texts.

use super::{fold, is_unseen, spell};

/// Words one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Words {
    letters: Vec<u8>,
    ends: Vec<u32>,
}

impl Words {
    /// The words of a text, as [`super::words`] tells them.
    pub(crate) fn of(text: &str) -> Words {
        let mut words = Words::with_room(text.len());
        words.read(text);
        words
    }

    /// None yet, with room for so many letters.
    pub(crate) fn with_room(letters: usize) -> Words {
        Words { letters: Vec::with_capacity(letters), ends: Vec::with_capacity(8) }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The word of this number; the empty word beyond the last.
    pub(crate) fn get(&self, index: usize) -> &str {
        let Some(end) = self.ends.get(index) else { return "" };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        std::str::from_utf8(&self.letters[start as usize..*end as usize]).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.len()).map(|it| self.get(it))
    }

    /// Keeps the first words.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.ends.truncate(count);
        self.letters.truncate(self.ends.last().map_or(0, |it| *it as usize));
    }

    /// Adds a word as it is.
    pub(crate) fn push(&mut self, word: &str) {
        self.letters.extend_from_slice(word.as_bytes());
        self.close();
    }

    /// Adds a word in the one spelling of [`super::canonical`].
    pub(crate) fn push_canonical(&mut self, word: &str) {
        spell(word, &mut self.letters);
        self.close();
    }

    /// Adds the words of a text.
    pub(crate) fn read(&mut self, text: &str) {
        let mut start = self.letters.len();
        let mut before = ' ';
        for letter in text.chars() {
            if !letter.is_ascii_graphic() && is_unseen(letter) {
                continue;
            }
            // "SateBandeng" lost its space.
            let parts = letter.is_ascii_uppercase()
                && before.is_ascii_lowercase()
                && start + 3 <= self.letters.len();
            before = letter;
            match letter {
                'A'..='Z' | 'a'..='z' | '0'..='9' => {
                    if parts {
                        self.close();
                        start = self.letters.len();
                    }
                    self.letters.push(letter.to_ascii_lowercase() as u8);
                }
                '\'' | '`' | '’' => {}
                other if other.is_alphanumeric() => {
                    if let Some(plain) = fold(other) {
                        self.letters.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
                _ if start < self.letters.len() => {
                    self.close();
                    start = self.letters.len();
                }
                _ => {}
            }
        }
        if start < self.letters.len() {
            self.close();
        }
    }

    fn close(&mut self) {
        self.ends.push(self.letters.len() as u32);
    }

    /// Each word by itself.
    pub(crate) fn strings(&self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}
