//! {{title}}: a teacher that answers from a file with lines `prompt<TAB>response`.
#![deny(unsafe_code)]

use reflux::{
    Call, Creation, Extension, Failure, NewResponse, Prompt, ResponseList, Result, SamplingPlan,
    Teacher,
};

struct {{Module}} {
    path: String,
}

impl Teacher for {{Module}} {
    const EXTENSION: Extension = Extension {
        id: "{{id}}",
        title: "Answers from a table",
        description: "Gives the responses that a file has for a prompt, as many as planned.",
        config_schema: r#"{
            "type": "object",
            "properties": {
                "path": {
                    "type": "string", "format": "path",
                    "description": "A file with lines of prompt, tab and response."
                }
            },
            "required": ["path"],
            "additionalProperties": false
        }"#,
        ..Extension::DEFAULT
    };

    fn create(creation: &Creation) -> Result<Self> {
        Ok({{Module}} { path: creation.settings.text("path")?.to_owned() })
    }

    fn respond(
        &mut self,
        call: &Call,
        prompts: &[Prompt],
        plan: &SamplingPlan,
        out: &mut ResponseList,
    ) -> Result<()> {
        let text = std::fs::read_to_string(&self.path)
            .map_err(|error| format!("{}: {error}; name a file with 'path'", self.path))?;
        let wanted = plan.samples_per_temperature as usize * plan.temperatures.len();
        for (place, prompt) in prompts.iter().enumerate() {
            if call.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            let rows = text.lines().filter_map(|row| row.split_once('\t'));
            let responses = rows.filter(|(asked, _)| *asked == prompt.text()).take(wanted);
            for (sample, (_, response)) in responses.enumerate() {
                out.add(place, &NewResponse::new(response, sample as i64));
            }
            call.progress(place as u64 + 1, prompts.len() as u64, "prompts");
        }
        Ok(())
    }
}

reflux::plugin! {
    id: "{{id}}",
    name: "{{title}}",
    version: "0.1.0",
    license: "Apache-2.0",
    description: "A teacher that answers from a table.",
    extensions: [teacher {{Module}}],
}

#[cfg(test)]
mod tests;
