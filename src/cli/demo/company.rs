//! What the demo's company works on: people, labels and issues, as tables.
//!
//! It does not know how they get into the engine.

use mortise::model::IssueKind::{self, Bug, Epic, Feature, Task};
use mortise::model::Priority::{self, Critical, High, Low, Medium, None as Unset};
use mortise::model::RelationKind::{self, Blocks, Duplicates, Precedes, Relates};
use mortise::model::Role;

/// How the company is shown.
pub(super) const NAME: &str = "Acme Parcels";

/// The key of its team.
pub(super) const TEAM: &str = "ENG";

/// Who founded it, and whom the demo signs in.
pub(super) const FIRST: &str = "ada";

/// Name, and role beside the founder's.
pub(super) const PEOPLE: &[(&str, &str, Role)] = &[
    ("bo", "Bo Lindqvist", Role::Admin),
    ("chi", "Chi Okafor", Role::User),
    ("dov", "Dov Peretz", Role::User),
    ("emi", "Emi Tanaka", Role::User),
    ("fay", "Fay Moreau", Role::User),
];

/// How the founder is shown.
pub(super) const FIRST_NAME: &str = "Ada Novak";

/// Name, colour, purpose.
pub(super) const LABELS: &[(&str, &str, &str)] = &[
    ("checkout", "#5e6ad2", "From the basket to the receipt"),
    ("tracking", "#4cb782", "Where is my parcel?"),
    ("driver-app", "#f2994a", "What drivers hold in their hands"),
    ("api", "#26b5ce", "What partners build on"),
    ("performance", "#f2c94c", "Too slow, too large, too often"),
    ("security", "#eb5757", "Handle with care"),
    ("design", "#bb87fc", "How it looks and reads"),
    ("good first issue", "#95a2b3", "Small, and somebody will help"),
];

/// The address of somebody in the company.
pub(super) fn address(who: &str) -> String {
    format!("{who}@acme.example")
}

/// An issue and what became of it.
pub(super) struct Sample {
    pub(super) title: &'static str,
    pub(super) kind: IssueKind,
    pub(super) priority: Priority,
    /// Names, parted by commas.
    pub(super) labels: &'static str,
    /// Who works on it, parted by spaces.
    pub(super) assignees: &'static str,
    /// How far it got: so many steps of Open, In Progress, In Review, Closed.
    pub(super) steps: usize,
    /// The issue it is a part of, counted from 1.
    pub(super) parent: Option<usize>,
    /// Its size in points.
    pub(super) estimate: Option<u32>,
    /// In how many days it is due, counted from the first start of the demo.
    pub(super) due: Option<i32>,
}

const fn sample(
    title: &'static str,
    kind: IssueKind,
    priority: Priority,
    labels: &'static str,
    assignees: &'static str,
    steps: usize,
) -> Sample {
    Sample { title, kind, priority, labels, assignees, steps, parent: None, estimate: None, due: None }
}

impl Sample {
    const fn part_of(mut self, parent: usize) -> Self {
        self.parent = Some(parent);
        self
    }

    const fn points(mut self, points: u32) -> Self {
        self.estimate = Some(points);
        self
    }

    const fn due_in(mut self, days: i32) -> Self {
        self.due = Some(days);
        self
    }
}

/// The issues, in the order they were made: the first is number 1.
pub(super) const ISSUES: &[Sample] = &[
    sample("Pay by bank transfer", Epic, High, "checkout", "ada", 1),
    sample("Choose a bank from a list", Feature, High, "checkout,design", "emi", 3).part_of(1).points(3),
    sample("Confirm the transfer by webhook", Feature, High, "checkout,api", "bo", 2)
        .part_of(1)
        .points(5)
        .due_in(2),
    sample("Refund a transfer", Feature, Medium, "checkout", "", 0).part_of(1).points(5),
    sample("Receipt shows the wrong currency for Swiss customers", Bug, High, "checkout", "chi", 3),
    sample("Live position on the tracking page", Epic, Medium, "tracking", "dov", 1),
    sample("Send positions from the driver app every 30 s", Task, Medium, "tracking,driver-app", "dov", 3)
        .part_of(6)
        .points(3),
    sample(
        "Draw the route without loading the whole map library",
        Task,
        Low,
        "tracking,performance",
        "emi",
        1,
    )
    .part_of(6)
    .points(8),
    sample(
        "Hide the exact position until the parcel is two stops away",
        Feature,
        High,
        "tracking,security",
        "dov",
        2,
    )
    .part_of(6)
    .points(2)
    .due_in(5),
    sample("Tracking page asks twice for cookies", Bug, Low, "tracking,good first issue", "", 0),
    sample("Driver app loses scans made without a network", Bug, Critical, "driver-app", "chi bo", 3),
    sample("Scan several parcels at once", Feature, Medium, "driver-app", "chi", 1).points(5),
    sample("Dark mode for night shifts", Feature, Low, "driver-app,design", "fay", 2),
    sample("Signature field is cut off on small screens", Bug, Medium, "driver-app,design", "fay", 3),
    sample("Photo of the delivery place", Feature, Medium, "driver-app", "", 0).points(5),
    sample("Rate limit per partner instead of per address", Task, High, "api", "bo", 3).points(3),
    sample("Version 2 of the shipments API", Epic, Medium, "api", "bo", 1),
    sample("Cursor pagination for shipments", Feature, Medium, "api", "bo", 3).part_of(17).points(3),
    sample("Idempotency keys for creating shipments", Feature, High, "api", "bo", 2).part_of(17).points(3),
    sample("Typed errors with the field at fault", Feature, Medium, "api", "chi", 1).part_of(17).points(2),
    sample("Write the migration guide from version 1", Task, Low, "api", "", 0).part_of(17).points(2),
    sample("Shipment search takes four seconds for large partners", Bug, High, "api,performance", "dov", 3),
    sample("Session stays valid after a password change", Bug, Critical, "security", "ada bo", 3),
    sample("Two factors for partner accounts", Feature, High, "security", "ada", 0).points(8).due_in(12),
    sample("Rotate the keys of the label printer", Task, Medium, "security", "bo", 3),
    sample("Label printer prints blank pages after a paper jam", Bug, Medium, "", "chi", 0).due_in(-2),
    sample("Basket forgets items when signing in", Bug, High, "checkout", "emi", 2),
    sample("Estimate delivery day before payment", Feature, High, "checkout,tracking", "emi dov", 1)
        .points(5),
    sample("Round shipping prices the same way everywhere", Bug, Medium, "checkout", "chi", 3),
    sample("Gift messages of more than one line", Feature, Low, "checkout,good first issue", "", 0),
    sample("Checkout in three steps instead of five", Feature, Medium, "checkout,design", "fay emi", 2)
        .points(8),
    sample("Postcode lookup accepts letters in Germany", Bug, Low, "checkout,good first issue", "fay", 3),
    sample("Send the tracking link by text message", Feature, Medium, "tracking", "dov", 0).points(3),
    sample("Parcels shown as delivered before they are", Bug, Critical, "tracking", "dov ada", 3),
    sample("Time zone of the delivery window is the server's", Bug, High, "tracking", "chi", 2),
    sample("Redirect a parcel to a neighbour", Feature, Medium, "tracking", "", 0).points(5),
    sample("Drivers cannot undo a wrong scan", Bug, High, "driver-app", "chi", 1),
    sample("Read the next address aloud", Feature, Low, "driver-app", "", 0),
    sample(
        "Battery drains in a day with background positions",
        Bug,
        High,
        "driver-app,performance",
        "dov",
        2,
    ),
    sample("Plan tours with time windows", Epic, High, "", "ada", 1),
    sample("Import opening hours of shops", Task, Medium, "", "emi", 3).part_of(40).points(3),
    sample("Solve tours of 120 stops in under a minute", Task, High, "performance", "dov", 2)
        .part_of(40)
        .points(13),
    sample("Show planners why a stop was moved", Feature, Medium, "design", "fay", 0).part_of(40).points(5),
    sample("Drag stops between tours", Feature, Medium, "design", "", 0).part_of(40).points(5),
    sample("Nightly export misses parcels of the last hour", Bug, High, "api", "bo", 3),
    sample("Warn before an invoice is sent twice", Feature, Medium, "checkout", "chi", 3),
    sample("Shrink the tracking page below 100 kB", Task, Low, "tracking,performance", "emi", 1).points(3),
    sample("Tracking page takes ten seconds on an old phone", Bug, Low, "tracking,performance", "", 0),
    sample("Customers cannot find the returns form", Bug, Medium, "design", "fay", 3),
    sample("Print return labels at the drop-off point", Feature, Medium, "", "", 0).points(8),
    sample("Alert when a depot stops scanning", Feature, High, "", "bo", 2).points(3).due_in(0),
    sample("Depot screens need a restart every Monday", Bug, Medium, "", "chi", 1),
    sample("Remove the old carrier integration", Task, Low, "api", "bo", 3),
    sample("Load test before the holidays", Task, High, "performance", "dov ada", 0).points(5).due_in(30),
    sample("Translate e-mails into Polish", Task, Medium, "design", "emi", 3),
    sample("E-mails to plus addresses are refused", Bug, Medium, "good first issue", "emi", 3),
    sample("Show carbon per parcel on the receipt", Feature, Low, "checkout", "", 0),
    sample("Audit log for changes of bank accounts", Feature, High, "security", "ada", 1).points(5),
    sample("Support sees card numbers in old tickets", Bug, Critical, "security", "ada", 3),
    sample("Write down how we are on call", Task, Low, "", "bo", 1),
];

/// How one issue stands to another, both counted from 1. A duplicate is closed as one.
pub(super) const RELATIONS: &[(usize, RelationKind, usize)] = &[
    (3, Blocks, 4),
    (19, Blocks, 21),
    (20, Blocks, 21),
    (31, Precedes, 30),
    (35, Relates, 28),
    (39, Relates, 7),
    (42, Blocks, 54),
    (48, Duplicates, 47),
    (52, Relates, 51),
];

/// What people say about an issue that got so far, in turn: an opening, an answer, a third remark.
pub(super) const TALK: &[(usize, &[&str])] = &[
    (0, &["Two customers asked for this last week.", "Let us take it up after the holidays."]),
    (1, &["I have begun with the part everybody sees.", "Good. Mind the **older phones**, please."]),
    (
        2,
        &[
            "Ready to be looked at. It behaves as we said in the meeting.",
            "Two remarks:\n\n- the empty case shows nothing at all\n- the error names no field",
            "Both done.",
        ],
    ),
    (
        3,
        &[
            "I can reproduce it every time: sign in, wait a minute, try again.",
            "It came with the change of last Tuesday; see the graph.",
            "Closed. It has been quiet for a day.",
        ],
    ),
];

/// What an issue of this kind says about itself.
pub(super) fn description(sample: &Sample) -> String {
    let title = sample.title;
    match sample.kind {
        Bug => format!(
            "**What happens.** {title}.\n\n**What should happen.** It should just work, as it does elsewhere.\n\n\
             1. Open the page or the app\n2. Do what one does every day\n3. Look closely"
        ),
        Feature => format!(
            "As somebody who sends or receives parcels, I want this: *{title}*.\n\n\
             - [ ] agreed with support\n- [ ] works on a phone\n- [ ] measured afterwards"
        ),
        Task => format!("{title}. Nobody outside will notice, and all of us will be glad."),
        Epic => format!("Everything that belongs to: {title}. The parts are below."),
    }
}

/// Whether an issue is discussed: about two in three are.
pub(super) fn is_discussed(index: usize, sample: &Sample) -> bool {
    !matches!(sample.priority, Unset) && index % 3 != 1
}
