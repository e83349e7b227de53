//! Random operations over the served API: whatever fits the schema may come,
//! with values that documents have, hidden ones among them.

use cloudbase_graphql::graphql::api::{
    Api, EnumDef, FieldDef, InputDef, InputKind, InputMeaning, InputScalar, InputValueDef, Meaning,
    ObjectDef, Operator, Type, TypeDef,
};

use super::roll::Roll;

/// The type and the id of a document that the caller may write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Likely {
    pub(super) type_name: &'static str,
    pub(super) id: &'static str,
}

/// Fields that are hidden from somebody: worth asking for.
const HIDDEN: [&str; 7] = [
    "phone", "cost", "address", "friend", "handle", "age", "secrets",
];

/// Where a follow-up writes the cursor of the next page.
pub(super) const AFTER: &str = "#AFTER\n";

pub(super) struct Operations<'a> {
    api: &'a Api,
    roll: Roll,
    /// What comes more often than the rest.
    likely: Likely,
    /// Numbers aliases and new ids.
    count: usize,
}

const STRINGS: [&str; 16] = [
    "h1",
    "h2",
    "open",
    "shut",
    "a",
    "b",
    "c",
    "d",
    "x",
    "",
    "alice",
    "bob",
    "N1",
    "13800000001",
    "13800000003",
    "p",
];
const IDS: [&str; 20] = [
    "p1",
    "p2",
    "p4",
    "p5",
    "r1",
    "r3",
    "u-alice",
    "u-bob",
    "u-operator",
    "u-support",
    "i-a",
    "i-b",
    "i-c",
    "i-odd",
    "o-0",
    "o-1",
    "o-2",
    "o-odd",
    "openid:support",
    "openid:boss",
];
const NUMBERS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "7", "11", "-1", "2147483647"];

impl<'a> Operations<'a> {
    pub(super) fn new(api: &'a Api, seed: u64, likely: Likely) -> Self {
        Self {
            api,
            roll: Roll::new(seed),
            likely,
            count: 0,
        }
    }

    pub(super) fn query(&mut self) -> String {
        let query = self.object(&self.api.query);
        let roots = 1 + self.roll.below(3);
        let roots: Vec<String> = (0..roots).map(|n| self.root(query, n, 3)).collect();
        format!("{{ {} }}", roots.join(" "))
    }

    pub(super) fn mutation(&mut self) -> String {
        let mutation = self.api.mutation.as_ref().expect("mutations");
        let mutation = self.object(mutation);
        let roots = 1 + self.roll.below(2);
        let roots: Vec<String> = (0..roots).map(|n| self.root(mutation, n, 2)).collect();
        format!("mutation {{ {} }}", roots.join(" "))
    }

    fn object(&self, name: &str) -> &'a ObjectDef {
        self.api.object(name).expect("an object type")
    }

    fn root(&mut self, of: &'a ObjectDef, number: usize, depth: usize) -> String {
        let mut fields: Vec<&FieldDef> = of.fields.values().collect();
        if of.name == "Mutation" && self.roll.chance(60) {
            let likely = self.likely.type_name;
            let likely = |field: &&FieldDef| field.name.to_lowercase().contains(likely);
            fields.retain(likely);
        }
        // Nobody here may see roles: that is soon told.
        let mut field = self.roll.pick(&fields);
        if field.name.starts_with("role") {
            field = self.roll.pick(&fields);
        }
        format!("r{number}: {}", self.field(field, depth))
    }

    /// A field with its arguments and selection; arguments make it need an alias.
    fn field(&mut self, field: &'a FieldDef, depth: usize) -> String {
        let arguments = self.arguments(field);
        let selection = match self.api.types.get(field.ty.name()) {
            Some(TypeDef::Object(object)) => self.selection(object, depth),
            _ => String::new(),
        };
        format!("{}{arguments}{selection}", field.name)
    }

    fn selection(&mut self, object: &'a ObjectDef, depth: usize) -> String {
        let mut members = Vec::new();
        for field in object.fields.values() {
            let composite = self
                .api
                .types
                .get(field.ty.name())
                .is_some_and(TypeDef::is_composite);
            let wanted = if composite { 45 } else { 40 };
            if (composite && depth == 0) || !self.roll.chance(wanted) {
                continue;
            }
            self.count += 1;
            let below = if composite && is_step(field.meaning) {
                depth - 1
            } else {
                depth
            };
            let text = self.field(field, below);
            let alias = !field.args.is_empty() || self.roll.chance(10);
            members.push(if alias {
                format!("x{}: {text}", self.count)
            } else {
                text
            });
        }
        if members.is_empty() || self.roll.chance(5) {
            members.push("__typename".to_owned());
        }
        format!(" {{ {} }}", members.join(" "))
    }

    fn arguments(&mut self, field: &'a FieldDef) -> String {
        let mut given = Vec::new();
        let list = matches!(field.meaning, Meaning::List(_));
        let mut follow = list;
        // Exactly one of these two.
        let by_key = field.args.contains_key("by").then(|| self.roll.chance(30));
        for argument in field.args.values() {
            let wanted = match (argument.name.as_str(), by_key) {
                ("id", Some(by_key)) => !by_key,
                ("by", Some(by_key)) => by_key,
                ("after" | "before", _) => false,
                ("last", _) => self.roll.chance(10),
                ("offset", _) => self.roll.chance(10),
                ("first", _) => self.roll.chance(40),
                ("where", _) => self.roll.chance(45),
                ("orderBy", _) => self.roll.chance(30),
                ("if", _) => self.roll.chance(30),
                _ => argument.is_required() || self.roll.chance(50),
            };
            if !wanted {
                continue;
            }
            follow &= !["last", "offset"].contains(&argument.name.as_str());
            let value = match argument.name.as_str() {
                "first" | "last" | "offset" => self.roll.below(5).to_string(),
                "atMost" => (1 + self.roll.below(20)).to_string(),
                _ => self.value(&argument.ty, 3),
            };
            given.push(format!("{}: {value}", argument.name));
        }
        if follow && !given.is_empty() {
            given.push(AFTER.to_owned());
        }
        match given.is_empty() {
            true => String::new(),
            false => format!("({})", given.join(" ")),
        }
    }

    fn value(&mut self, ty: &Type, depth: usize) -> String {
        match ty {
            Type::NonNull(inner) => self.value(inner, depth),
            Type::List(inner) => {
                let items: Vec<String> = (0..self.roll.below(3))
                    .map(|_| self.value(inner, depth))
                    .collect();
                format!("[{}]", items.join(", "))
            }
            Type::Named(name) => match self.api.types.get(name).expect("a type") {
                TypeDef::Enum(of) => self.member(of),
                TypeDef::Scalar(of) => self.scalar(of.scalar),
                TypeDef::Input(of) => self.input(of, depth),
                TypeDef::Object(of) => panic!("{} is no input", of.name),
            },
        }
    }

    fn member(&mut self, of: &EnumDef) -> String {
        of.values[self.roll.below(of.values.len())].name.to_string()
    }

    fn scalar(&mut self, scalar: InputScalar) -> String {
        match scalar {
            InputScalar::Id if self.roll.chance(50) => format!("{:?}", self.likely.id),
            InputScalar::Id => format!("{:?}", self.roll.pick(&IDS)),
            InputScalar::String => format!("{:?}", self.roll.pick(&STRINGS)),
            InputScalar::Int | InputScalar::Long => self.roll.pick(&NUMBERS).to_owned(),
            InputScalar::Float => format!("{}.25", self.roll.below(40)),
            InputScalar::Boolean => self.roll.chance(50).to_string(),
            InputScalar::DateTime => format!("\"1970-01-01T00:00:00.00{}Z\"", self.roll.below(8)),
            InputScalar::FileId => "\"cloud://shop.bucket/a\"".to_owned(),
            InputScalar::Json => "{a: 1}".to_owned(),
            InputScalar::GeoPoint => "{longitude: 1.5, latitude: 31.25}".to_owned(),
        }
    }

    fn input(&mut self, of: &'a InputDef, depth: usize) -> String {
        let wanted = |member: &&InputValueDef| {
            // Nesting ends.
            depth > 0
                || !matches!(
                    member.meaning,
                    InputMeaning::And | InputMeaning::Or | InputMeaning::Not
                )
        };
        let all: Vec<&InputValueDef> = of.fields.values().filter(wanted).collect();
        let filter = matches!(of.kind, InputKind::Filter(_) | InputKind::Operators(_));
        let mut members: Vec<&InputValueDef> = if of.one_of {
            vec![self.roll.pick(&all)]
        } else if filter {
            let hidden = |member: &&&InputValueDef| HIDDEN.contains(&member.name.as_str());
            let hidden = all.iter().find(hidden).filter(|_| self.roll.chance(25));
            let first = hidden.copied().unwrap_or_else(|| self.roll.pick(&all));
            let second = self.roll.chance(25).then(|| self.roll.pick(&all));
            [first].into_iter().chain(second).collect()
        } else {
            // An id that the gateway chooses is another one every time.
            let needed = |member: &InputValueDef| member.is_required() || member.name == "id";
            let some = all.iter().copied();
            some.filter(|member| needed(member) || self.roll.chance(25))
                .collect()
        };
        members.dedup_by_key(|member| member.name.clone());
        let members: Vec<String> = members
            .into_iter()
            .map(|member| format!("{}: {}", member.name, self.input_member(of, member, depth)))
            .collect();
        format!("{{{}}}", members.join(", "))
    }

    fn input_member(&mut self, of: &InputDef, member: &InputValueDef, depth: usize) -> String {
        match (of.kind, member.meaning) {
            // An id that is taken would tell of a hidden document.
            (InputKind::Create(_), _) if member.name == "id" => {
                self.count += 1;
                format!("\"new-{}\"", self.count)
            }
            (_, InputMeaning::Operator(Operator::Eq | Operator::Ne)) if self.roll.chance(15) => {
                "null".to_owned()
            }
            (_, InputMeaning::Operator(Operator::Size)) => self.roll.below(4).to_string(),
            (_, InputMeaning::Operator(Operator::Matches)) => "\"^[a-c1]\"".to_owned(),
            _ if member.name == "polygon" => {
                let at = |x, y| format!("{{longitude: {x}.0, latitude: {y}.0}}");
                format!(
                    "[{}, {}, {}, {}]",
                    at(0, 30),
                    at(4, 30),
                    at(2, 33),
                    at(0, 30)
                )
            }
            _ => self.value(&member.ty, depth.saturating_sub(1)),
        }
    }
}

/// Whether following the field leads to other documents.
fn is_step(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::ToOne(..) | Meaning::ToMany(..) | Meaning::MeUser(_)
    )
}
