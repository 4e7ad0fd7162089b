//! Saying what a plugin is.

/// Makes a type the plugin of this component, of one kind or several: `workflow`, `automation`, `scheduled`, `inbound`,
/// `lifecycle`. The component then exports these and imports what its code uses, and nothing else.
///
/// # Examples
///
/// ```
/// use mortise_sdk::prelude::*;
/// struct Greeter;
/// impl AutomationPlugin for Greeter {
///     fn on_event(_: &Call, event: Event) -> Result<(), Failure> {
///         if let Event::Created(issue) = event {
///             host::commands::add_comment(&issue.id, "Thank you!")?;
///         }
///         Ok(())
///     }
/// }
/// mortise_sdk::register!(Greeter: automation);
/// ```
#[macro_export]
macro_rules! register {
    ($plugin:ty: $($kind:ident),+ $(,)?) => {
        #[doc(hidden)]
        struct MortiseExports;
        $($crate::__export!($kind $plugin);)+
    };
}

/// The part of [`register!`] for one kind.
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    (workflow $plugin:ty) => {
        const _: () = {
            use $crate::bindings::workflow::exports::mortise::plugin::workflow as exported;
            use $crate::prelude::{Call, Edit, Issue, NextState, Proposal, StateRef, Verdict};
            impl exported::Guest for MortiseExports {
                fn amend(call: Call, issue: Issue, proposal: Proposal) -> Vec<Edit> {
                    $crate::entry::amend::<$plugin>(&call, &issue, &proposal)
                }
                fn validate(call: Call, issue: Issue, proposal: Proposal) -> Verdict {
                    $crate::entry::validate::<$plugin>(&call, &issue, &proposal)
                }
                fn next_states(call: Call, issues: Vec<Issue>, candidates: Vec<Vec<StateRef>>) -> Vec<Vec<NextState>> {
                    $crate::entry::next_states::<$plugin>(&call, &issues, &candidates)
                }
            }
        };
        $crate::__used!(workflow amend validate next_states);
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::workflow::export_workflow!(MortiseExports with_types_in $crate::bindings::workflow);
    };
    (automation $plugin:ty) => {
        const _: () = {
            use $crate::bindings::automation::exports::mortise::plugin::automation as exported;
            use $crate::prelude::{Call, Event, Failure};
            impl exported::Guest for MortiseExports {
                fn on_event(call: Call, event: Event) -> Result<(), Failure> {
                    $crate::entry::handle(|| <$plugin as $crate::AutomationPlugin>::on_event(&call, event))
                }
            }
        };
        $crate::__used!(automation on_event);
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::automation::export_automation!(MortiseExports with_types_in $crate::bindings::automation);
    };
    (scheduled $plugin:ty) => {
        const _: () = {
            use $crate::bindings::scheduled::exports::mortise::plugin::scheduled as exported;
            use $crate::prelude::{Call, Failure, Tick};
            impl exported::Guest for MortiseExports {
                fn on_schedule(call: Call, tick: Tick) -> Result<(), Failure> {
                    $crate::entry::handle(|| <$plugin as $crate::ScheduledPlugin>::on_schedule(&call, tick))
                }
            }
        };
        $crate::__used!(scheduled on_schedule);
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::scheduled::export_scheduled!(MortiseExports with_types_in $crate::bindings::scheduled);
    };
    (inbound $plugin:ty) => {
        const _: () = {
            use $crate::bindings::inbound::exports::mortise::plugin::inbound as exported;
            use $crate::prelude::{Call, Failure, InboundRequest, InboundResponse};
            impl exported::Guest for MortiseExports {
                fn on_request(call: Call, request: InboundRequest) -> Result<InboundResponse, Failure> {
                    $crate::entry::handle(|| <$plugin as $crate::InboundPlugin>::on_request(&call, request))
                }
            }
        };
        $crate::__used!(inbound on_request);
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::inbound::export_inbound!(MortiseExports with_types_in $crate::bindings::inbound);
    };
    (lifecycle $plugin:ty) => {
        const _: () = {
            use $crate::bindings::lifecycle::exports::mortise::plugin::lifecycle as exported;
            use $crate::prelude::{Call, Failure, Step};
            impl exported::Guest for MortiseExports {
                fn on_lifecycle(call: Call, step: Step) -> Result<(), Failure> {
                    $crate::entry::handle(|| <$plugin as $crate::LifecyclePlugin>::on_lifecycle(&call, step))
                }
            }
        };
        $crate::__used!(lifecycle on_lifecycle);
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::lifecycle::export_lifecycle!(MortiseExports with_types_in $crate::bindings::lifecycle);
    };
}

/// Elsewhere than in a component nothing calls the exports; this keeps the compiler from calling the plugin unused.
#[doc(hidden)]
#[macro_export]
macro_rules! __used {
    ($kind:ident $($function:ident)+) => {
        #[cfg(not(target_arch = "wasm32"))]
        const _: () = {
            use $crate::bindings::$kind::exports::mortise::plugin::$kind::Guest;
            $(let _ = <MortiseExports as Guest>::$function;)+
        };
    };
}
