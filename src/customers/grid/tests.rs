//! The rules of the list, as tables of cases.
