//! Every name in a template must stand in its sample: what strict mode lets pass in `{{#if typo}}` is found here.
//!
//! Owns the walk through a template with the sample beside it. Renders nothing.

use crate::fault::Fault;
use crate::notices::words::{Words, is_helper};
use handlebars::template::{DecoratorTemplate, HelperTemplate, Parameter, TemplateElement};
use handlebars::{Path, Template};
use serde_json::Value;

/// Partials within partials, at most.
const DEPTH: usize = 8;

/// Faults of the template `path`, with the line of each name that no sample has.
pub fn check(words: &Words, path: &str, samples: &[Value]) -> Vec<Fault> {
    let mut walk = Walk { words, faults: Vec::new(), scopes: vec![samples.iter().collect()] };
    match words.template(path) {
        Some(template) => walk.template(template, path, DEPTH),
        None => walk.faults.push(Fault::lasting(path, "is missing", "restore it from the shipped templates")),
    }
    walk.faults.dedup();
    walk.faults
}

/// The values that a name may stand for, one for each sample and each row of a list.
type Scope<'v> = Vec<&'v Value>;

struct Walk<'w, 'v> {
    words: &'w Words,
    faults: Vec<Fault>,
    scopes: Vec<Scope<'v>>,
}

impl<'v> Walk<'_, 'v> {
    fn template(&mut self, template: &Template, path: &str, depth: usize) {
        for (element, place) in template.elements.iter().zip(&template.mapping) {
            let place = format!("{path}:{}", place.0);
            match element {
                TemplateElement::Expression(call) | TemplateElement::HtmlExpression(call) => self.call(call, &place),
                TemplateElement::HelperBlock(block) => self.block(block, path, &place, depth),
                TemplateElement::PartialExpression(partial) => self.partial(partial, &place, depth),
                TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
                _ => {
                    self.fault(&place, "uses a decorator or a block partial", "use variables, if, each and plain partials only");
                }
            }
        }
    }

    fn call(&mut self, call: &HelperTemplate, place: &str) {
        match &call.name {
            Parameter::Name(name) if call.params.is_empty() && !is_helper(name) => {
                self.resolve(name, place);
            }
            Parameter::Name(name) if is_helper(name) => self.parameters(&call.params, place),
            Parameter::Name(name) => {
                self.fault(place, format!("calls the unknown helper {name:?}"), "see the list of helpers in the README")
            }
            other => self.parameters(std::slice::from_ref(other), place),
        }
    }

    fn block(&mut self, block: &HelperTemplate, path: &str, place: &str, depth: usize) {
        self.parameters(&block.params, place);
        if block.block_param.is_some() {
            self.fault(place, "names a block parameter", "write this.name inside the block instead");
        }
        let name = match &block.name {
            Parameter::Name(name) => name.as_str(),
            _ => "",
        };
        let inner = match (name, block.params.first()) {
            ("each", Some(Parameter::Path(path))) => Some(self.look_up(path).into_iter().flat_map(rows).collect()),
            ("with", Some(Parameter::Path(path))) => Some(self.look_up(path)),
            ("if" | "unless", Some(_)) => None,
            _ => {
                return self.fault(place, format!("opens the unknown block {name:?}"), "use if, unless, each and with");
            }
        };
        let opens = inner.is_some();
        self.scopes.extend(inner);
        block.template.iter().for_each(|inside| self.template(inside, path, depth));
        if opens {
            self.scopes.pop();
        }
        block.inverse.iter().for_each(|inside| self.template(inside, path, depth));
    }

    fn partial(&mut self, partial: &DecoratorTemplate, place: &str, depth: usize) {
        let Parameter::Name(name) = &partial.name else {
            return self.fault(place, "takes up a partial without a fixed name", "write {{> name}}");
        };
        match self.words.template(name) {
            Some(_) if depth == 0 => self.fault(place, format!("takes up {name:?} in a circle"), "let no partial take up itself"),
            Some(template) => self.template(template, self.words.path_of(name), depth - 1),
            None => self.fault(place, format!("takes up the unknown partial {name:?}"), "name a file of _shared/"),
        }
    }

    fn parameters(&mut self, params: &[Parameter], place: &str) {
        for param in params {
            match param {
                Parameter::Path(Path::Relative((_, raw))) => {
                    self.resolve(raw, place);
                }
                Parameter::Name(name) => {
                    self.resolve(name, place);
                }
                Parameter::Subexpression(inner) => match inner.as_element() {
                    TemplateElement::Expression(call) | TemplateElement::HtmlExpression(call) => self.call(call, place),
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn look_up(&self, path: &Path) -> Scope<'v> {
        match path {
            Path::Relative((_, raw)) => self.values(raw),
            Path::Local(_) => Scope::new(),
        }
    }

    fn resolve(&mut self, raw: &str, place: &str) {
        if !raw.starts_with('@') && self.values(raw).is_empty() {
            self.fault(place, format!("names {raw:?}, which the sample does not have"), "correct the name, or add it to sample.json");
        }
    }

    /// What a path such as `../tso.name` stands for, here.
    fn values(&self, raw: &str) -> Scope<'v> {
        let mut up = 0;
        let mut rest = raw;
        while let Some(outer) = rest.strip_prefix("..") {
            up += 1;
            rest = outer.trim_start_matches('/');
        }
        let Some(scope) = self.scopes.len().checked_sub(up + 1).and_then(|n| self.scopes.get(n)) else { return Scope::new() };
        rest.split(['.', '/'])
            .filter(|step| !step.is_empty() && *step != "this")
            .fold(scope.clone(), |scope, step| scope.into_iter().filter_map(|value| value.get(step)).collect())
    }

    fn fault(&mut self, place: &str, what: impl std::fmt::Display, hint: &str) {
        self.faults.push(Fault::lasting(place, what, hint));
    }
}

fn rows(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(object) => object.values().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::words::Sort;
    use serde_json::json;

    fn faults(template: &str) -> Vec<String> {
        let mut words = Words::new(Sort::Text, Box::new(|_| true));
        words.add("_shared/mail/part.txt.hbs", b"\n{{tso.name}}{{name}}").unwrap();
        words.add("t", template.as_bytes()).unwrap();
        let sample = json!({"tso": {"name": "t"}, "name": "n", "items": [{"label": "a"}, {"label": "b", "place": "p"}], "on": "x"});
        check(&words, "t", &[sample]).iter().map(|fault| fault.place.clone() + " " + &fault.what).collect()
    }

    #[test]
    fn names_of_the_sample_pass() {
        let good = "{{tso.name}}{{#if on}}{{on}}{{/if}}{{#each items}}{{no @index}}{{label}}{{#if place}}{{../name}}{{this.place}}{{/if}}{{/each}}{{> part}}{{#if (eq on \"x\")}}1{{else}}2{{/if}}";
        assert_eq!(faults(good), Vec::<String>::new());
    }

    #[test]
    fn a_typo_is_found_wherever_it_stands() {
        for bad in [
            "a\n{{#if typo}}x{{/if}}",
            "a\n{{typo}}",
            "a\n{{tso.nane}}",
            "a\n{{#each itms}}x{{/each}}",
            "a\n{{#each items}}{{lable}}{{/each}}",
            "a\n{{#each items}}{{name}}{{/each}}",
            "a\n{{#unless typo}}x{{/unless}}",
            "a\n{{#if (eq typo 1)}}x{{/if}}",
            "a\n{{day typo}}",
            "a\n{{dya on}}",
            "a\n{{#if on}}x{{else}}{{typo}}{{/if}}",
            "a\n{{> prat}}",
            "a\n{{../name}}",
        ] {
            let found = faults(bad);
            assert!(found.len() == 1 && found[0].starts_with("t:2 "), "{bad:?}: {found:?}");
        }
    }

    #[test]
    fn a_fault_in_a_partial_names_the_partial() {
        let found = faults("{{#each items}}{{> part}}{{/each}}");
        assert!(found.iter().all(|fault| fault.starts_with("_shared/mail/part.txt.hbs:2 ")) && !found.is_empty(), "{found:?}");
    }
}
