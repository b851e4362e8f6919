//! Questions to the user, to the model and to the client, wherever they stand: with a session they are asked in place,
//! without one they are answered by another call.

use std::sync::atomic::{AtomicU32, Ordering};

use mcp_runtime::{AskError, CallError, Context, Handlers, Sampling, State, handlers, tool};
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) fn handlers() -> Handlers {
    handlers![
        test_sampling,
        test_elicitation,
        test_missing_capability,
        test_streaming_elicitation,
        ask_name,
        ask_two,
        charge,
        delete_file,
        open_page,
    ]
}

/// Asks the model of the client.
#[tool]
#[expect(deprecated, reason = "sessions have it")]
async fn test_sampling(
    ctx: Context,
    /// What the model is asked.
    prompt: String,
) -> Result<String, AskError> {
    let sample = ctx
        .sample("sample", Sampling::new(prompt).max_tokens(100))
        .await?;
    Ok(format!("LLM response: {}", sample.text()))
}

#[derive(Deserialize, JsonSchema)]
struct Account {
    /// The name of the user.
    username: String,
    /// Where mail reaches the user.
    email: String,
}

/// Asks the user.
#[tool]
async fn test_elicitation(
    ctx: Context,
    /// What the user is asked.
    message: String,
) -> Result<String, AskError> {
    let Account { username, email } = ctx.elicit("account", message).await?;
    Ok(format!("User response: {username}, {email}"))
}

/// Needs a client with a model.
#[tool]
#[expect(deprecated, reason = "it shows what a client without it is told")]
async fn test_missing_capability(ctx: Context) -> Result<String, AskError> {
    let sample = ctx.sample("sample", Sampling::new("Hello!")).await?;
    Ok(sample.text())
}

/// Asks the user to go on.
#[tool]
async fn test_streaming_elicitation(ctx: Context) -> Result<&'static str, AskError> {
    ctx.elicit::<()>("confirm", "Go on?").await?;
    Ok("gone on")
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

/// Asks for a name, and greets.
#[tool]
async fn ask_name(ctx: Context) -> Result<String, AskError> {
    let Name { name } = ctx.elicit("name", "What is your name?").await?;
    Ok(format!("hello {name}"))
}

#[derive(Deserialize, JsonSchema)]
struct City {
    city: String,
}

#[derive(Deserialize, JsonSchema)]
struct Seat {
    seat: String,
}

/// Asks two things at once, and whether both are right.
#[tool]
async fn ask_two(ctx: Context) -> Result<String, AskError> {
    let city = ctx.elicit::<City>("city", "Where to?");
    let seat = ctx.elicit::<Seat>("seat", "Which seat?");
    let (City { city }, Seat { seat }) = tokio::try_join!(city, seat)?;
    let sure = ctx.elicit::<()>("confirm", format!("{seat} to {city}?"));
    let action = match sure.await {
        Ok(()) => "accept",
        Err(AskError::Declined) => "decline",
        Err(AskError::Cancelled) => "cancel",
        Err(error) => return Err(error),
    };
    Ok(format!("{city}/{seat}/{action}"))
}

/// How often somebody was charged.
#[derive(Default)]
pub(crate) struct Charges(AtomicU32);

/// Charges an amount, once, however often the call is made again to answer what it asks.
#[tool]
async fn charge(ctx: Context, charges: State<Charges>, amount: u32) -> Result<String, AskError> {
    let effects = ctx
        .once("charge", async {
            charges.0.fetch_add(1, Ordering::Relaxed) + 1
        })
        .await;
    ctx.elicit::<()>("confirm", format!("Charge {amount}?"))
        .await?;
    Ok(format!("charged {amount}, {effects} side effects"))
}

#[derive(Deserialize, JsonSchema)]
struct Sure {
    /// Whether the file goes for good.
    forever: bool,
}

/// Deletes a file, if the user is sure.
#[tool(destructive)]
fn delete_file(path: String, #[ask("Really delete {path}?")] sure: Sure) -> String {
    let how = if sure.forever { "for good" } else { "for now" };
    format!("deleted {path} {how}")
}

/// Asks the user to open a page.
#[tool]
async fn open_page(ctx: Context) -> Result<&'static str, CallError> {
    let url = "https://example.com/sign-in";
    ctx.elicit_url("page", "Sign in, please.", url).await?;
    Ok("opened")
}

#[cfg(test)]
mod tests {
    use mcp_runtime::{
        serde_json::json,
        testing::{Answer, Protocol, TestClient},
    };

    use crate::server;

    /// Without a session a call is made again for what it asks, once for all that it asks together.
    fn calls(protocol: Protocol, rounds: usize) -> usize {
        if protocol == Protocol::MODERN {
            1 + rounds
        } else {
            1
        }
    }

    #[tokio::test]
    async fn the_user_is_asked() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer("name", json!({ "name": "Ada" }));
            let greeting = client.call("ask_name", ()).await;
            assert_eq!(greeting.text(), "hello Ada");
            assert_eq!(greeting.rounds(), calls(*protocol, 1));
            client.answer(
                "account",
                json!({ "username": "ada", "email": "ada@example.com" }),
            );
            let message = json!({ "message": "Who are you?" });
            let account = client.call("test_elicitation", message).await;
            assert_eq!(account.text(), "User response: ada, ada@example.com");
            assert_eq!(client.questions()[1].message, "Who are you?");
        }
    }

    #[tokio::test]
    async fn two_questions_are_one_round_and_the_next_another() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer("city", json!({ "city": "Rome" }));
            client.answer("seat", json!({ "seat": "12 A" }));
            client.answer("confirm", ());
            let trip = client.call("ask_two", ()).await;
            assert_eq!(trip.text(), "Rome/12 A/accept");
            assert_eq!(trip.rounds(), calls(*protocol, 2));
            client.decline("confirm");
            assert_eq!(client.call("ask_two", ()).await.text(), "Rome/12 A/decline");
        }
    }

    #[tokio::test]
    async fn a_refusal_ends_the_call_and_the_model_reads_why() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.decline("name");
            let refusal = client.call("ask_name", ()).await.error();
            assert!(refusal.contains("declined"), "{refusal}");
        }
    }

    #[tokio::test]
    async fn a_side_effect_before_a_question_happens_once() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer("confirm", ());
            for effects in 1..=2 {
                let charged = client.call("charge", json!({ "amount": 7 })).await;
                assert_eq!(charged.text(), format!("charged 7, {effects} side effects"));
                assert_eq!(charged.rounds(), calls(*protocol, 1));
            }
        }
    }

    #[tokio::test]
    async fn a_parameter_asks_before_the_body_runs() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer("sure", json!({ "forever": true }));
            let deleted = client.call("delete_file", json!({ "path": "a.txt" })).await;
            assert_eq!(deleted.text(), "deleted a.txt for good");
            assert_eq!(client.questions()[0].message, "Really delete a.txt?");
        }
    }

    #[tokio::test]
    async fn the_user_is_sent_to_a_page() {
        // The oldest revision knows forms alone.
        for protocol in [Protocol::MODERN, Protocol::LEGACY] {
            let client = TestClient::connect_as(server(), protocol).await;
            client.answer("page", ());
            assert_eq!(client.call("open_page", ()).await.text(), "opened");
            let questions = client.questions();
            assert_eq!(questions[0].url(), Some("https://example.com/sign-in"));
        }
    }

    #[tokio::test]
    async fn the_model_of_the_client_is_asked() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer("sample", "Paris");
            let prompt = json!({ "prompt": "What is the capital of France?" });
            let answer = client.call("test_sampling", prompt).await;
            assert_eq!(answer.text(), "LLM response: Paris");
        }
    }

    #[tokio::test]
    async fn an_answer_that_does_not_fit_is_asked_for_again() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let mut answers =
                [json!({}), json!({ "name": 5 }), json!({ "name": "Ada" })].into_iter();
            client.answer_with(move |_| Answer::accept(answers.next()));
            assert_eq!(client.call("ask_name", ()).await.text(), "hello Ada");
        }
    }

    #[tokio::test]
    async fn a_client_that_cannot_be_asked_is_told_so() {
        for protocol in Protocol::ALL {
            let options = TestClient::options()
                .protocol(*protocol)
                .capabilities(json!({}));
            let client = options.connect(server()).await;
            for tool in ["test_missing_capability", "test_streaming_elicitation"] {
                match client.try_call(tool, ()).await {
                    Err(refusal) => {
                        assert_eq!((*protocol, refusal.code), (Protocol::MODERN, -32021));
                    }
                    Ok(result) => {
                        assert_ne!(*protocol, Protocol::MODERN);
                        assert!(result.error().contains("cannot be asked"));
                    }
                }
            }
        }
    }
}
