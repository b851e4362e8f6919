//! What a form may hold: every kind of field, with defaults.

use mcp_runtime::{AskError, Context, Handlers, handlers, tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) fn handlers() -> Handlers {
    handlers![
        test_elicitation_sep1034_defaults,
        test_elicitation_sep1330_enums
    ]
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Active,
    Inactive,
    Pending,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
struct Profile {
    /// The name.
    name: String,
    /// The age in years.
    age: i64,
    /// The score.
    score: f64,
    status: Status,
    /// Whether somebody has checked it.
    verified: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            name: "John Doe".to_owned(),
            age: 30,
            score: 95.5,
            status: Status::default(),
            verified: true,
        }
    }
}

/// Asks with a form whose fields have defaults.
#[tool]
async fn test_elicitation_sep1034_defaults(ctx: Context) -> Result<String, AskError> {
    let profile: Profile = ctx.elicit("profile", "Is this you?").await?;
    Ok(format!("Elicitation completed: {profile:?}"))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Untitled {
    Option1,
    Option2,
    Option3,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Titled {
    #[schemars(title = "First Option")]
    Value1,
    #[schemars(title = "Second Option")]
    Value2,
    #[schemars(title = "Third Option")]
    Value3,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(extend("enumNames" = ["Option One", "Option Two", "Option Three"]))]
enum Named {
    Opt1,
    Opt2,
    Opt3,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "they are shown by `Debug`")]
struct Choices {
    untitled_single: Untitled,
    titled_single: Titled,
    legacy_enum: Named,
    untitled_multi: Vec<Untitled>,
    titled_multi: Vec<Titled>,
}

/// Asks with a form of choices.
#[tool]
async fn test_elicitation_sep1330_enums(ctx: Context) -> Result<String, AskError> {
    let choices: Choices = ctx.elicit("choices", "What do you choose?").await?;
    Ok(format!("Elicitation completed: {choices:?}"))
}

#[cfg(test)]
mod tests {
    use mcp_runtime::{
        serde_json::json,
        testing::{Protocol, TestClient},
    };

    use crate::server;

    #[tokio::test]
    async fn the_fields_of_a_form_have_their_defaults() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer("profile", json!({ "age": 31 }));
            let result = client.call("test_elicitation_sep1034_defaults", ()).await;
            assert!(result.text().contains("age: 31"), "{}", result.text());
            let questions = client.questions();
            let fields = &questions[0].schema()["properties"];
            let told = |field: &str| {
                (
                    fields[field]["type"].clone(),
                    fields[field]["default"].clone(),
                )
            };
            assert_eq!(told("name"), (json!("string"), json!("John Doe")));
            assert_eq!(told("age"), (json!("integer"), json!(30)));
            assert_eq!(told("score"), (json!("number"), json!(95.5)));
            assert_eq!(told("status"), (json!("string"), json!("active")));
            assert_eq!(told("verified"), (json!("boolean"), json!(true)));
            assert_eq!(
                fields["status"]["enum"],
                json!(["active", "inactive", "pending"])
            );
        }
    }

    #[tokio::test]
    async fn choices_have_the_forms_that_the_protocol_knows() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.decline("choices");
            client.call("test_elicitation_sep1330_enums", ()).await;
            let questions = client.questions();
            let fields = &questions[0].schema()["properties"];
            let untitled = json!(["option1", "option2", "option3"]);
            assert_eq!(fields["untitledSingle"]["enum"], untitled);
            assert!(fields["untitledSingle"].get("oneOf").is_none());
            let first = json!({ "const": "value1", "title": "First Option" });
            assert_eq!(fields["titledSingle"]["oneOf"][0], first);
            assert!(fields["titledSingle"].get("enum").is_none());
            let names = json!(["Option One", "Option Two", "Option Three"]);
            assert_eq!(fields["legacyEnum"]["enumNames"], names);
            assert_eq!(
                fields["legacyEnum"]["enum"],
                json!(["opt1", "opt2", "opt3"])
            );
            assert_eq!(fields["untitledMulti"]["items"]["enum"], untitled);
            assert_eq!(fields["titledMulti"]["items"]["anyOf"][0], first);
        }
    }
}
