//! Messages as files.

use crate::mail::{Carrier, CarryError, MailFolder, Parcel};
use mortise_engine::id::MailId;

fn parcel(text: &str) -> Parcel {
    let (from, to) = ("a@example.com".to_owned(), "b@example.com".to_owned());
    Parcel { id: MailId::generate(), from, to, bytes: text.into() }
}

fn names(folder: &MailFolder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_message_is_a_file_that_its_owner_alone_reads_and_the_oldest_leave() {
    let place = tempfile::tempdir().unwrap();
    let folder = MailFolder::new(place.path().join("mail")).files_max(2);
    let parcels: Vec<_> = ["one", "two", "three"].map(parcel).into();
    for parcel in &parcels {
        folder.carry(parcel).await.unwrap();
    }
    let expected: Vec<_> = parcels[1..].iter().map(|parcel| format!("{}.eml", parcel.id)).collect();
    assert_eq!(names(&folder), expected);
    let path = folder.path().join(&expected[1]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "three");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    folder.carry(&parcels[2]).await.unwrap();
    assert_eq!(names(&folder).len(), 2, "brought again, it is the same file");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_keeps_mail_waiting() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("mail"), "a file").unwrap();
    let carried = MailFolder::new(place.path().join("mail")).carry(&parcel("x")).await;
    assert!(matches!(carried, Err(CarryError::Away(_))), "{carried:?}");
}
