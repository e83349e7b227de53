//! Where the protocols are served: the cloud's own hosts, or one server that has all of them.

use reqwest::Url;

use super::request::{Host, Request};
use crate::cloudbase::Config;
use crate::cloudbase::error::{Error, Result};

/// Scheme and authority of each host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hosts {
    gateway: String,
    admin: String,
    cloud_api: String,
}

impl Hosts {
    /// # Errors
    ///
    /// `Unable`: the origin is none, or environment or region would not be a part of a host's name.
    pub(super) fn new(config: &Config) -> Result<Self> {
        match &config.origin {
            Some(origin) => Ok(Self::one(checked(origin)?)),
            None => Self::cloud(&config.env, &config.region),
        }
    }

    fn one(origin: String) -> Self {
        Self {
            gateway: origin.clone(),
            admin: origin.clone(),
            cloud_api: origin,
        }
    }

    /// As the cloud's SDKs and its documentation of the REST gateway name them.
    fn cloud(env: &str, region: &str) -> Result<Self> {
        if !is_label(env) {
            return Err(Error::Unable(format!(
                "`{env}` is no id of an environment: set `CLOUDBASE_ENV_ID` to the one that the console shows"
            )));
        }
        if !region.is_empty() && !is_label(region) {
            return Err(Error::Unable(format!(
                "`{region}` is no region: one looks like `ap-shanghai`"
            )));
        }
        let dot = if region.is_empty() { "" } else { "." };
        Ok(Self {
            gateway: format!("https://{env}.api.tcloudbasegateway.com"),
            admin: format!("https://{env}.{region}{dot}tcb-api.tencentcloudapi.com"),
            cloud_api: "https://tcb.tencentcloudapi.com".to_owned(),
        })
    }

    /// The address that a request goes to.
    ///
    /// # Errors
    ///
    /// `Unable`: the path would be taken for another, as with `..` in it.
    pub(super) fn url(&self, request: &Request) -> Result<Url> {
        let origin = match request.host {
            Host::Gateway => &self.gateway,
            Host::Admin => &self.admin,
            Host::CloudApi => &self.cloud_api,
        };
        let path = request.target.split('?').next().unwrap_or_default();
        let url = Url::parse(&format!("{origin}{}", request.target)).ok();
        // Addresses are brought to a normal form, in which a document named `..` is the list above it.
        url.filter(|url| path.starts_with('/') && url.path() == path)
            .ok_or_else(|| Error::Unable(format!("`{path}` cannot be a part of an address")))
    }
}

/// What the `host` header says of an address: with the port, unless it is the scheme's own.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// An origin without the slash at its end.
fn checked(origin: &str) -> Result<String> {
    let wrong = || {
        Error::Unable(format!(
            "`{origin}` is no origin: one looks like `http://127.0.0.1:9000`"
        ))
    };
    let url = Url::parse(origin).map_err(|_| wrong())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if plain {
        Ok(format!("{}://{}", url.scheme(), authority(&url)))
    } else {
        Err(wrong())
    }
}

/// Whether it can be a part of a host's name, by the SDKs' own rule.
fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    (1..=40).contains(&text.len()) && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cloud_has_a_host_for_each_protocol() {
        let hosts = Hosts::cloud("prod-1a2b3c", "ap-shanghai").unwrap();
        assert_eq!(
            hosts.gateway,
            "https://prod-1a2b3c.api.tcloudbasegateway.com"
        );
        assert_eq!(
            hosts.admin,
            "https://prod-1a2b3c.ap-shanghai.tcb-api.tencentcloudapi.com"
        );
        let anywhere = Hosts::cloud("prod-1a2b3c", "").unwrap();
        assert_eq!(
            anywhere.admin,
            "https://prod-1a2b3c.tcb-api.tencentcloudapi.com"
        );
        for (env, region) in [("", "r"), ("evil.example/", "r"), ("e", "r.evil.example#")] {
            assert!(Hosts::cloud(env, region).is_err(), "{env} {region}");
        }
    }

    #[test]
    fn an_origin_is_scheme_and_authority() {
        for (origin, is) in [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("https://Cloud.Example/", "https://cloud.example"),
            ("http://[::1]:9000", "http://[::1]:9000"),
        ] {
            assert_eq!(checked(origin).unwrap(), is);
        }
        for origin in [
            "",
            "127.0.0.1:9000",
            "ftp://host",
            "http://host/path",
            "http://user:key@host",
            "http://host?query",
        ] {
            assert!(checked(origin).is_err(), "{origin}");
        }
    }
}
