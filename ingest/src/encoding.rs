//! The encoding of a text file, and its lines.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::file::{Refusal, RefusalCode};

/// A line longer than this many bytes is cut: it is no row of a list.
const LONGEST_LINE: usize = 2 << 20;

/// How a text file is written.
#[derive(Debug, Clone, Copy)]
pub struct Writing {
    encoding: &'static Encoding,
    /// Lines end with a carriage return alone, as on old Macs.
    lone_return: bool,
}

impl Writing {
    /// Finds the encoding by content; refuses what is no text.
    pub fn find(path: &Path, head: &[u8]) -> Result<Writing, Refusal> {
        if let Some((encoding, _)) = Encoding::for_bom(head) {
            return Ok(Writing { encoding, lone_return: lone_return(head) });
        }
        if let Some(encoding) = wide_without_mark(head) {
            return Ok(Writing { encoding, lone_return: lone_return(head) });
        }
        let mut file = File::open(path)?;
        let mut guess = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
        let mut utf8 = UTF_8.new_decoder_without_bom_handling();
        let (mut valid, mut size, mut controls, mut nuls) = (true, 0_usize, 0_usize, 0_usize);
        let (mut bytes, mut scratch) = (vec![0; 1 << 16], String::with_capacity(1 << 18));
        loop {
            let read = file.read(&mut bytes)?;
            let chunk = &bytes[..read];
            size += read;
            nuls += chunk.iter().filter(|&&it| it == 0).count();
            controls += chunk.iter().filter(|&&it| it < 9 || (14..32).contains(&it)).count();
            if valid {
                scratch.clear();
                let (.., flawed) = utf8.decode_to_string(chunk, &mut scratch, read == 0);
                valid = !flawed;
            }
            guess.feed(chunk, read == 0);
            if read == 0 {
                break;
            }
        }
        if size < controls * 50 || size < nuls * 50 {
            return Err(Refusal::with(RefusalCode::NotASpreadsheet, "binary"));
        }
        let encoding = if valid { UTF_8 } else { single_byte(&guess) };
        Ok(Writing { encoding, lone_return: lone_return(head) })
    }

    /// The lines of the file, from the top.
    pub fn lines(&self, path: &Path) -> io::Result<Lines> {
        Ok(Lines {
            file: BufReader::new(File::open(path)?),
            decoder: self.encoding.new_decoder_with_bom_removal(),
            bytes: vec![0; 1 << 16],
            text: String::with_capacity(1 << 18),
            at: 0,
            ended: false,
            newline: if self.lone_return { '\r' } else { '\n' },
        })
    }
}

fn single_byte(guess: &chardetng::EncodingDetector) -> &'static Encoding {
    let found = guess.guess(Some(b"id"), chardetng::Utf8Detection::Deny);
    // The lists are Indonesian; an East Asian guess comes from a few stray bytes.
    if found.is_single_byte() { found } else { WINDOWS_1252 }
}

fn lone_return(head: &[u8]) -> bool {
    head.contains(&b'\r') && !head.contains(&b'\n')
}

/// UTF-16 shows as a zero in nearly every second byte.
fn wide_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|&&it| it == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if pairs < 4 {
        None
    } else if pairs < odd * 2 && even * 10 < pairs {
        Some(UTF_16LE)
    } else if pairs < even * 2 && odd * 10 < pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The lines of a text file, decoded one after the other.
pub struct Lines {
    file: BufReader<File>,
    decoder: Decoder,
    bytes: Vec<u8>,
    text: String,
    at: usize,
    ended: bool,
    newline: char,
}

impl Lines {
    /// The next line without its end, and whether it was cut; `None` after the last.
    pub fn next(&mut self) -> io::Result<Option<(String, bool)>> {
        let (mut line, mut cut, mut started) = (String::new(), false, false);
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(self.newline);
            let piece = &rest[..end.unwrap_or(rest.len())];
            started |= !piece.is_empty() || end.is_some();
            let room = LONGEST_LINE.saturating_sub(line.len());
            let fits = piece.floor_char_boundary(room.min(piece.len()));
            cut |= fits < piece.len();
            line.push_str(&piece[..fits]);
            if let Some(end) = end {
                self.at += end + 1;
                break;
            }
            if self.ended {
                self.at = self.text.len();
                if !started {
                    return Ok(None);
                }
                break;
            }
            self.fill()?;
        }
        if line.ends_with('\r') {
            line.pop();
        }
        if line.contains(['\0', '\u{1a}']) {
            line.retain(|it| !matches!(it, '\0' | '\u{1a}'));
        }
        Ok(Some((line, cut)))
    }

    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        let read = self.file.read(&mut self.bytes)?;
        self.ended = read == 0;
        let room = self.decoder.max_utf8_buffer_length(read).unwrap_or(1 << 18);
        self.text.reserve(room);
        let _ = self.decoder.decode_to_string(&self.bytes[..read], &mut self.text, self.ended);
        Ok(())
    }
}
