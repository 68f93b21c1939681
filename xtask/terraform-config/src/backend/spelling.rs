//! The many ways to write one host, one URL or one database.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path as File;

use super::Surroundings;
use super::path::Path;

/// A spelling by the text alone, wherever it stands.
pub(super) fn alone(spelling: fn(&str, &Surroundings<'_>) -> String, text: &str) -> String {
    spelling(text, &Surroundings { directory: File::new(""), variable: &|_| None, resolve: &File::to_owned })
}

/// As it is written.
pub(super) fn exact(text: &str, _: &Surroundings<'_>) -> String {
    text.to_owned()
}

/// A name that is one in capitals and small letters.
pub(super) fn small(text: &str, _: &Surroundings<'_>) -> String {
    text.to_lowercase()
}

/// A path in a store, without dots and doubled slashes.
pub(super) fn clean(text: &str, _: &Surroundings<'_>) -> String {
    Path::joined(&[text]).to_string()
}

/// A host, with its port where that is not the usual one.
pub(super) fn host(text: &str, _: &Surroundings<'_>) -> String {
    Url::parse(text).authority()
}

/// Where a service listens: host, port and path, by whatever scheme and user.
pub(super) fn endpoint(text: &str, surroundings: &Surroundings<'_>) -> String {
    let url = Url::parse(text);
    match clean(url.path, surroundings) {
        path if path.is_empty() => url.authority(),
        path => format!("{}/{path}", url.authority()),
    }
}

/// S3 by another host than Amazon's own, of which there is one in each region and for each way to get there.
pub(super) fn s3_endpoint(text: &str, surroundings: &Surroundings<'_>) -> String {
    let authority = Url::parse(text).authority();
    if is_of_amazon(&authority) { String::new() } else { endpoint(text, surroundings) }
}

pub(super) fn is_of_amazon(host: &str) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|domain| host.ends_with(domain))
}

/// OSS by another host than Alibaba Cloud's own, of which there is one in each region and for each way to get there.
/// <https://www.alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints>
pub(super) fn oss_endpoint(text: &str, surroundings: &Surroundings<'_>) -> String {
    if Url::parse(text).authority().ends_with(".aliyuncs.com") { String::new() } else { endpoint(text, surroundings) }
}

/// What describes a cloud of Azure's other than the public one.
pub(super) fn metadata_host(text: &str, surroundings: &Surroundings<'_>) -> String {
    Some(host(text, surroundings)).filter(|host| host != "management.azure.com").unwrap_or_default()
}

/// The part of AWS that a region is in: a bucket's name is one bucket in each, whatever the account or profile.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>,
/// <https://github.com/aws/aws-sdk-go-v2/blob/main/internal/endpoints/awsrulesfn/partitions.json>
pub(super) fn partition(region: &str, _: &Surroundings<'_>) -> String {
    let parts = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    parts.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition).to_owned()
}

/// A whole address, without user and password, and without what looks like either behind the question mark.
pub(super) fn address(text: &str, surroundings: &Surroundings<'_>) -> String {
    const SECRET: [&str; 8] = ["token", "access_token", "private_token", "job_token", "sig", "signature", "password", "user"];
    let url = Url::parse(text);
    let is_place = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default().to_lowercase();
        !parameter.is_empty() && !SECRET.contains(&name.as_str())
    };
    let query: Vec<&str> = url.query.split('&').filter(is_place).collect();
    let place = format!("{}/{}", url.authority(), clean(&decoded(url.path), surroundings));
    if query.is_empty() { place } else { format!("{place}?{}", query.join("&")) }
}

/// Host, port and database of a connection string, as `lib/pq` takes it: a URL, or names and values.
/// <https://pkg.go.dev/github.com/lib/pq#hdr-Connection_String_Parameters>
pub(super) fn database(text: &str, surroundings: &Surroundings<'_>) -> String {
    let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let settings = if is_url { of_url(text) } else { of_pairs(text) };
    let value = |name: &str, variable: &str| {
        settings.get(name).cloned().or_else(|| (surroundings.variable)(variable)).filter(|value| !value.is_empty())
    };
    let host = value("host", "PGHOST").map_or_else(|| loopback("localhost").to_owned(), |host| loopback(&host.to_lowercase()).to_owned());
    let port = value("port", "PGPORT").unwrap_or_else(|| "5432".to_owned());
    let port = if port == "5432" { String::new() } else { format!(":{port}") };
    // The user's own database is the usual one.
    let name = value("dbname", "PGDATABASE").or_else(|| value("user", "PGUSER")).unwrap_or_default();
    format!("{host}{port}/{name}")
}

fn of_url(text: &str) -> BTreeMap<String, String> {
    let url = Url::parse(text);
    let user = url.user.split(':').next().unwrap_or_default();
    let parts = [("user", user), ("host", url.host), ("port", url.port), ("dbname", url.path.trim_matches('/'))];
    let parts = parts.into_iter().filter(|(_, value)| !value.is_empty());
    let parameters = url.query.split('&').filter_map(|pair| pair.split_once('='));
    parts.chain(parameters).map(|(name, value)| (name.to_owned(), decoded(value).into_owned())).collect()
}

/// `host=h dbname='a b'`.
fn of_pairs(text: &str) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    let mut rest = text.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let (quote, after) = after.strip_prefix('\'').map_or((None, after), |after| (Some('\''), after));
        let mut value = String::new();
        let mut characters = after.char_indices();
        let mut end = after.len();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                '\'' if quote.is_some() => {
                    end = at + 1;
                    break;
                }
                space if quote.is_none() && space.is_whitespace() => {
                    end = at;
                    break;
                }
                other => value.push(other),
            }
        }
        pairs.insert(name.trim().to_owned(), value);
        rest = after[end..].trim_start();
    }
    pairs
}

/// The parts of a URL, as they are written; without a scheme it begins with the host.
pub(super) struct Url<'a> {
    pub(super) scheme: &'a str,
    user: &'a str,
    pub(super) host: &'a str,
    port: &'a str,
    pub(super) path: &'a str,
    query: &'a str,
}

impl<'a> Url<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let (user, authority) = authority.rsplit_once('@').unwrap_or(("", authority));
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let (host, port) = authority.rsplit_once(':').filter(|(_, port)| is_port(port)).unwrap_or((authority, ""));
        Self { scheme, user, host, port, path, query }
    }

    pub(super) fn authority(&self) -> String {
        let host = self.host.trim_end_matches('.').to_lowercase();
        let host = loopback(&host);
        let is_usual = match self.scheme.to_lowercase().as_str() {
            "http" => ["", "80"].contains(&self.port),
            "https" => ["", "443"].contains(&self.port),
            _ => ["", "80", "443"].contains(&self.port),
        };
        if is_usual { host.to_owned() } else { format!("{host}:{}", self.port) }
    }
}

/// This machine has two names.
fn loopback(host: &str) -> &str {
    if host == "127.0.0.1" || host == "[::1]" { "localhost" } else { host }
}

/// What `%2F` and its like stand for.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        let code = after.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()).filter(u8::is_ascii);
        plain.push_str(before);
        plain.push(code.map_or('%', char::from));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    plain.push_str(rest);
    plain.into()
}
