//! The bounds of searching and indexing, each with its unit. They are constants: an index and its queries agree on them.
//!
//! It does not know what is searched; reaching a bound of a query is an error that says where in the text.

/// Words of a query, those inside phrases counted too.
pub const QUERY_WORDS_MAX: usize = 32;

/// Characters of a word. A longer run of letters is not indexed: it is no word but data.
pub const WORD_CHARS_MAX: usize = 64;

/// Words of the index that one prefix, or one misspelt word, stands for: the most frequent.
pub const EXPANSIONS_PER_WORD_MAX: usize = 64;

/// Words of the index that all prefixes and misspelt words of a query stand for together.
pub const EXPANSIONS_MAX: usize = 256;

/// Words of the index's dictionaries that are looked at to find those a prefix stands for, or those like a word.
pub const WORDS_SCANNED_PER_WORD_MAX: usize = 50_000;

/// Words of the index's dictionaries that are looked at for all prefixes and misspelt words of a query together.
pub const WORDS_SCANNED_MAX: usize = 200_000;

/// Words of a query whose typos are forgiven; any after these must be spelt right.
pub const FUZZY_WORDS_MAX: usize = 8;

/// Entries of posting lists that one search may read, as the index states them beforehand.
pub const POSTINGS_MAX: u64 = 20_000_000;

/// Hits that one search returns, best first.
pub const TOP_MAX: usize = 1_000;

/// Words that stand for a text when similar issues are sought: the rarest.
pub const SIMILAR_WORDS_MAX: usize = 16;

/// Bytes of a text that are read to choose those words.
pub const SIMILAR_BYTES_MAX: usize = 16 * 1024;

/// Bytes of text that one document of the index holds; an issue with more has several.
pub const PART_BYTES_MAX: usize = 512 * 1024;

/// Bytes of a text that are read to find the best fragment of it.
pub const SNIPPET_BYTES_MAX: usize = 256 * 1024;

/// Bytes that a writer gathers before it starts a new segment: its memory, roughly.
pub const WRITER_BYTES: usize = 20_000_000;

/// Documents of a segment beyond which it is not merged any further, so that no merge lasts long.
pub const MERGED_DOCUMENTS_MAX: usize = 200_000;
