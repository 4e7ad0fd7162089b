//! Values as bytes: `codec | kind | schema version | minicbor`.
//!
//! Fields are numbered in the source, so an old reader skips new fields and a new reader defaults missing ones;
//! the version rises only when that is not enough. It does not know which kinds exist, and it does not seal.

use std::convert::Infallible;

/// The first byte of every encoded value: minicbor with numbered fields.
const CODEC_MINICBOR: u8 = 1;

/// A type that can be stored.
///
/// Never reuse a field number; a new field is an `Option` or has a default. `KIND` is unique among all records.
pub trait Record: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()> {
    /// Which type this is, so that bytes of another type are refused rather than misread.
    const KIND: u8;
    /// The newest schema version this program writes and reads. Versions start at 1.
    const VERSION: u8;
}

/// Why bytes are not the record that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The value is encoded in a way this program does not know, or is too short to say.
    #[error("cannot decode a record of kind {kind}: its encoding is unknown to this version")]
    UnknownCodec {
        /// The kind that was asked for.
        kind: u8,
    },
    /// The value is of another type.
    #[error("cannot decode a record of kind {expected}: the stored value is of kind {found}")]
    WrongKind {
        /// The kind that was asked for.
        expected: u8,
        /// The kind that is stored.
        found: u8,
    },
    /// The value was written by a newer program.
    #[error(
        "cannot decode a record of kind {kind}: it has schema version {found}, this program knows up to {known}; \
         use the newer program"
    )]
    NewerVersion {
        /// The kind that was asked for.
        kind: u8,
        /// The version that is stored.
        found: u8,
        /// The newest version this program knows.
        known: u8,
    },
    /// The body does not decode.
    #[error("cannot decode a record of kind {kind}, schema version {version}: {source}")]
    Malformed {
        /// The kind that was asked for.
        kind: u8,
        /// The version that is stored.
        version: u8,
        /// What the decoder met.
        source: minicbor::decode::Error,
    },
    /// The value cannot be encoded.
    #[error("cannot encode a record of kind {kind}: {source}")]
    Unencodable {
        /// The kind of the record.
        kind: u8,
        /// What the encoder met.
        source: minicbor::encode::Error<Infallible>,
    },
}

/// The bytes of a record, envelope included.
///
/// # Errors
/// [`CodecError::Unencodable`] when the type's own encoder refuses.
pub fn encode<R: Record>(record: &R) -> Result<Vec<u8>, CodecError> {
    let mut bytes = vec![CODEC_MINICBOR, R::KIND, R::VERSION];
    minicbor::encode(record, &mut bytes)
        .map_err(|source| CodecError::Unencodable { kind: R::KIND, source })?;
    Ok(bytes)
}

/// The record in these bytes.
///
/// # Errors
/// A [`CodecError`] that says whether the bytes are of another codec, kind or newer version, or broken.
pub fn decode<R: Record>(bytes: &[u8]) -> Result<R, CodecError> {
    let [codec, kind, version, body @ ..] = bytes else {
        return Err(CodecError::UnknownCodec { kind: R::KIND });
    };
    if *codec != CODEC_MINICBOR {
        return Err(CodecError::UnknownCodec { kind: R::KIND });
    }
    if *kind != R::KIND {
        return Err(CodecError::WrongKind { expected: R::KIND, found: *kind });
    }
    if *version > R::VERSION {
        return Err(CodecError::NewerVersion { kind: R::KIND, found: *version, known: R::VERSION });
    }
    minicbor::decode(body).map_err(|source| CodecError::Malformed {
        kind: R::KIND,
        version: *version,
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
    struct Note {
        #[n(0)]
        text: String,
        #[n(1)]
        stars: Option<u32>,
    }

    impl Record for Note {
        const KIND: u8 = 9;
        const VERSION: u8 = 1;
    }

    /// The same kind as a later program has it.
    #[derive(Debug, minicbor::Encode, minicbor::Decode)]
    struct LaterNote {
        #[n(0)]
        text: String,
        #[n(1)]
        stars: Option<u32>,
        #[n(2)]
        color: Option<String>,
    }

    impl Record for LaterNote {
        const KIND: u8 = 9;
        const VERSION: u8 = 1;
    }

    fn note() -> Note {
        Note { text: "mind the gap".to_owned(), stars: Some(3) }
    }

    #[test]
    fn a_record_comes_back_as_it_went() {
        assert_eq!(decode::<Note>(&encode(&note()).unwrap()).unwrap(), note());
    }

    #[test]
    fn an_older_reader_skips_new_fields_and_a_newer_one_defaults_missing_ones() {
        let later =
            LaterNote { text: "mind the gap".to_owned(), stars: Some(3), color: Some("red".to_owned()) };
        assert_eq!(decode::<Note>(&encode(&later).unwrap()).unwrap(), note());
        assert_eq!(decode::<LaterNote>(&encode(&note()).unwrap()).unwrap().color, None);
    }

    #[test]
    fn a_newer_version_is_refused_naming_both() {
        let mut bytes = encode(&note()).unwrap();
        bytes[2] = 4;
        let error = decode::<Note>(&bytes).unwrap_err();
        assert!(matches!(error, CodecError::NewerVersion { kind: 9, found: 4, known: 1 }), "{error}");
        assert!(error.to_string().contains("version 4, this program knows up to 1"), "{error}");
    }

    #[test]
    fn another_kind_another_codec_and_a_cut_value_are_each_refused() {
        let good = encode(&note()).unwrap();
        let mut kind = good.clone();
        kind[1] = 8;
        assert!(matches!(decode::<Note>(&kind), Err(CodecError::WrongKind { expected: 9, found: 8 })));
        let mut codec = good.clone();
        codec[0] = 7;
        assert!(matches!(decode::<Note>(&codec), Err(CodecError::UnknownCodec { kind: 9 })));
        assert!(matches!(decode::<Note>(&good[..2]), Err(CodecError::UnknownCodec { .. })));
        assert!(matches!(decode::<Note>(&good[..good.len() - 3]), Err(CodecError::Malformed { .. })));
    }
}
