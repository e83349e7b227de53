//! `@skip` and `@include` that depend on variables.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// Index of an entry of [`Conditions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ConditionIx(u32);

/// Chains of `@skip` and `@include`, each link once: the same condition below
/// the same outer condition has the same index.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    links: Vec<Link>,
    known: FxHashMap<Link, ConditionIx>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Link {
    outer: Option<ConditionIx>,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Test {
    /// `@include(if: false)`: still checked, never answered.
    Never,
    Variable {
        name: SmolStr,
        wanted: bool,
    },
}

/// Which conditions hold for one set of variables.
#[derive(Debug)]
pub(crate) struct Held(Vec<bool>);

impl Conditions {
    /// "`outer` holds and the variable is `wanted`".
    pub(crate) fn link(
        &mut self,
        outer: Option<ConditionIx>,
        variable: &str,
        wanted: bool,
    ) -> ConditionIx {
        let name = SmolStr::new(variable);
        self.intern(Link {
            outer,
            test: Test::Variable { name, wanted },
        })
    }

    /// A condition that no variables fulfil.
    pub(crate) fn never(&mut self) -> ConditionIx {
        self.intern(Link {
            outer: None,
            test: Test::Never,
        })
    }

    fn intern(&mut self, link: Link) -> ConditionIx {
        if let Some(known) = self.known.get(&link) {
            return *known;
        }
        let ix = ConditionIx(u32::try_from(self.links.len()).expect("fewer conditions than bytes"));
        self.links.push(link.clone());
        self.known.insert(link, ix);
        ix
    }

    /// Decides every condition; `value` gives the boolean a variable has.
    ///
    /// # Errors
    ///
    /// That of `value`: a variable has none.
    pub(crate) fn hold<E>(&self, value: impl Fn(&str) -> Result<bool, E>) -> Result<Held, E> {
        let mut held = Held(Vec::with_capacity(self.links.len()));
        for link in &self.links {
            // An outer condition comes before what stands below it.
            let passes = match &link.test {
                Test::Never => false,
                Test::Variable { name, wanted } => value(name)? == *wanted,
            };
            let holds = passes && held.holds(link.outer);
            held.0.push(holds);
        }
        Ok(held)
    }
}

impl Held {
    pub(crate) fn holds(&self, condition: Option<ConditionIx>) -> bool {
        condition.is_none_or(|ix| self.0[ix.0 as usize])
    }
}
