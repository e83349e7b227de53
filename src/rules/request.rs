//! What `request.data` shows of the payload of a write.

use super::operand::Operand;
use crate::data::{Object, Path};

/// The payload of a write as `request.data` shows it.
///
/// `request.data.p` is undefined iff the input touches neither `p`, an ancestor of it nor a descendant of it.
#[derive(Clone, Debug, Default)]
pub struct RequestData {
    /// Paths the input gives a literal value (create: each member; update: each `set`), in dotted form.
    pub values: Object,
    /// Paths the input touches in a way whose result is not a literal (unset, inc, push, pull): every
    /// comparison on these but the presence test is Unknown.
    pub opaque: Vec<Path>,
}

impl RequestData {
    /// Whether the input touches the path, something it lies in or something inside it.
    pub fn touches(&self, path: &Path) -> bool {
        self.values
            .iter()
            .any(|(name, _)| overlap(name, path).is_some())
            || self.opaque.iter().any(|opaque| opaque.overlaps(path))
    }

    /// The new value at a path: absent where nothing touches it, unknown where the input alone does not tell.
    pub(super) fn value(&self, path: &Path) -> Operand<'_> {
        if self.opaque.iter().any(|opaque| opaque.overlaps(path)) {
            return Operand::Unknown;
        }
        let touching = self
            .values
            .iter()
            .find_map(|(name, value)| overlap(name, path).map(|overlap| (overlap, value)));
        match touching {
            None => Operand::Absent,
            Some((Overlap::Below, _)) => Operand::Unknown,
            Some((Overlap::At { inside: None }, value)) => Operand::known(Some(value)),
            Some((Overlap::At { inside: Some(_) }, _)) if self.values.contains(path.root()) => {
                Operand::known(path.lookup(&self.values))
            }
            Some((Overlap::At { inside: Some(rest) }, value)) => match value.as_object() {
                Some(object) => Operand::known(rest.lookup(object)),
                None => Operand::Unknown,
            },
        }
    }
}

/// How a path that an input sets lies to a path that a rule asks for.
enum Overlap {
    /// It is the asked path, or the asked path lies `inside` it.
    At { inside: Option<Path> },
    /// It lies inside the asked path.
    Below,
}

fn overlap(name: &str, path: &Path) -> Option<Overlap> {
    let mut asked = path.segments().iter();
    for segment in name.split('.') {
        match asked.next() {
            None => return Some(Overlap::Below),
            Some(wanted) if wanted != segment => return None,
            Some(_) => {}
        }
    }
    Some(Overlap::At {
        inside: Path::new(asked.cloned()),
    })
}
