//! Reading a template.

use super::{DEPTH, How, PIECES, Path, Piece};

/// A template's pieces.
///
/// # Errors
///
/// A sentence that says what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Vec<Piece>, String> {
    let mut reader = Reader { rest: text, pieces: 0 };
    let (pieces, end) = reader.block(0)?;
    match end {
        End::Text => Ok(pieces),
        End::Else => Err("{{else}} without {{#if}}".to_owned()),
        End::Close(name) => Err(format!("{{{{/{name}}}}} without {{{{#{name}}}}}")),
    }
}

struct Reader<'t> {
    rest: &'t str,
    pieces: usize,
}

/// What ended a block.
enum End<'t> {
    Text,
    Else,
    Close(&'t str),
}

impl<'t> Reader<'t> {
    fn block(&mut self, depth: usize) -> Result<(Vec<Piece>, End<'t>), String> {
        if depth > DEPTH {
            return Err(format!("blocks lie more than {DEPTH} deep"));
        }
        let mut out = Vec::new();
        loop {
            let Some((text, after)) = self.rest.split_once("{{") else {
                out.push(Piece::Text(std::mem::take(&mut self.rest).to_owned()));
                return Ok((out, End::Text));
            };
            if !text.is_empty() {
                out.push(Piece::Text(text.to_owned()));
            }
            let (tag, rest) = after.split_once("}}").ok_or_else(|| "a {{ has no }}".to_owned())?;
            self.rest = rest;
            self.pieces += 1;
            if self.pieces > PIECES {
                return Err(format!("more than {PIECES} pieces"));
            }
            let tag = tag.trim();
            if tag == "else" {
                return Ok((out, End::Else));
            }
            if let Some(name) = tag.strip_prefix('/') {
                return Ok((out, End::Close(name.trim())));
            }
            out.push(match tag.strip_prefix('#') {
                Some(opening) => self.opened(opening.trim(), depth)?,
                None => value(tag)?,
            });
        }
    }

    fn opened(&mut self, opening: &str, depth: usize) -> Result<Piece, String> {
        let (word, argument) = opening.split_once(char::is_whitespace).unwrap_or((opening, ""));
        match word {
            "if" => {
                let path = path(argument)?;
                let (then, end) = self.block(depth + 1)?;
                let (otherwise, end) = match end {
                    End::Else => self.block(depth + 1)?,
                    end => (Vec::new(), end),
                };
                closed(word, &end).map(|()| Piece::If(path, then, otherwise))
            }
            "each" => {
                let (at, between) =
                    argument.trim().split_once(char::is_whitespace).unwrap_or((argument, "\"\""));
                let between = between.trim().strip_prefix('"').and_then(|between| between.strip_suffix('"'));
                let between =
                    between.ok_or_else(|| "what stands between items stands in quotes".to_owned())?;
                let path = path(at)?;
                let (body, end) = self.block(depth + 1)?;
                closed(word, &end).map(|()| Piece::Each(path, between.replace("\\n", "\n"), body))
            }
            _ => Err(format!("{{{{#{word}}}}} is not known: there are if and each")),
        }
    }
}

fn closed(word: &str, end: &End<'_>) -> Result<(), String> {
    match end {
        End::Close(name) if *name == word => Ok(()),
        _ => Err(format!("{{{{#{word}}}}} has no {{{{/{word}}}}}")),
    }
}

fn value(tag: &str) -> Result<Piece, String> {
    match tag.split_once(char::is_whitespace) {
        None => Ok(Piece::Value(How::Escaped, path(tag)?)),
        Some(("json", at)) => Ok(Piece::Value(How::Json, path(at)?)),
        Some(("raw", at)) => Ok(Piece::Value(How::Raw, path(at)?)),
        Some((word, _)) => Err(format!("{{{{{word} …}}}} is not known: there are json and raw")),
    }
}

fn path(text: &str) -> Result<Path, String> {
    let text = text.trim();
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    if !text.split('.').all(is_name) {
        return Err(format!("`{text}` is no name of a value"));
    }
    Ok(text.split('.').map(str::to_owned).collect())
}
