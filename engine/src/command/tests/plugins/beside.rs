//! What is kept beside the log for an installation, and that the log tells it happened and not what it is: secrets, failures
//! that are done again, the address for requests from outside.

use super::*;
use crate::command::plugin::{ChangeAddress, DoneAgain, RemoveSecret, SetSecret, secret_entry};
use crate::draft::{PluginRecord, SideRecord};

fn entries(done: &Done) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let entry = |record: &SideRecord| match record {
        SideRecord::Plugin(PluginRecord::Entry(_, name, value)) => Some((name.clone(), value.clone())),
        _ => None,
    };
    done.records.iter().filter_map(entry).collect()
}

#[test]
fn a_secret_is_named_in_the_log_and_lies_beside_it() {
    let mut company = Company::new();
    let id = company.installed("1");
    let set =
        |name: &str, value: &[u8]| SetSecret { id, name: name.into(), value: value.to_vec(), hosts: None };
    assert_eq!(company.refuses(set("other", b"x")), (ErrorCode::InvalidInput, Some("name".into())));
    assert_eq!(company.refuses(set("token", b"")), (ErrorCode::InvalidInput, Some("value".into())));
    assert_eq!(company.refuses(set("token", &[b'x'; 4097])).0, ErrorCode::InvalidInput);
    for (value, version) in [(b"bullfinch".as_slice(), 2), (b"sparrow", 3), (b"sparrow", 4)] {
        let done = company.run(company.ada, set("token", value)).unwrap();
        assert_eq!(done.names(), ["plugin.updated"]);
        assert_eq!(entries(&done), [(secret_entry("token"), Some(value.to_vec()))]);
        assert!(!format!("{:?}", done.events).contains(std::str::from_utf8(value).unwrap()));
        assert_eq!((company.plugin(id).version, company.plugin(id).secrets.len()), (version, 1));
    }
    assert!(!format!("{:?}", set("token", b"bullfinch")).contains("98, 117"), "nor is it printed");
    assert_eq!(company.plugin(id).hosts_of("token"), None, "it goes to all that were granted");
    let bound = |hosts: &[&str]| SetSecret {
        hosts: Some(hosts.iter().map(|host| (*host).to_owned()).collect()),
        ..set("token", b"thrush")
    };
    assert_eq!(
        company.refuses(bound(&["a.example.com"; 21])),
        (ErrorCode::InvalidInput, Some("hosts".into()))
    );
    company.run(company.ada, bound(&["a.example.com", "b.example.com"])).unwrap();
    company.run(company.ada, set("token", b"wren")).unwrap();
    let hosts = company.plugin(id).hosts_of("token").map(<[String]>::to_vec);
    assert_eq!(
        hosts.unwrap(),
        ["a.example.com", "b.example.com"],
        "another value goes where the one before went"
    );
    company.run(company.ada, bound(&[])).unwrap();
    assert_eq!(company.plugin(id).hosts_of("token"), Some([].as_slice()), "it is sent nowhere");

    company.run(company.ada, bound(&["a.example.com"])).unwrap();
    // Code that does not ask for it leaves it for code that does.
    company.upload(PluginCode { permissions: Arc::default(), ..code("2") }).unwrap();
    let command = UpgradeInstallation { granted: PluginPermissions::default(), ..upgrade(id, "2") };
    let done = company.start(company.ada, command).unwrap();
    assert!(entries(&done).is_empty(), "{:?}", entries(&done));
    assert_eq!((company.plugin(id).secrets.len(), company.plugin(id).secret_hosts.len()), (1, 1));
    assert!(company.plugin(id).granted.secrets.is_empty(), "nor is it granted");
    let field = Some("name".to_owned());
    assert_eq!(company.refuses(set("token", b"wren")), (ErrorCode::InvalidInput, field));
    let done = company.start(company.ada, RollBackInstallation { id, digest: None }).unwrap();
    assert!(entries(&done).is_empty(), "{:?}", entries(&done));
    assert_eq!(company.plugin(id).secrets, ["token"]);
    let hosts = company.plugin(id).hosts_of("token").map(<[String]>::to_vec);
    assert_eq!(hosts.unwrap(), ["a.example.com"], "it goes where it went");
    let remove = RemoveSecret { id, name: "token".into() };
    let done = company.run(company.ada, remove.clone()).unwrap();
    assert_eq!(entries(&done), [(secret_entry("token"), None)]);
    assert_eq!(company.refuses(remove).0, ErrorCode::NotFound);
}

#[test]
fn what_failed_is_done_again_or_let_go_with_what_the_host_keeps_of_it() {
    let mut company = Company::new();
    let id = company.installed("1");
    let record = |id| PluginRecord::Entry(id, b"failed/4".to_vec(), None);
    let again = DoneAgain { id, events: vec![Seq(4)], dropped: false, records: vec![record(id)] };
    assert_eq!(company.run(company.ada, again.clone()).unwrap().names(), ["plugin.redelivered"]);
    let dropped = DoneAgain { dropped: true, ..again.clone() };
    assert_eq!(company.run(company.ada, dropped).unwrap().names(), ["plugin.dropped"]);
    let nothing = DoneAgain { events: Vec::new(), ..again.clone() };
    assert_eq!(company.refuses(nothing), (ErrorCode::InvalidInput, Some("events".into())));
    let foreign = DoneAgain { records: vec![record(InstallationId::generate())], ..again };
    assert_eq!(company.refuses(foreign).0, ErrorCode::Internal);
}

#[test]
fn another_address_is_a_fact_and_no_part_of_the_log() {
    let mut company = Company::new();
    let plain = company.installed("1");
    let hooks = Arc::new(PluginHooks { inbound: true, ..PluginHooks::default() });
    company.upload(PluginCode { plugin: "acme.linker".into(), hooks, ..code("2") }).unwrap();
    let id = installation(&company.start(company.ada, install("2")).unwrap());
    let record = |of| PluginRecord::Entry(of, b"address".to_vec(), Some(b"bullfinch".to_vec()));
    let change = ChangeAddress { id, record: record(id) };
    let before = company.plugin(id);
    let done = company.run(company.ada, change.clone()).unwrap();
    assert_eq!(done.names(), ["plugin.address_changed"]);
    assert_eq!(done.events[0].subject, Subject::Installation(id));
    assert_eq!(entries(&done), [(b"address".to_vec(), Some(b"bullfinch".to_vec()))]);
    assert!(!format!("{:?}", done.events).contains("98, 117"), "the log does not have it");
    assert_eq!(company.plugin(id), before);
    assert_eq!(company.run(company.uli, change.clone()).unwrap_err().code(), ErrorCode::Forbidden);
    let foreign = ChangeAddress { record: record(plain), ..change };
    assert_eq!(company.refuses(foreign).0, ErrorCode::Internal);
    let none = ChangeAddress { id: plain, record: record(plain) };
    assert_eq!(company.refuses(none).0, ErrorCode::Rejected, "it answers no requests from outside");
}
