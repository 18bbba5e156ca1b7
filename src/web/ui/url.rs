//! The URL of a list is its state: filters, sort order, page. Pieces change one parameter and keep the rest.

/// A path with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageUrl {
    path: String,
    parameters: Vec<(String, String)>,
}

impl PageUrl {
    /// Takes a path and query apart. Blank parameters are dropped: they filter nothing.
    pub fn parse(path_and_query: &str) -> PageUrl {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let parameters: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
        PageUrl {
            path: path.to_owned(),
            parameters: parameters.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        }
    }

    /// The path alone.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value of a parameter; blank when absent.
    pub fn get(&self, name: &str) -> &str {
        self.parameters.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The URL with one parameter set; blank removes it.
    #[must_use]
    pub fn with(&self, name: &str, value: impl ToString) -> PageUrl {
        let value = value.to_string();
        let mut parameters: Vec<_> = self.parameters.iter().filter(|(key, _)| key != name).cloned().collect();
        if !value.is_empty() {
            parameters.push((name.to_owned(), value));
        }
        PageUrl { path: self.path.clone(), parameters }
    }

    /// The URL without these parameters.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> PageUrl {
        let parameters =
            self.parameters.iter().filter(|(key, _)| !names.contains(&key.as_str())).cloned().collect();
        PageUrl { path: self.path.clone(), parameters }
    }

    /// The same parameters at another path.
    #[must_use]
    pub fn at(&self, path: &str) -> PageUrl {
        PageUrl { path: path.to_owned(), parameters: self.parameters.clone() }
    }

    /// The parameters.
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }
}

impl std::fmt::Display for PageUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        if self.parameters.is_empty() {
            return Ok(());
        }
        write!(f, "?{}", serde_html_form::to_string(&self.parameters).map_err(|_| std::fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_parameter_changes_and_the_rest_stays() {
        let url = PageUrl::parse("/users?q=%E5%BC%A0&role=&page=3");
        assert_eq!(url.get("q"), "张");
        assert_eq!(url.get("role"), "");
        assert_eq!(url.with("page", 4).to_string(), "/users?q=%E5%BC%A0&page=4");
        assert_eq!(url.with("page", "").to_string(), "/users?q=%E5%BC%A0");
        assert_eq!(url.without(&["q", "page"]).to_string(), "/users");
        assert_eq!(url.without(&["page"]).parameters(), [("q".to_owned(), "张".to_owned())]);
        assert_eq!(url.at("/users/export").path(), "/users/export");
    }
}
