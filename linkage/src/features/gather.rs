//! Records of several readings as one.

use rustc_hash::FxHashMap;

use super::{Features, Token, Vocabulary, Word};

/// Where a record is: which of several readings, and its place there.
pub(crate) type Place = (usize, usize);

impl Features {
    /// The records at these places of `parts`, each once, in the order of their ids. All parts were read by the
    /// same settings.
    pub(crate) fn gathered(parts: &[Features], places: &[Place]) -> Features {
        let mut places: Vec<Place> = places.to_vec();
        places.sort_by_key(|(part, row)| parts[*part].ids[*row]);
        let stride = parts.iter().find(|it| !it.is_empty()).map_or(0, |it| it.stride);
        let mut words = Words { parts, known: FxHashMap::default(), spelt: FxHashMap::default() };
        let mut gathered = Features { stride, starts: vec![0], ..Features::default() };
        for (number, row) in places {
            let part = &parts[number];
            gathered.ids.push(part.ids[row]);
            gathered.cells.extend_from_slice(part.cells(row));
            for word in &part.words[part.starts[row] as usize..part.starts[row + 1] as usize] {
                let token = words.token(number, word.token, &mut gathered.vocabulary);
                gathered.words.push(Word { token, sketch: word.sketch });
            }
            gathered.starts.push(gathered.words.len() as u32);
        }
        gathered
    }
}

/// The words taken over so far.
struct Words<'a> {
    parts: &'a [Features],
    /// By the part they are of and their number there.
    known: FxHashMap<(u32, Token), Token>,
    /// By their letters.
    spelt: FxHashMap<&'a [u8], Token>,
}

impl Words<'_> {
    fn token(&mut self, part: usize, word: Token, into: &mut Vocabulary) -> Token {
        let from = &self.parts[part].vocabulary;
        let spelt = &mut self.spelt;
        *self.known.entry((part as u32, word)).or_insert_with(|| {
            *spelt.entry(from.letters(word)).or_insert_with(|| into.take_over(from, word))
        })
    }
}

impl Vocabulary {
    fn take_over(&mut self, from: &Vocabulary, word: Token) -> Token {
        self.letters.extend_from_slice(from.letters(word));
        self.ends.push(self.letters.len() as u32);
        self.sketch.push(from.sketch[word as usize]);
        self.whole.push(from.whole[word as usize]);
        self.sound.push(from.sound[word as usize]);
        (self.len() - 1) as Token
    }
}
