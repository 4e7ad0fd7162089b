//! What comes back of a sealed file, and what is noticed.

use super::*;

const KEY: [u8; KEY_BYTES] = [7; KEY_BYTES];

fn content(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at / 3) as u8).collect()
}

/// A file with so many bytes in it.
fn written(path: &Path, bytes: usize) -> Vec<u8> {
    let mut file = SealedWriter::create(path, KEY).unwrap();
    file.write_all(&content(bytes)).unwrap();
    let size = file.finish().unwrap();
    let sealed = fs::read(path).unwrap();
    assert_eq!(sealed.len() as u64, size);
    sealed
}

fn read(path: &Path, key: [u8; KEY_BYTES]) -> io::Result<Vec<u8>> {
    let mut file = SealedReader::open(path, key).map_err(io::Error::other)?.unwrap();
    let mut bytes = Vec::new();
    PartStream::new(|| file.next_part()).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[test]
fn a_file_reads_back_whatever_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for bytes in [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES] {
        written(&path, bytes);
        assert_eq!(read(&path, KEY).unwrap(), content(bytes), "{bytes} bytes");
    }
    assert!(read(&path, [8; KEY_BYTES]).is_err());
}

#[test]
fn a_file_that_was_cut_added_to_or_shuffled_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let sealed = written(&path, 2 * PART_BYTES + 5);
    let (head, sealed_part) = (MAGIC.len() + SALT_BYTES, PART_BYTES + TAG_BYTES);
    let (first, second) = (head..head + sealed_part, head + sealed_part..head + 2 * sealed_part);
    let cut = |length: usize| sealed[..length].to_vec();
    let mut shuffled = sealed.clone();
    shuffled[first.clone()].copy_from_slice(&sealed[second.clone()]);
    shuffled[second.clone()].copy_from_slice(&sealed[first.clone()]);
    let left_out = [&sealed[..first.end], &sealed[second.end..]].concat();
    let mut another = written(&path, 2 * PART_BYTES + 5);
    another[second.clone()].copy_from_slice(&sealed[second.clone()]);
    let broken = [
        cut(0),
        cut(4),
        cut(head),
        cut(head + 3),
        cut(first.end),
        cut(second.end),
        cut(sealed.len() - 1),
        [sealed.as_slice(), &[0]].concat(),
        shuffled,
        left_out,
        another,
    ];
    for (case, bytes) in broken.iter().enumerate() {
        fs::write(&path, bytes).unwrap();
        assert!(read(&path, KEY).is_err(), "case {case}");
    }
    fs::write(&path, &sealed).unwrap();
    assert!(read(&path, KEY).is_ok());
}

#[test]
fn every_flipped_byte_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let sealed = written(&path, 100);
    for at in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        fs::write(&path, flipped).unwrap();
        assert!(read(&path, KEY).is_err(), "byte {at}");
    }
}

#[test]
fn a_file_that_is_not_finished_leaves_the_one_before_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let sealed = written(&path, 9);
    let mut file = SealedWriter::create(&path, KEY).unwrap();
    file.write_all(&content(PART_BYTES + 9)).unwrap();
    drop(file);
    assert_eq!(fs::read(&path).unwrap(), sealed);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    std::mem::forget(SealedWriter::create(&path, KEY).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    remove_unfinished(folder.path()).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
