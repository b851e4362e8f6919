//! Questions as the conformance suite asks for them: their keys, and how many rounds it takes.

#![expect(deprecated, reason = "sampling and roots are asked for as well")]

use mcp_runtime::{AskError, Context, Handlers, Sampling, handlers, prompt, tool};
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) fn handlers() -> Handlers {
    handlers![
        test_input_required_result_elicitation,
        test_input_required_result_sampling,
        test_input_required_result_list_roots,
        test_input_required_result_request_state,
        test_input_required_result_multiple_inputs,
        test_input_required_result_multi_round,
        test_input_required_result_tampered_state,
        test_input_required_result_capabilities,
        test_input_required_result_prompt,
    ]
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Color {
    color: String,
}

#[derive(Deserialize, JsonSchema)]
struct Confirm {
    ok: bool,
}

/// Asks for a name.
#[tool]
async fn test_input_required_result_elicitation(ctx: Context) -> Result<String, AskError> {
    let Name { name } = ctx.elicit("user_name", "What is your name?").await?;
    Ok(format!("Hello, {name}!"))
}

/// Asks the model of the client.
#[tool]
async fn test_input_required_result_sampling(ctx: Context) -> Result<String, AskError> {
    let question = Sampling::new("What is the capital of France?").max_tokens(100);
    let capital = ctx.sample("capital_question", question).await?;
    Ok(capital.text())
}

/// Asks for the roots of the client.
#[tool]
async fn test_input_required_result_list_roots(ctx: Context) -> Result<String, AskError> {
    let roots = ctx.list_roots().await?;
    let uris: Vec<&str> = roots.iter().map(|root| &*root.uri).collect();
    Ok(format!("Roots: {}", uris.join(", ")))
}

/// Asks for a confirmation, with a state that comes back.
#[tool]
async fn test_input_required_result_request_state(ctx: Context) -> Result<String, AskError> {
    let Confirm { ok } = ctx.elicit("confirm", "Is the state all right?").await?;
    Ok(format!("state-ok, confirmed: {ok}"))
}

/// Asks for three things at once.
#[tool]
async fn test_input_required_result_multiple_inputs(ctx: Context) -> Result<String, AskError> {
    let name = ctx.elicit::<Name>("user_name", "What is your name?");
    let greeting = ctx.sample("greeting", Sampling::new("Greet somebody.").max_tokens(50));
    let (name, greeting, roots) = tokio::try_join!(name, greeting, ctx.list_roots())?;
    let (name, roots) = (name.name, roots.len());
    Ok(format!("{}, {name}! {roots} roots", greeting.text()))
}

/// Asks twice, one question after the other.
#[tool]
async fn test_input_required_result_multi_round(ctx: Context) -> Result<String, AskError> {
    let Name { name } = ctx.elicit("step1", "What is your name?").await?;
    let Color { color } = ctx.elicit("step2", format!("Which color, {name}?")).await?;
    Ok(format!("{name} likes {color}"))
}

/// Asks, and refuses a state that was tampered with.
#[tool]
async fn test_input_required_result_tampered_state(ctx: Context) -> Result<&'static str, AskError> {
    ctx.elicit::<()>("confirm", "Go on?").await?;
    Ok("the state is as it was")
}

/// Asks the user, or the model if the client cannot ask the user.
#[tool]
async fn test_input_required_result_capabilities(ctx: Context) -> Result<String, AskError> {
    match ctx.elicit::<Name>("user_name", "What is your name?").await {
        Err(AskError::Unavailable { .. }) => {
            let name = Sampling::new("Think of a name.").max_tokens(20);
            Ok(ctx.sample("any_name", name).await?.text())
        }
        answer => Ok(answer?.name),
    }
}

#[derive(Deserialize, JsonSchema)]
struct Background {
    context: String,
}

/// Asks what it is about.
#[prompt]
async fn test_input_required_result_prompt(ctx: Context) -> Result<String, AskError> {
    let Background { context } = ctx.elicit("user_context", "What is it about?").await?;
    Ok(format!("Consider this: {context}"))
}

#[cfg(test)]
mod tests {
    use mcp_runtime::{
        serde_json::json,
        testing::{Answer, Protocol, QuestionKind, TestClient},
    };

    use crate::server;

    #[tokio::test]
    async fn three_kinds_of_questions_are_one_round() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer_with(|question| match question.kind {
                QuestionKind::Sampling => Answer::accept("Welcome"),
                QuestionKind::Roots => Answer::accept(["file:///a", "file:///b"]),
                _ => Answer::accept(json!({ "name": "Ada" })),
            });
            let result = client
                .call("test_input_required_result_multiple_inputs", ())
                .await;
            assert_eq!(result.text(), "Welcome, Ada! 2 roots");
            let result = client
                .call("test_input_required_result_list_roots", ())
                .await;
            assert_eq!(result.text(), "Roots: file:///a, file:///b");
        }
    }

    #[tokio::test]
    async fn a_question_may_depend_on_the_answer_before() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer("step1", json!({ "name": "Ada" }));
            client.answer("step2", json!({ "color": "green" }));
            let result = client
                .call("test_input_required_result_multi_round", ())
                .await;
            assert_eq!(result.text(), "Ada likes green");
            assert_eq!(client.questions()[1].message, "Which color, Ada?");
        }
    }

    #[tokio::test]
    async fn a_handler_can_do_without_what_a_client_lacks() {
        for protocol in Protocol::ALL {
            let options = TestClient::options().protocol(*protocol);
            let client = options
                .capabilities(json!({ "sampling": {} }))
                .connect(server())
                .await;
            client.answer("any_name", "Grace");
            let result = client
                .call("test_input_required_result_capabilities", ())
                .await;
            assert_eq!(result.text(), "Grace");
        }
    }

    #[tokio::test]
    async fn a_prompt_asks_as_well() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer("user_context", json!({ "context": "trains" }));
            let prompt = client.prompt("test_input_required_result_prompt", ()).await;
            assert_eq!(prompt.text(), "Consider this: trains");
        }
    }
}
