//! The rule language and decisions, through the public interface of `rules` and `access`.

mod cases;
