//! {{title}}: questions from a file with lines `question<TAB>answer`, right when the last word of the
//! response is the answer.
#![deny(unsafe_code)]

use reflux::{Call, Creation, Draft, Example, Extension, Grade, NewExample, Result, Split, Task};

struct {{Module}} {
    path: String,
}

impl Task for {{Module}} {
    const EXTENSION: Extension = Extension {
        id: "{{id}}",
        title: "Questions from a table, compared exactly",
        description: "Every split is the table; the answer is the last word of the response.",
        config_schema: r#"{
            "type": "object",
            "properties": {
                "path": {
                    "type": "string", "format": "path",
                    "description": "A file with lines of question, tab and answer."
                }
            },
            "required": ["path"],
            "additionalProperties": false
        }"#,
        parallel: true,
        ..Extension::DEFAULT
    };

    fn create(creation: &Creation) -> Result<Self> {
        Ok({{Module}} { path: creation.settings.text("path")?.to_owned() })
    }

    fn metrics(&self) -> Vec<String> {
        vec!["exact".to_owned()]
    }

    fn examples(&self, _: &Call, split: Split) -> Result<Vec<NewExample>> {
        let text = std::fs::read_to_string(&self.path)
            .map_err(|error| format!("{}: {error}; name a file with 'path'", self.path))?;
        let mut examples = Vec::new();
        for (line, row) in text.lines().enumerate().filter(|(_, row)| !row.is_empty()) {
            let Some((question, answer)) = row.split_once('\t') else {
                let place = format!("{}:{}", self.path, line + 1);
                return Err(format!("{place}: no tab between question and answer").into());
            };
            examples.push(NewExample {
                id: format!("{{id}}/{split:?}/{}", examples.len()).to_lowercase(),
                question: question.to_owned(),
                gold: Some(normal(answer)),
                ..NewExample::default()
            });
        }
        Ok(examples)
    }

    fn prompt(&self, example: &Example) -> Result<Draft> {
        Ok(Draft::text(format!("Question: {}\nAnswer:", example.question())).stop("\n"))
    }

    fn answer(&self, response: &str) -> Option<String> {
        response.split_whitespace().next_back().map(normal).filter(|answer| !answer.is_empty())
    }

    fn grade(&self, response: &str, example: &Example) -> Grade {
        let answer = self.answer(response);
        let right = answer.is_some() && answer.as_deref() == example.gold();
        Grade { parsed: answer.is_some(), correct: vec![right] }
    }
}

/// Without punctuation around it, in lower case.
fn normal(answer: &str) -> String {
    answer.trim_matches(|c: char| c.is_whitespace() || ".,;:!?\"'".contains(c)).to_lowercase()
}

reflux::plugin! {
    id: "{{id}}",
    name: "{{title}}",
    version: "0.1.0",
    license: "Apache-2.0",
    description: "Questions and answers from a table.",
    extensions: [task {{Module}}],
}

#[cfg(test)]
mod tests;
