//! Messages as files.

use crate::mail::{Carrier, CarryError, MailFolder, Parcel};
use mortise_engine::id::{MailId, TenantId};

fn parcel(tenant: TenantId, text: &str) -> Parcel {
    let (from, to) = ("a@example.com".to_owned(), "b@example.com".to_owned());
    Parcel { id: MailId::generate(), tenant, from, to, bytes: text.into() }
}

fn names(folder: &MailFolder, tenant: TenantId) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path_of(tenant)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_message_is_a_file_that_its_owner_alone_reads_and_the_oldest_leave() {
    let place = tempfile::tempdir().unwrap();
    let folder = MailFolder::new(place.path().join("mail")).files_max(2);
    let (tenant, other) = (TenantId::generate(), TenantId::generate());
    let kept = parcel(other, "of another company");
    folder.carry(&kept).await.unwrap();
    let parcels: Vec<_> = ["one", "two", "three"].map(|text| parcel(tenant, text)).into();
    for parcel in &parcels {
        folder.carry(parcel).await.unwrap();
    }
    let expected: Vec<_> = parcels[1..].iter().map(|parcel| format!("{}.eml", parcel.id)).collect();
    assert_eq!(names(&folder, tenant), expected);
    assert_eq!(names(&folder, other), [format!("{}.eml", kept.id)], "nobody pushes out another's letters");
    let own = place.path().join("mail").join(tenant.uuid().to_string());
    let path = own.join(&expected[1]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "three");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    folder.carry(&parcels[2]).await.unwrap();
    assert_eq!(names(&folder, tenant).len(), 2, "brought again, it is the same file");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_keeps_mail_waiting() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("mail"), "a file").unwrap();
    let carried = MailFolder::new(place.path().join("mail")).carry(&parcel(TenantId::generate(), "x")).await;
    assert!(matches!(carried, Err(CarryError::Away(_))), "{carried:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_at_the_bound_do_not_stop_each_other() {
    let place = tempfile::tempdir().unwrap();
    let folder = MailFolder::new(place.path().join("mail")).files_max(3);
    let tenant = TenantId::generate();
    for _ in 0..20 {
        let carried = (0..8).map(|_| {
            let folder = folder.clone();
            tokio::spawn(async move { folder.carry(&parcel(tenant, "x")).await })
        });
        for carried in carried.collect::<Vec<_>>() {
            assert_eq!(carried.await.unwrap(), Ok(()));
        }
        assert_eq!(names(&folder, tenant).len(), 3);
    }
}
