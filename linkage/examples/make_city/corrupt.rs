//! What happens to a text on its way into a list.

use super::random::Random;
use super::words::SOUNDS;

const KEYS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
const SCANNED: [(char, char); 8] = [
    ('o', '0'),
    ('l', '1'),
    ('i', 'l'),
    ('s', '5'),
    ('b', '6'),
    ('e', 'c'),
    ('g', '9'),
    ('a', 'o'),
];

/// One slip of the finger, the eye or the scanner.
pub fn slip(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 4 {
        return text.to_owned();
    }
    let at = random.between(1, letters.len() - 1);
    match random.below(14) {
        0..4 => {
            if let Some(key) = neighbour(letters[at].to_ascii_lowercase(), random) {
                letters[at] =
                    if letters[at].is_uppercase() { key.to_ascii_uppercase() } else { key };
            }
        }
        4..7 => drop(letters.remove(at)),
        7..9 => letters.insert(at, letters[at]),
        9..12 => letters.swap(at, at - 1),
        12 => {
            let lower = letters[at].to_ascii_lowercase();
            if let Some(scanned) = SCANNED.iter().find(|it| it.0 == lower) {
                letters[at] = scanned.1;
            }
        }
        _ => match letters.iter().position(|it| *it == ' ') {
            Some(space) => drop(letters.remove(space)),
            None => letters.insert(at, ' '),
        },
    }
    letters.into_iter().collect()
}

fn neighbour(letter: char, random: &mut Random) -> Option<char> {
    let row = KEYS.iter().find(|it| it.contains(letter))?.as_bytes();
    let at = row.iter().position(|it| char::from(*it) == letter)?;
    let other = if at == 0 || (at + 1 < row.len() && random.chance(0.5)) { at + 1 } else { at - 1 };
    row.get(other).map(|it| char::from(*it))
}

/// The same sound spelled otherwise, if there is one to spell.
pub fn respelled(word: &str, random: &mut Random) -> String {
    let lower = word.to_ascii_lowercase();
    let first = random.below(SOUNDS.len());
    for (sound, spelling) in SOUNDS.iter().cycle().skip(first).take(SOUNDS.len()) {
        if let Some(at) = lower.get(1..).and_then(|it| it.find(sound)) {
            let at = at + 1;
            return format!("{}{spelling}{}", &word[..at], &word[at + sound.len()..]);
        }
    }
    word.to_owned()
}

/// A number with one digit wrong, two swapped, one lost or one twice.
pub fn misdialled(number: &str, random: &mut Random) -> String {
    let mut digits: Vec<char> = number.chars().collect();
    if digits.len() < 4 {
        return number.to_owned();
    }
    let at = random.between(1, digits.len() - 2);
    match random.below(20) {
        0..8 => digits.swap(at, at + 1),
        8..15 => digits[at] = char::from(b'0' + random.below(10) as u8),
        15..18 => drop(digits.remove(at)),
        _ => digits.insert(at, digits[at]),
    }
    digits.into_iter().collect()
}

/// How an office types.
#[derive(Clone, Copy)]
pub enum Hand {
    Capitals,
    Title,
    Lower,
    Mixed,
}

/// The text in this hand; each hand forgets itself sometimes.
pub fn written(text: String, hand: Hand, random: &mut Random) -> String {
    let x = random.unit();
    match hand {
        Hand::Capitals if x < 0.92 => text.to_uppercase(),
        Hand::Lower if x < 0.4 => text.to_lowercase(),
        Hand::Mixed if x < 0.4 => text.to_uppercase(),
        Hand::Mixed if x < 0.6 => text.to_lowercase(),
        Hand::Title if x < 0.06 => text.to_uppercase(),
        _ => text,
    }
}
