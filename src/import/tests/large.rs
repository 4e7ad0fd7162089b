//! Archives larger than what may be held at once.

use std::io::{BufRead, BufReader, Read};

use super::super::archive::Archive;
use super::super::error::ErrorKind;
use super::*;

/// An archive of many issues that exists only as it is read.
struct Generated {
    next: u64,
    issues: u64,
    pending: Vec<u8>,
}

impl Read for Generated {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.pending.is_empty() && self.next <= self.issues + 1 {
            self.pending = match self.next {
                0 => b"{\"repo\": \"o/r\", \"issues\": [".to_vec(),
                n if n > self.issues => b"]}".to_vec(),
                n => {
                    let comma = if n == 1 { "" } else { "," };
                    let body = "x".repeat(10_000);
                    format!(
                        "{comma}{{\"number\": {n}, \"title\": \"t\", \"state\": \"OPEN\", \"body\": \"{body}\", \
                         \"createdAt\": \"2020-01-01T00:00:00Z\"}}"
                    )
                    .into_bytes()
                }
            };
            self.next += 1;
        }
        let length = self.pending.len().min(into.len());
        into[..length].copy_from_slice(&self.pending[..length]);
        self.pending.drain(..length);
        Ok(length)
    }
}

#[test]
fn items_are_handed_out_while_the_file_is_read_not_after() {
    let issues = 2_000;
    let input = BufReader::with_capacity(4096, Generated { next: 0, issues, pending: Vec::new() });
    let mut count = 0;
    let mut before = 0;
    let totals = for_each_item(input, |placed| -> Result<(), ArchiveError> {
        count += 1;
        assert_eq!(placed.place.number, Some(count));
        assert!(placed.json.len() < 11_000, "one item is held at a time");
        assert!(placed.place.position.byte > before);
        before = placed.place.position.byte;
        Ok(())
    });
    let totals = totals.unwrap();
    assert_eq!((totals.issues, count), (Some(issues), issues));
    assert!(totals.bytes > 20_000_000);
}

/// Fails after some bytes, as a disk does.
struct Failing(&'static [u8]);

impl Read for Failing {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(std::io::Error::other("the disk is gone")),
            length => Ok(length),
        }
    }
}

#[test]
fn a_failing_disk_is_told_with_its_position() {
    let input = BufReader::new(Failing(b"{\"repo\": \"o/r\", \"issues\": ["));
    let error = survey(input).map(|_| ()).unwrap_err();
    assert_eq!((error.kind, error.position.byte), (ErrorKind::Read, 27));
    assert!(error.to_string().contains("the disk is gone"), "{error}");
}

#[test]
fn an_archive_is_read_twice_but_not_after_it_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.json");
    std::fs::write(&path, archive(&thread(1, ""), "")).unwrap();
    let mut opened = Archive::open(&path).unwrap();
    assert_eq!(opened.survey(&|_| true).unwrap().report.carried.issues, 1);
    let totals = opened.for_each(&|_| true, |_| Ok::<(), ArchiveError>(())).unwrap();
    assert_eq!((totals.labels, totals.issues, totals.pulls), (Some(1), Some(1), Some(0)));

    std::fs::write(&path, archive("", "")).unwrap();
    assert_eq!(opened.survey(&|_| true).unwrap_err().kind, ErrorKind::Changed);
    assert_eq!(Archive::open(folder.path()).unwrap_err().kind, ErrorKind::Read);
    let missing = Archive::open(&folder.path().join("none.json")).unwrap_err();
    assert!(missing.to_string().contains("none.json"), "{missing}");
}

#[test]
fn a_reader_that_gives_one_byte_at_a_time_changes_nothing() {
    let json = archive(&thread(1, ", \"body\": \"é\""), "");
    let input: Box<dyn BufRead> = Box::new(BufReader::with_capacity(1, json.as_bytes()));
    assert_eq!(survey(input).unwrap().report.carried.issues, 1);
}

#[test]
fn a_pass_ends_early_when_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.json");
    let unknown = format!("{{\"repo\": \"o/r\", \"stats\": [{}0], \"issues\": []}}", "0, ".repeat(400_000));
    std::fs::write(&path, unknown).unwrap();
    let (tell, told) = std::sync::mpsc::sync_channel(64);
    let survey = Archive::open(&path).unwrap().surveyed(move |bytes| {
        tell.send(bytes).unwrap();
        bytes < 100_000
    });
    assert_eq!(survey.map(|_| ()).unwrap_err().kind, ErrorKind::Read);
    assert_eq!(told.iter().filter(|bytes| *bytes >= 100_000).count(), 1);
}
