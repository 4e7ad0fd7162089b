//! Whose turn it is, what is written, and what is given up.

use super::world::{World, found, next, pace, stop};
use crate::mail::{Carrier, CarryError, MailFolder, Pace, Parcel};
use async_trait::async_trait;
use mortise_engine::command::branding::UpdateBranding;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::model::{Branding, Tier};
use mortise_engine::{Engine, FirstAdmin, NewTenant};

/// Takes everything, and brings nothing anywhere.
struct Taken;

#[async_trait]
impl Carrier for Taken {
    async fn carry(&self, _: &Parcel) -> Result<(), CarryError> {
        Ok(())
    }
}

/// Takes nothing for now.
struct Busy;

#[async_trait]
impl Carrier for Busy {
    async fn carry(&self, _: &Parcel) -> Result<(), CarryError> {
        Err(CarryError::Later("full".to_owned()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_with_one_message_does_not_wait_for_one_with_many() {
    let world = World::new().await;
    for n in 0..10 {
        world.write_to(world.acme, &format!("Staff {n}")).await;
    }
    let small = found(&world.engine, "small").await;
    world.write_to(small, "Staff").await;
    let (post, mut told) = world.post(Taken);
    let running = post.start();
    let mut order = Vec::new();
    for _ in 0..11 {
        order.push(next(&mut told).await.0.to);
    }
    let place = order.iter().position(|to| to == "ana@small.test").unwrap();
    assert!(place < 2, "{order:?}");
    world.sent().await;
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_from_before_the_start_is_found_and_what_is_refused_too_often_is_given_up() {
    let world = World::new().await;
    world.write_to(world.acme, "Staff").await;
    let world = world.again().await;
    let (post, mut told) = world.post(Busy);
    let running = post.start();
    for _ in 0..3 {
        assert!(next(&mut told).await.1.is_err());
    }
    world.sent().await;
    let lost = world.engine.lost_mail(world.acme).await.unwrap();
    assert_eq!((lost.len(), lost[0].tries, lost[0].why.as_str()), (1, 2, "full"));
    assert_eq!((running.counts().deferred, running.counts().lost), (2, 1));
    stop(running).await;
}

/// Refuses for good what goes to these, and takes the rest.
struct RefusesTo(&'static [&'static str]);

#[async_trait]
impl Carrier for RefusesTo {
    async fn carry(&self, parcel: &Parcel) -> Result<(), CarryError> {
        match self.0.iter().any(|refused| parcel.to == *refused) {
            true => Err(CarryError::Refused("550 no".to_owned())),
            false => Ok(()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_refuses_everything_for_good_is_asked_again_and_nothing_is_given_up_at_once() {
    let world = World::new().await;
    for n in 0..3 {
        world.write_to(world.acme, &format!("Staff {n}")).await;
    }
    let (post, mut told) = world.post(RefusesTo(&["ana@acme.test"]));
    let running =
        post.pace(Pace { pauses: vec![std::time::Duration::from_millis(20); 1_000], ..pace() }).start();
    for _ in 0..3 {
        assert!(matches!(next(&mut told).await.1, Err(CarryError::Refused(_))));
    }
    let deferred = async {
        while running.counts().deferred < 3 {
            tokio::task::yield_now().await;
        }
    };
    super::world::soon("all were deferred", deferred).await;
    assert_eq!(running.counts().lost, 0);
    stop(running).await;
    // What was wrong is put right: all go out.
    let (post, _told) = world.post(Taken);
    let running = post.start();
    world.sent().await;
    assert_eq!(world.engine.lost_mail(world.acme).await.unwrap(), []);
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_refusal_is_believed_while_others_are_taken() {
    let world = World::new().await;
    let gone = found(&world.engine, "gone").await;
    let (post, mut told) = world.post(RefusesTo(&["ana@gone.test"]));
    let running = post.start();
    world.write_to(world.acme, "Staff").await;
    assert_eq!(next(&mut told).await.1, Ok(()));
    world.write_to(gone, "Staff").await;
    assert!(next(&mut told).await.1.is_err());
    let given_up = async {
        while running.counts().lost == 0 {
            tokio::task::yield_now().await;
        }
    };
    super::world::soon("it is given up", given_up).await;
    assert_eq!(running.counts().deferred, 0);
    stop(running).await;
}

/// Panics with the first message, hangs with the second, and takes the others.
#[derive(Default)]
struct Moody(std::sync::atomic::AtomicUsize);

#[async_trait]
impl Carrier for Moody {
    async fn carry(&self, _: &Parcel) -> Result<(), CarryError> {
        match self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => panic!("a carrier that fails, as the test wants it"),
            1 => std::future::pending().await,
            _ => Ok(()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carrier_that_panics_or_hangs_takes_nobody_away_who_brings_others() {
    let world = World::new().await;
    for n in 0..3 {
        world.write_to(world.acme, &format!("Staff {n}")).await;
    }
    let (post, _told) = world.post(Moody::default());
    let running = post.pace(Pace { carry_max: std::time::Duration::from_millis(50), ..pace() }).start();
    world.sent().await;
    let counts = running.counts();
    assert_eq!((counts.sent, counts.deferred, counts.lost), (3, 2, 0));
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_are_brought_at_once_and_none_twice() {
    let world = World::new().await;
    let mut tenants = vec![world.acme];
    for n in 0..5 {
        tenants.push(found(&world.engine, &format!("c{n}")).await);
    }
    for tenant in &tenants {
        for n in 0..4 {
            world.write_to(*tenant, &format!("Staff {n}")).await;
        }
    }
    let folder = MailFolder::new(world.folder.path().join("post")).files_max(2);
    let (post, mut told) = world.post(folder.clone());
    let running = post.pace(Pace { at_once: 4, ..pace() }).start();
    let mut ids = Vec::new();
    for _ in 0..24 {
        let (parcel, carried) = next(&mut told).await;
        assert_eq!(carried, Ok(()));
        ids.push(parcel.id);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 24);
    for tenant in tenants {
        assert_eq!(std::fs::read_dir(folder.path_of(tenant)).unwrap().count(), 2);
    }
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_are_in_the_companys_own_look_where_it_has_bought_one() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = Branding {
        product_name: Some("Vendor Desk".to_owned()),
        sender_name: Some("Vendor".to_owned()),
        powered_by: Some(false),
        ..Branding::default()
    };
    let engine = Engine::builder(folder.path()).branding(vendor).open().await.unwrap();
    let mut tenants = Vec::new();
    for (slug, tier) in [("plain", Tier::Basic), ("own", Tier::Platinum)] {
        let admin = FirstAdmin { email: format!("ana@{slug}.test"), name: "Ana".to_owned(), password: None };
        let new = NewTenant::new(slug, slug).with_admin(admin).with_tier(tier);
        tenants.push(engine.create_tenant(new).await.unwrap().tenant.id);
    }
    let own = tenants[1];
    let look = UpdateBranding {
        product_name: Some(Some("Acme Issues".to_owned())),
        sender_name: Some(Some("Acme Post".to_owned())),
        reply_to: Some(Some("help@acme.test".to_owned())),
        ..UpdateBranding::default()
    };
    engine.update_branding(OpContext::new(Principal::trusted_system(own)), look).await.unwrap();
    engine
        .set_custom_domain(OpContext::new(Principal::trusted_system(own)), Some("i.acme.test".into()))
        .await
        .unwrap();
    engine.verify_custom_domain(own, "i.acme.test".to_owned()).await.unwrap();
    let world = World { folder, engine, acme: own };
    for tenant in tenants {
        world.write_to(tenant, "Staff").await;
    }
    let (post, mut told) = world.post(Taken);
    let running = post.start();
    let mut texts = [next(&mut told).await.0, next(&mut told).await.0];
    texts.sort_by(|a, b| a.to.cmp(&b.to));
    let [own, plain] = texts.map(|parcel| String::from_utf8(parcel.bytes).unwrap().replace("=\r\n", ""));
    assert!(own.contains("From: \"Acme Post\" <no-reply@example.com>"), "{own}");
    assert!(own.contains("Reply-To: help@acme.test") && own.contains("Acme Issues"), "{own}");
    assert!(
        plain.contains("From: Vendor <no-reply@example.com>") && plain.contains("Vendor Desk"),
        "{plain}"
    );
    assert!(!plain.contains("Reply-To") && !plain.contains("Powered by") && !own.contains("Powered by"));
    for (slug, link) in [
        ("own", "https://i.acme.test/password-reset#token=mot_"),
        ("plain", "https://issues.example.com/password-reset#token=mot_"),
    ] {
        world.engine.request_password_reset(slug, &format!("ana@{slug}.test"), None).await.unwrap();
        let letter = next(&mut told).await.0.bytes;
        let letter = String::from_utf8(letter).unwrap().replace("=\r\n", "").replace("=3D", "=");
        assert!(letter.contains(link), "{letter}");
    }
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password_is_a_link_into_the_page_of_the_installation() {
    let world = World::new().await;
    world.engine.request_password_reset("acme", "ana@acme.test", None).await.unwrap();
    let (post, mut told) = world.post(MailFolder::new(world.folder.path().join("post")));
    let running = post.start();
    let (parcel, carried) = next(&mut told).await;
    assert_eq!(carried, Ok(()));
    let text = String::from_utf8(parcel.bytes).unwrap().replace("=\r\n", "").replace("=3D", "=");
    assert!(text.contains("https://issues.example.com/password-reset#token=mot_"), "{text}");
    assert!(text.contains("Ana &lt;b&gt;") && !text.contains("Ana <b></p>"), "{text}");
    stop(running).await;
}
