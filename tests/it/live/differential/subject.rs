//! What is watched: one text as a subscription, the same as a query.

use cloudbase_graphql::graphql::Request;

/// A list or a document with what is selected of it, through each of the two members of an event that show documents.
#[derive(Clone, Copy, Debug)]
pub(in crate::live) struct Subject {
    pub(in crate::live) field: &'static str,
    /// Between the parentheses.
    pub(in crate::live) args: &'static str,
    pub(in crate::live) is_list: bool,
    /// Selected of `nodes` or `node`.
    pub(in crate::live) now: Option<&'static str>,
    /// Selected of `changes { node }`.
    pub(in crate::live) step: Option<&'static str>,
}

impl Subject {
    pub(in crate::live) const fn list(
        field: &'static str,
        args: &'static str,
        now: Option<&'static str>,
        step: Option<&'static str>,
    ) -> Self {
        Self {
            field,
            args,
            is_list: true,
            now,
            step,
        }
    }

    pub(in crate::live) const fn single(
        field: &'static str,
        args: &'static str,
        now: Option<&'static str>,
        step: Option<&'static str>,
    ) -> Self {
        Self {
            is_list: false,
            ..Self::list(field, args, now, step)
        }
    }

    /// Aliases are those of the query, so that errors have the same paths where they can.
    pub(in crate::live) fn subscription(&self) -> Request {
        let nodes = if self.is_list { "nodes" } else { "node" };
        let now = self.now.map(|now| format!("now: {nodes} {{ {now} }}"));
        let step = self
            .step
            .map(|step| format!("steps: changes {{ type id index step: node {{ {step} }} }}"));
        let field = self.call(self.args);
        request(format!(
            "subscription {{ e: {field} {{ sequence kind {} {} }} }}",
            now.unwrap_or_default(),
            step.unwrap_or_default()
        ))
    }

    pub(in crate::live) fn query(&self) -> Request {
        let members = [
            ("now", self.now),
            ("step", self.step),
            ("ids", self.step.map(|_| "id")),
        ];
        let members = members.iter().filter_map(|(alias, selected)| {
            let selected = (*selected)?;
            Some(if self.is_list {
                format!("{alias}: nodes {{ {selected} }}")
            } else {
                format!("{alias}: {} {{ {selected} }}", self.call(self.args))
            })
        });
        let members: Vec<String> = members.collect();
        let members = members.join(" ");
        if !self.is_list {
            return request(format!("{{ {members} }}"));
        }
        // Where a subscription shows everything, a query shows twenty.
        let args = match self.args {
            "" => "first: 500".to_owned(),
            args if args.contains("first") => args.to_owned(),
            args => format!("{args}, first: 500"),
        };
        request(format!("{{ e: {} {{ {members} }} }}", self.call(&args)))
    }

    fn call(&self, args: &str) -> String {
        match args {
            "" => self.field.to_owned(),
            args => format!("{}({args})", self.field),
        }
    }
}

fn request(query: String) -> Request {
    Request {
        query,
        ..Request::default()
    }
}
