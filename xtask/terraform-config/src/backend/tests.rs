use std::path::Path as File;

use super::{Answer, Location, Setting, Settings, Surroundings, locate, may_be_shown, table};

/// `NAME=VALUE` words after the kind; `NAME=?` is set to what only a run would know.
pub(super) fn of(text: &str) -> Location {
    with(text, &[], "/e/own")
}

fn with(text: &str, variables: &[(&str, &str)], directory: &str) -> Location {
    let (kind, settings) = text.split_once(' ').unwrap_or((text, ""));
    let setting = |word: &str| {
        let (name, value) = word.split_once('=').unwrap();
        (name.to_owned(), if value == "?" { Setting::Unknown } else { Setting::Text(value.replace('+', " ")) })
    };
    let settings: Settings = settings.split_whitespace().map(setting).collect();
    let variable = |name: &str| variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned());
    let resolve = |path: &File| crate::paths::without_dots(path);
    locate(kind, &settings, &Surroundings { directory: File::new(directory), variable: &variable, resolve: &resolve })
}

const SAME: [(&str, &str); 52] = [
    ("local", "local path=terraform.tfstate"),
    ("local path=./a/../terraform.tfstate", "local workspace_dir=w"),
    ("local path=terraform.tfstate.d/prod/terraform.tfstate", "local path=b"),
    ("s3 bucket=b key=k", "s3 bucket=b key=k workspace_key_prefix=env:"),
    ("s3 bucket=b key=a/k", "s3 bucket=b key=./a//x/../k"),
    ("s3 bucket=b key=k workspace_key_prefix=p", "s3 bucket=b key=k workspace_key_prefix=./p/"),
    ("s3 bucket=b key=k", "s3 bucket=b key=env:/prod/k"),
    ("s3 bucket=b key=k region=eu-west-1", "s3 bucket=b key=k region=us-east-1 profile=p"),
    ("s3 bucket=b key=k", "s3 bucket=b key=k endpoints.s3=https://s3.eu-west-1.amazonaws.com"),
    ("s3 bucket=b key=k endpoint=http://minio:9000", "s3 bucket=b key=k endpoints.s3=http://MinIO:9000/"),
    ("s3 bucket=b key=k endpoint=https://minio", "s3 bucket=b key=k endpoint=https://minio:443/"),
    ("s3 bucket=b key=k endpoint=http://localhost:9000", "s3 bucket=b key=k endpoint=http://127.0.0.1:9000"),
    ("azurerm storage_account_name=a container_name=c key=k", "azurerm storage_account_name=a container_name=c key=k environment=public"),
    (
        "azurerm storage_account_name=a container_name=c key=x/k resource_group_name=r",
        "azurerm storage_account_name=A container_name=c key=x/./y/..//k use_oidc=true sas_token=t",
    ),
    ("azurerm storage_account_name=a container_name=c key=k", "azurerm storage_account_name=a container_name=c key=kenv:prod"),
    ("gcs bucket=b", "gcs bucket=b prefix="),
    ("gcs bucket=b prefix=p", "gcs bucket=b prefix=/p/ credentials=x"),
    ("gcs bucket=b prefix=p/q", "gcs bucket=b prefix=p//x/../q"),
    ("http address=https://h/s", "http address=https://user:secret@H:443/s/ username=u password=p"),
    ("http address=http://h/a/s", "http address=http://h:80/a/./b/../s"),
    ("http address=https://h/a%2Fb", "http address=https://h/a/b"),
    ("http address=https://h/s?name=a", "http address=https://h/s?private_token=t&name=a"),
    ("pg conn_str=postgres://u:p@h/db", "pg conn_str=postgres://other:word@H:5432/db?sslmode=disable schema_name=terraform_remote_state"),
    ("pg conn_str=postgres://u@h/db", "pg conn_str=host=h+user=other+dbname='db'"),
    ("pg conn_str=postgres://localhost/db", "pg conn_str=dbname=db"),
    ("pg conn_str=postgres://u@h/", "pg conn_str=postgres://x@h/u"),
    ("pg conn_str=postgres:///db?host=h", "pg conn_str=postgresql://h/db"),
    ("consul path=p", "consul path=p address=127.0.0.1:8500 scheme=https access_token=t"),
    ("consul path=p address=consul:8500", "consul path=p address=http://Consul:8500/"),
    ("consul path=p", "consul path=p-env:prod"),
    ("kubernetes secret_suffix=s", "kubernetes secret_suffix=s namespace=default in_cluster_config=false"),
    ("kubernetes secret_suffix=s config_path=~/.kube/ci token=t", "kubernetes secret_suffix=s config_path=~/.kube/ci"),
    ("kubernetes secret_suffix=s host=https://k:443", "kubernetes secret_suffix=s host=https://k/ token=t"),
    ("s3 bucket=b key=k profile=a role_arn=x", "s3 bucket=b key=k profile=b assume_role.role_arn=y shared_config_files=c"),
    (
        "azurerm storage_account_name=a container_name=c key=k subscription_id=s tenant_id=t",
        "azurerm storage_account_name=a container_name=c key=k subscription_id=u metadata_host=management.azure.com",
    ),
    ("oss bucket=b", "oss bucket=b key=terraform.tfstate prefix=env:"),
    ("oss bucket=b region=cn-beijing", "oss bucket=b region=cn-hangzhou endpoint=oss-cn-beijing-internal.aliyuncs.com"),
    ("oss bucket=b prefix=p key=k", "oss bucket=b prefix=p key=./k"),
    ("oss bucket=b prefix=p/q key=k", "oss bucket=b prefix=p key=q/k"),
    ("cos bucket=b", "cos bucket=b key=terraform.tfstate prefix="),
    ("cos bucket=b prefix=p key=k", "cos bucket=b key=p/k"),
    ("s3 bucket=MyStates_of_EU key=k", "s3 bucket=MyStates_of_EU key=k encrypt=true"),
    ("oci namespace=n bucket=b", "oci namespace=n bucket=b key=terraform.tfstate workspace_key_prefix=tf-state-env"),
    ("remote organization=o workspaces.name=w", "remote organization=o workspaces.name=w hostname=App.Terraform.io token=t"),
    ("remote organization=o workspaces.name=w", "cloud organization=o workspaces.name=w"),
    ("cloud organization=o workspaces.name=w workspaces.project=p", "cloud organization=o workspaces.name=w"),
    ("remote organization=o workspaces.prefix=app-", "remote organization=o workspaces.prefix=app-"),
    ("remote organization=o workspaces.prefix=app-", "cloud organization=o workspaces.name=app-prod"),
    ("swift container=c", "swift container=c"),
    ("s3 bucket=b key=k endpoint=", "s3 bucket=b key=k"),
    ("http address=HTTPS://h/s", "http address=https://h./s"),
    ("pg conn_str=host=127.0.0.1+dbname=d", "pg conn_str=postgres://LOCALHOST:5432/d"),
];

const DIFFERENT: [(&str, &str); 35] = [
    ("local", "local path=other workspace_dir=w"),
    ("local", "s3 bucket=b key=k"),
    ("s3 bucket=b key=k", "s3 bucket=c key=k"),
    ("s3 bucket=b key=k", "s3 bucket=b key=j"),
    ("s3 bucket=b key=k", "s3 bucket=b key=K"),
    ("s3 bucket=b key=k", "s3 bucket=b key=k endpoint=https://minio"),
    ("s3 bucket=b key=k region=cn-north-1", "s3 bucket=b key=k region=eu-west-1"),
    ("s3 key=k", "s3 bucket=b key=j"),
    ("s3 bucket=b", "s3 bucket=c key=k"),
    ("azurerm storage_account_name=a container_name=c key=k", "azurerm storage_account_name=a container_name=d key=k"),
    ("azurerm key=dev", "azurerm key=prod"),
    ("azurerm storage_account_name=a container_name=c key=k environment=china", "azurerm storage_account_name=a container_name=c key=k"),
    ("gcs bucket=b prefix=p", "gcs bucket=b"),
    ("gcs bucket=b prefix=p", "gcs bucket=b prefix=p/q"),
    ("gcs prefix=p", "gcs prefix=q"),
    ("http address=https://h/a", "http address=https://h/b"),
    ("http address=https://h/s?name=a", "http address=https://h/s?name=b"),
    ("http address=https://h:8443/s", "http address=https://h/s"),
    ("pg conn_str=postgres://h/a", "pg conn_str=postgres://h/b"),
    ("pg conn_str=postgres://h/a", "pg conn_str=postgres://h/a schema_name=s"),
    ("pg schema_name=a", "pg schema_name=b"),
    ("consul path=p", "consul path=q"),
    ("consul path=p datacenter=a", "consul path=p datacenter=b"),
    ("kubernetes secret_suffix=s", "kubernetes secret_suffix=s namespace=n"),
    ("kubernetes secret_suffix=s config_context=a", "kubernetes secret_suffix=t config_context=b"),
    ("s3 bucket=b key=k region=us-iso-east-1", "s3 bucket=b key=k region=us-isob-east-1"),
    ("gcs bucket=b", "gcs bucket=b storage_custom_endpoint=https://gcs.example.com"),
    ("pg conn_str=postgres://h/a", "pg conn_str=postgres://g/a"),
    ("oci namespace=n bucket=b region=a", "oci namespace=n bucket=b region=b"),
    ("oss bucket=b", "oss bucket=b key=k"),
    ("oci namespace=n bucket=b", "oci namespace=m bucket=b"),
    ("remote organization=o workspaces.name=w", "cloud organization=o workspaces.name=v"),
    ("remote organization=o workspaces.name=w", "remote organization=o workspaces.name=w hostname=tfe.example.com"),
    ("cloud workspaces.name=w", "cloud workspaces.name=v"),
    ("swift container=c", "swift container=d"),
];

/// With whether a state is named by both.
const CANNOT_BE_KNOWN: [(&str, &str, bool); 32] = [
    ("azurerm", "azurerm", false),
    ("http", "http", false),
    ("s3", "s3 bucket=b key=k", false),
    ("s3 bucket=b", "s3 bucket=b", false),
    ("s3 bucket=b key=?", "s3 bucket=b key=k", false),
    ("s3 key=k", "s3 key=k", true),
    ("s3 bucket=tfstate-ACCOUNT_NUMBER key=k", "s3 bucket=tfstate-ACCOUNT_NUMBER key=k", true),
    ("s3 bucket=<bucket> key=k", "s3 bucket=<bucket> key=k", true),
    ("gcs bucket=PLACEHOLDER-BUCKET-NAME prefix=p", "gcs bucket=PLACEHOLDER-BUCKET-NAME prefix=p", true),
    (
        "azurerm storage_account_name=YOUR_ACCOUNT container_name=c key=k",
        "azurerm storage_account_name=YOUR_ACCOUNT container_name=c key=k",
        true,
    ),
    ("s3 key=k", "s3 bucket=b key=./k", true),
    ("azurerm key=k container_name=c", "azurerm key=k", true),
    ("gcs prefix=p", "gcs prefix=p", true),
    ("gcs", "gcs", false),
    ("cos", "cos", false),
    ("pg", "pg", false),
    ("pg schema_name=s", "pg schema_name=s", true),
    ("cloud", "cloud organization=o workspaces.name=w", false),
    ("cloud workspaces.name=w", "cloud workspaces.name=w", true),
    ("cloud organization=o workspaces.tags=[\"a\"]", "cloud organization=o workspaces.tags=[\"a\"]", true),
    ("consul path=p datacenter=dc1", "consul path=p", true),
    ("oci namespace=n bucket=b key=k region=r", "oci namespace=n bucket=b key=k", true),
    ("consul path=p address=a:8500", "consul path=p address=b:8500", true),
    ("kubernetes secret_suffix=s config_context=a", "kubernetes secret_suffix=s", true),
    ("kubernetes secret_suffix=s config_context=a", "kubernetes secret_suffix=s config_context=b", true),
    ("kubernetes secret_suffix=s config_path=a", "kubernetes secret_suffix=s config_path=b", true),
    ("kubernetes secret_suffix=s host=https://a", "kubernetes secret_suffix=s host=https://b", true),
    ("kubernetes secret_suffix=s", "kubernetes secret_suffix=s in_cluster_config=true", true),
    (
        "azurerm storage_account_name=a container_name=c key=k metadata_host=stack.example.com",
        "azurerm storage_account_name=a container_name=c key=k",
        true,
    ),
    ("oss bucket=b endpoint=https://oss.example.com", "oss bucket=b", true),
    ("cos bucket=b-1 region=ap-guangzhou", "cos bucket=b-1 region=ap-beijing", true),
    ("cos bucket=b-1 region=ap-guangzhou", "cos bucket=b-1", true),
];

#[test]
fn three_answers_and_each_the_same_from_either_side() {
    let same = SAME.into_iter().map(|(one, other)| (one, other, Answer::Same));
    let different = DIFFERENT.into_iter().map(|(one, other)| (one, other, Answer::Different));
    let unknown = CANNOT_BE_KNOWN.into_iter().map(|(one, other, _)| (one, other, Answer::CannotBeKnown));
    for (one, other, answer) in same.chain(different).chain(unknown) {
        let (left, right) = (of(one), of(other));
        assert_eq!(left.compare(&right), answer, "{one} | {other}\n{left:?}\n{right:?}");
        assert_eq!(right.compare(&left), answer, "{other} | {one}");
        assert_eq!(left.compare(&left) == Answer::Same, left.is_known(), "{one} {left:?}");
    }
    for (one, other, named) in CANNOT_BE_KNOWN {
        assert_eq!(of(one).names_a_state() && of(other).names_a_state(), named, "{one} | {other}");
    }
}

#[test]
fn variables_give_what_no_setting_does() {
    for (text, variables, expected) in [
        ("http", &[("TF_HTTP_ADDRESS", "https://h/s")][..], "http address=https://h/s"),
        ("http address=https://h/t", &[("TF_HTTP_ADDRESS", "https://h/s")], "http address=https://h/t"),
        ("pg", &[("PG_CONN_STR", "postgres://h/d")], "pg conn_str=postgres://h/d"),
        ("pg conn_str=dbname=d", &[("PGHOST", "h")], "pg conn_str=postgres://h/d"),
        ("s3 bucket=b key=k", &[("AWS_ENDPOINT_URL_S3", "http://minio:9000")], "s3 bucket=b key=k endpoint=http://minio:9000"),
        ("s3 bucket=b key=k", &[("AWS_REGION", "cn-north-1")], "s3 bucket=b key=k region=cn-north-1"),
        (
            "cloud workspaces.name=w",
            &[("TF_CLOUD_ORGANIZATION", "o"), ("TF_CLOUD_HOSTNAME", "h")],
            "remote hostname=h organization=o workspaces.name=w",
        ),
        ("remote workspaces.name=w", &[("TF_CLOUD_ORGANIZATION", "o")], "remote workspaces.name=w"),
        ("kubernetes secret_suffix=s", &[("KUBE_NAMESPACE", "n"), ("KUBE_CTX", "")], "kubernetes secret_suffix=s namespace=n"),
        ("oci", &[("OCI_namespace", "n"), ("OCI_bucket", "b")], "oci namespace=n bucket=b"),
    ] {
        let (found, expected) = (with(text, variables, "/e/own"), of(expected));
        assert_eq!((&found.states, &found.store), (&expected.states, &expected.store), "{text} {variables:?}");
    }
}

#[test]
fn local_files_are_relative_to_their_root_and_others_are_not() {
    for (one, other, answer) in [
        ("local", "local", Answer::Different),
        ("local path=../b/terraform.tfstate", "local", Answer::Same),
        ("local path=/s/x", "local path=/s/x", Answer::Same),
        ("local workspace_dir=../b/terraform.tfstate.d", "local", Answer::Same),
        ("s3 bucket=b key=k", "s3 bucket=b key=k", Answer::Same),
    ] {
        assert_eq!(with(one, &[], "/e/a").compare(&with(other, &[], "/e/b")), answer, "{one} | {other}");
    }
}

#[test]
fn what_is_shown_names_the_state_and_no_secret() {
    for (text, expected) in [
        ("local", "local /e/own/terraform.tfstate"),
        ("s3 bucket=b key=./k secret_key=hunter2", "s3 b k"),
        ("s3 bucket=b key=k endpoint=http://user:hunter2@minio:9000", "s3 b minio:9000 k"),
        ("azurerm storage_account_name=a container_name=c key=k sas_token=hunter2", "azurerm a c k"),
        ("gcs bucket=b prefix=p", "gcs b p/default.tfstate"),
        ("http address=https://user:hunter2@h/s?private_token=hunter2", "http h/s"),
        ("pg conn_str=postgres://user:hunter2@h/d", "pg h/d terraform_remote_state"),
        ("cloud organization=o workspaces.name=w token=hunter2", "remote o w"),
        ("remote hostname=h organization=o workspaces.prefix=app-", "remote h o app-<workspace>"),
        ("swift password=hunter2", "swift "),
        ("s3 key=k", "s3 k"),
    ] {
        assert_eq!(of(text).to_string(), expected, "{text}");
    }
    for (kind, setting, expected) in [
        ("s3", "key", true),
        ("s3", "secret_key", false),
        ("http", "address", false),
        ("pg", "conn_str", false),
        ("swift", "container", false),
    ] {
        assert_eq!(may_be_shown(kind, setting), expected, "{kind} {setting}");
    }
}

#[test]
fn every_part_of_an_address_is_a_setting_of_its_kind() {
    for kind in ["local", "s3", "azurerm", "gcs", "http", "pg", "consul", "kubernetes", "oss", "cos", "oci", "remote", "cloud"] {
        let row = table::row(kind).unwrap();
        for name in row.fields().flat_map(|field| field.names) {
            assert!(
                super::is_setting(kind, name.split('.').next().unwrap()) && super::is_address(kind, name.split('.').next().unwrap()),
                "{kind} {name}"
            );
        }
    }
    assert!(!super::is_setting("s3", "environment") && !super::is_address("s3", "profile"));
}
