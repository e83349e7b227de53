//! Caller × collection × operation × field × document, generated from the model
//! of the shop, carried out through the API, and compared with an oracle that
//! says `schema.graphql` again by hand and shares no code with what it judges.

/// Everything a change of a document can be, and what comes of it.
mod changes;
/// New documents.
mod creates;
/// Documents on both sides of every boundary, and who asks for them.
mod documents;
/// Values that no document has yet.
mod fresh;
/// `schema.graphql` said again, by hand.
mod oracle;
/// Reading by id and in lists, filtering and ordering.
mod reads;
/// What a stored value looks like in an answer.
mod shown;
/// What a mutation did, and taking it back.
mod undo;
/// The ways to change a field.
mod verb;

use std::fmt::{Debug, Display};

/// Counts cells and collects those that came out otherwise.
#[derive(Default)]
struct Tally {
    cells: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn check<T: PartialEq + Debug>(&mut self, cell: impl Display, expected: &T, actual: &T) {
        self.cells += 1;
        if expected != actual {
            self.wrong.push(format!(
                "{cell}:\n  expected {expected:?}\n  but      {actual:?}"
            ));
        }
    }

    /// Fails the test if any cell was wrong, or if there were suspiciously few.
    #[expect(
        clippy::print_stdout,
        reason = "how much was looked at is part of the proof"
    )]
    fn finish(self, name: &str, at_least: usize) {
        println!("{name}: {} cells", self.cells);
        let shown = self.wrong.iter().take(20).cloned().collect::<Vec<_>>();
        let (wrong, cells) = (self.wrong.len(), self.cells);
        assert!(
            shown.is_empty(),
            "{wrong} of {cells} cells are wrong, such as\n{}",
            shown.join("\n")
        );
        assert!(cells >= at_least, "{name}: only {cells} cells ran");
    }
}
