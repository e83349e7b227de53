//! The name that was probably meant by a misspelt one.

/// The hint for an unknown name: the nearest candidate, or all of them if they are few.
pub(super) fn hint<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    const FEW: usize = 8;
    if let Some(nearest) = nearest(name, candidates.clone()) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    let all: Vec<&str> = candidates.into_iter().collect();
    match all.as_slice() {
        [one] => Some(format!("there is `{one}`")),
        all if (1..=FEW).contains(&all.len()) => Some(format!("there are {}", list(all, "and"))),
        _ => None,
    }
}

/// `a`, `b` and `c`, with the given word before the last.
pub(super) fn list(names: &[&str], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// The candidate with the fewest edits, if a third of the letters or fewer differ.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return None;
    }
    let far = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= far)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, upper and lower case being equal.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["createdAt", "updatedAt", "status"];
        assert_eq!(nearest("createAt", names), Some("createdAt"));
        assert_eq!(nearest("CREATEDAT", names), Some("createdAt"));
        assert_eq!(nearest("sttaus", names), Some("status"));
        assert_eq!(nearest("price", names), None);
        assert_eq!(nearest("", names), None);
    }
}
