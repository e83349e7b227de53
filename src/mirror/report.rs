//! What was found: for people, and as JSON for programs.

use std::fmt;

use serde::Serialize;

use super::compare::{Judged, Kind, Verdict};

/// Examples that are told of one finding.
const EXAMPLES: usize = 3;

/// All that was tried, and what came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub seed: u64,
    /// Cases that were judged.
    pub cases: u64,
    pub counts: Counts,
    /// What was tried where: of a rule that was never true of anything, nothing was proved.
    pub coverage: Vec<Coverage>,
    /// One for each rule that is not the same on both sides, in the order in which they were found.
    pub findings: Vec<Finding>,
}

/// How many cases had which outcome.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Counts {
    /// Both gave the document, or did what was asked.
    pub given: u64,
    /// Neither did.
    pub denied: u64,
    /// The database refused the query as a whole, and the gateway gave what the caller may have.
    pub narrowed: u64,
    /// The gateway hid or refused a field.
    pub further: u64,
    /// The database gave a document by its proof alone, which it does not give to who asks for it exactly.
    pub loose: u64,
    /// One side could not be asked so: the input did not fit.
    pub senseless: u64,
    pub different: u64,
}

/// How often one operation with one collection was given, or done, and how often not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    pub collection: String,
    pub operation: String,
    pub given: u64,
    pub denied: u64,
}

/// One operation with one collection, about which the two sides are not of one mind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub collection: String,
    /// `read`, `create`, `update` or `delete`.
    pub operation: String,
    /// Which side gives more, or that they give otherwise.
    pub direction: Direction,
    /// The rule, or the permission's tag.
    pub database_rule: String,
    pub gateway_rule: String,
    pub cases: u64,
    pub examples: Vec<Example>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The gateway gives, or does, what the database does not.
    GatewayIsGenerous,
    /// The database gives, or does, what the gateway does not.
    GatewayIsStrict,
    /// Both do, and what comes of it is not the same.
    Otherwise,
}

/// One case, with all that is needed to see it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Its number under the seed.
    pub case: u64,
    pub caller: String,
    /// In words: `list where {…}`, `update $set {…}`.
    pub act: String,
    /// EJSON; of a create, the input.
    pub document: String,
    /// EJSON of documents that rules ask for, each with its collection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    pub database: Side,
    pub gateway: Side,
}

/// What a side said, and what its rule has to say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    pub said: String,
    /// The rule with what it came to, and the values it saw.
    pub explained: Vec<String>,
}

impl From<Kind> for Direction {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Generous => Direction::GatewayIsGenerous,
            Kind::Strict => Direction::GatewayIsStrict,
            Kind::Otherwise => Direction::Otherwise,
        }
    }
}

impl Report {
    pub(super) fn of(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    pub(super) fn count(&mut self, judged: &Judged, collection: &str, operation: &str) {
        self.cases += 1;
        let coverage = self.coverage_of(collection, operation);
        match judged.verdict {
            Verdict::Given | Verdict::Narrowed | Verdict::Further => coverage.given += 1,
            Verdict::Denied => coverage.denied += 1,
            _ => {}
        }
        let counts = &mut self.counts;
        *match judged.verdict {
            Verdict::Given => &mut counts.given,
            Verdict::Denied => &mut counts.denied,
            Verdict::Narrowed => &mut counts.narrowed,
            Verdict::Further => &mut counts.further,
            Verdict::Loose => &mut counts.loose,
            Verdict::Senseless => &mut counts.senseless,
            Verdict::Different(_) => &mut counts.different,
        } += 1;
    }

    fn coverage_of(&mut self, collection: &str, operation: &str) -> &mut Coverage {
        let same = |it: &Coverage| it.collection == collection && it.operation == operation;
        let at = self.coverage.iter().position(same);
        let at = at.unwrap_or_else(|| {
            self.coverage.push(Coverage {
                collection: collection.to_owned(),
                operation: operation.to_owned(),
                given: 0,
                denied: 0,
            });
            self.coverage.len() - 1
        });
        &mut self.coverage[at]
    }

    /// The finding of the same rule on both sides, if there is one already. A new one has no examples yet.
    pub(super) fn finding(&mut self, new: Finding) -> &mut Finding {
        let same = |known: &Finding| {
            let of = |it: &Finding| {
                let rules = (it.database_rule.clone(), it.gateway_rule.clone());
                (
                    it.collection.clone(),
                    it.operation.clone(),
                    it.direction as u8,
                    rules,
                )
            };
            of(known) == of(&new)
        };
        let at = self.findings.iter().position(same);
        let at = at.unwrap_or_else(|| {
            self.findings.push(new);
            self.findings.len() - 1
        });
        &mut self.findings[at]
    }
}

impl Finding {
    pub(super) fn wants_example(&self) -> bool {
        self.examples.len() < EXAMPLES
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::GatewayIsGenerous => "the gateway gives what the database does not",
            Direction::GatewayIsStrict => "the database gives what the gateway does not",
            Direction::Otherwise => "both give, and not the same",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding {
            collection,
            operation,
            direction,
            ..
        } = self;
        writeln!(f, "{operation} of `{collection}`: {direction}")?;
        writeln!(f, "  database: {}", self.database_rule)?;
        writeln!(f, "  gateway:  {}", self.gateway_rule)
    }
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  case {}: {} asks: {}",
            self.case, self.caller, self.act
        )?;
        writeln!(f, "    document: {}", self.document)?;
        for reference in &self.references {
            writeln!(f, "    beside:   {reference}")?;
        }
        for (name, side) in [("database", &self.database), ("gateway", &self.gateway)] {
            writeln!(f, "    {name}: {}", side.said)?;
            for line in &side.explained {
                writeln!(f, "      {line}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            write!(f, "{finding}")?;
            writeln!(f, "  cases:    {}", finding.cases)?;
            for example in &finding.examples {
                write!(f, "{example}")?;
            }
            writeln!(f)?;
        }
        for it in &self.coverage {
            let Coverage {
                collection,
                operation,
                given,
                denied,
            } = it;
            writeln!(
                f,
                "{operation:>8} {collection:<16} {given:>6} given {denied:>7} denied"
            )?;
        }
        let Counts {
            given,
            denied,
            narrowed,
            further,
            loose,
            senseless,
            different,
        } = self.counts;
        writeln!(
            f,
            "{} cases of seed {}: {different} different",
            self.cases, self.seed
        )?;
        writeln!(f, "  {given:>8} given, or done, by both")?;
        writeln!(f, "  {denied:>8} denied by both")?;
        writeln!(
            f,
            "  {narrowed:>8} narrowed by the gateway where the database refuses the whole query"
        )?;
        writeln!(
            f,
            "  {further:>8} with fields that the gateway hides or refuses, and the database does not"
        )?;
        writeln!(
            f,
            "  {loose:>8} given by the database's proof alone: not of documents as its rule means them"
        )?;
        writeln!(
            f,
            "  {senseless:>8} that one side cannot be asked: an input that does not fit"
        )
    }
}
