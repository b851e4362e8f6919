//! Roles: those of the runtime, and those of the user.

use std::{marker::PhantomData, sync::Arc};

use mcp_runtime::{
    Call, CallError, Context, FromCall, Requirements, Server, State, handlers, prompt, resource,
    tool,
};

/// A role that fails.
struct Tenant(String);

impl FromCall for Tenant {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        let tenant = call.context().meta("example.com/tenant");
        let tenant = tenant.ok_or(CallError::new("say which tenant you mean"))?;
        Ok(Self(tenant.to_string()))
    }
}

/// A role with a parameter of its own, which needs a state.
struct Both<A, B>(PhantomData<(A, B)>);

impl<A, B: Send + Sync + 'static> FromCall for Both<A, B> {
    fn from_call(_: &Call) -> Result<Self, CallError> {
        Ok(Self(PhantomData))
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.state::<B>();
    }
}

/// A role that borrows for ever.
struct Greeting(&'static str);

impl FromCall for &'static Greeting {
    fn from_call(_: &Call) -> Result<Self, CallError> {
        Ok(&Greeting("hello"))
    }
}

trait Clock: Send + Sync {
    fn now(&self) -> u64;
}

impl Clock for u64 {
    fn now(&self) -> u64 {
        *self
    }
}

/// Takes only roles.
#[tool]
async fn roles(
    tenant: Tenant,
    _: Context,
    both: Both<String, u8>,
    clock: State<Arc<dyn Clock>>,
    greeting: &'static Greeting,
) -> String {
    let Both(PhantomData) = both;
    format!("{}{}{}", tenant.0, clock.now(), greeting.0)
}

/// Takes roles between arguments.
#[tool]
fn between(a: u8, ctx: Context, b: u8, state: State<u8>, c: u8) -> u8 {
    let _ = ctx.is_cancelled();
    a + b + c + *state
}

/// Takes roles beside a variable.
#[resource("note://{id}")]
fn note(tenant: Tenant, id: u64, ctx: Context) -> String {
    format!("{}{id}{}", tenant.0, ctx.request_id())
}

/// Takes roles beside an argument.
#[prompt]
fn review(code: String, tenant: Tenant) -> String {
    tenant.0 + &code
}

#[test]
fn roles_are_no_arguments() {
    let clock: Arc<dyn Clock> = Arc::new(7_u64);
    let server = || {
        Server::new("roles", "1.0.0")
            .state(Arc::clone(&clock))
            .state(1_u8)
            .add(handlers![roles, between, note, review])
    };
    assert!(crate::arguments(&crate::definition(server(), "roles")).is_empty());
    assert_eq!(
        crate::arguments(&crate::definition(server(), "between")),
        ["a", "b", "c"]
    );
}

#[test]
fn what_a_role_needs_is_asked_for() {
    let problems = Server::new("roles", "1.0.0")
        .add(handlers![between])
        .build()
        .unwrap_err();
    assert!(problems.to_string().contains("u8"), "{problems}");
}
