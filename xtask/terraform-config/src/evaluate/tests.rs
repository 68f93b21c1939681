use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Evaluator, Scopes};
use crate::{Cache, Code, inputs, is_loaded, modules, read_values, variable_files};

/// What the attributes of all resources called `x` come to, for these files.
fn texts(files: &[(&str, &str)]) -> BTreeMap<String, Vec<String>> {
    let place = tempfile::tempdir().unwrap();
    let top = place.path().canonicalize().unwrap();
    for (file, text) in files {
        fs::create_dir_all(top.join(file).parent().unwrap()).unwrap();
        fs::write(top.join(file), text).unwrap();
    }
    let root = top.join("envs/prod");
    let code = Code::read(&root);
    assert_eq!(code.mistakes, []);
    let (modules, calls) = modules(&code, &root.join(".terraform"), &Cache::default());
    let all: Vec<&Code> = std::iter::once(&code).chain(modules.iter().map(|module| &**module)).collect();
    let values: Vec<_> = variable_files(&root).iter().filter(|file| is_loaded(file)).map(|file| read_values(file).unwrap()).collect();
    let scopes = Scopes::follow(&root, inputs(values.iter()), &all, &calls);
    let evaluator = Evaluator::new(Path::new(&root), all.clone(), &scopes);
    let resources = all.iter().flat_map(|code| code.of_kind("resource"));
    let of_resource = |block: &crate::Block| -> Vec<(String, Vec<String>)> {
        let shown = |text: String| text.replace(&*top.to_string_lossy(), "TOP");
        let attributes = block.attributes.iter().filter(|(name, _)| !["count", "for_each"].contains(&name.as_str()));
        attributes
            .map(|(name, (value, _))| (name.clone(), evaluator.texts(block, value).into_iter().map(shown).collect::<Vec<_>>()))
            .collect()
    };
    resources.flat_map(of_resource).collect()
}

fn one(files: &[(&str, &str)], expression: &str) -> Vec<String> {
    let resource = format!("resource \"t\" \"x\" {{\n  it = {expression}\n}}\n");
    let files: Vec<(&str, &str)> = files.iter().copied().chain([("envs/prod/x.tf", resource.as_str())]).collect();
    texts(&files).remove("it").unwrap()
}

#[test]
fn what_the_files_say_is_found_and_everything_else_is_unknown() {
    let code = "variable \"name\" {\n  default = \"app\"\n}\nvariable \"none\" {}\nvariable \"size\" {\n  default = 3\n}\n\
                locals {\n  prefix = \"${var.name}-${local.env}\"\n  env = basename(abspath(path.root))\n  loop = local.loop\n  \
                by_env = { prod = { name = \"p\" }, dev = { name = \"d\" } }\n  names = [\"a\", \"b\"]\n  \
                pairs = [{ name = \"p\", names = [\"a\"] }, { name = \"q\", names = [\"b\"] }]\n}\n";
    for (expression, expected) in [
        ("local.prefix", vec!["web-prod"]),
        ("\"${local.prefix}-x\"", vec!["web-prod-x"]),
        ("format(\"%s-%02d\", var.name, var.size)", vec!["web-03"]),
        ("join(\"-\", [var.name, \"x\", terraform.workspace])", vec!["web-x-${terraform.workspace}"]),
        ("\"${var.name}-${terraform.workspace}\"", vec!["web-${terraform.workspace}"]),
        ("local.by_env[local.env].name", vec!["p"]),
        ("lookup(local.by_env, \"test\", { name = \"t\" }).name", vec!["t"]),
        ("try(local.by_env.test.name, \"fallback\")", vec!["fallback"]),
        ("try(var.none, \"fallback\")", vec![]),
        ("coalesce(null, var.name)", vec!["web"]),
        ("coalesce(var.none, var.name)", vec![]),
        ("merge(local.by_env, { prod = { name = aws_x.y.name } }).dev.name", vec!["d"]),
        ("merge(var.none, { a = \"b\" }).a", vec![]),
        ("var.size > 2 ? \"large\" : \"small\"", vec!["large"]),
        ("var.none == \"a\" ? \"b\" : \"c\"", vec![]),
        ("local.env == \"prod\" && var.size != 4 ? \"b\" : \"c\"", vec!["b"]),
        ("[for name in local.names : upper(name)][1]", vec!["B"]),
        ("{ for key, each in local.by_env : each.name => key if key != \"dev\" }.p", vec!["prod"]),
        ("local.names[*][5]", vec![]),
        ("local.pairs.*.name[1]", vec!["q"]),
        ("local.pairs[*].names[1]", vec![]),
        ("join(\"-\", local.pairs[*].names[0])", vec!["a-b"]),
        ("join(\"-\", local.pairs.*.names.0)", vec!["a-b"]),
        ("(local.pairs[*].name)[1]", vec!["q"]),
        ("length(local.pairs[0][*].name)", vec!["1"]),
        ("length(null[*])", vec!["0"]),
        ("length(random_id.x[*].hex)", vec![]),
        ("var.none == \"a\" ? var.name : \"web\"", vec!["web"]),
        ("var.none == \"a\" ? var.none : var.none", vec![]),
        ("element(split(\"/\", path.cwd), length(split(\"/\", path.cwd)) - 1)", vec!["prod"]),
        ("path.module", vec!["."]),
        ("abspath(\"${path.module}/../x\")", vec!["TOP/envs/x"]),
        ("\"%{ for name in local.names }-${name}%{ endfor }\"", vec!["-a-b"]),
        ("<<-E\n    a ${var.name}\n      b\n    E\n", vec!["a web\n  b\n"]),
        ("0.1 + 0.2", vec!["0.3"]),
        ("10 / 3", vec![]),
        ("var.size + 1", vec!["4"]),
        ("\"${var.size * 2}\"", vec!["6"]),
        ("local.loop", vec![]),
        ("local.nothing", vec![]),
        ("var.none", vec![]),
        ("random_id.x.hex", vec![]),
        ("\"a-${random_id.x.hex}\"", vec![]),
        ("each.key", vec![]),
        ("\"b\"", vec!["b"]),
        ("null", vec![]),
    ] {
        let files = [("envs/prod/main.tf", code), ("envs/prod/terraform.tfvars", "name = \"web\"\n")];
        assert_eq!(one(&files, expression), expected, "{expression}");
    }
}

#[test]
fn blocks_are_made_as_often_as_they_say() {
    for (repeated, expression, expected) in [
        ("count = 2", "\"a-${count.index}\"", vec!["a-0", "a-1"]),
        ("count = 0", "\"a\"", vec![]),
        ("count = var.on ? 1 : 0", "\"a\"", vec![]),
        ("count = length(data.x.y.z)", "\"a-${count.index}\"", vec!["a-${count.index}"]),
        ("for_each = toset([\"x\", \"y\"])", "\"a-${each.key}\"", vec!["a-x", "a-y"]),
        ("for_each = { x = { n = \"1\" }, y = { n = \"2\" } }", "\"${each.key}${each.value.n}\"", vec!["x1", "y2"]),
        ("for_each = {}", "\"a\"", vec![]),
        ("for_each = data.x.y.z", "each.key", vec![]),
        ("for_each = data.x.y.z", "\"a\"", vec!["a"]),
    ] {
        let code = format!("variable \"on\" {{\n  default = false\n}}\nresource \"t\" \"x\" {{\n  {repeated}\n  it = {expression}\n}}\n");
        assert_eq!(texts(&[("envs/prod/main.tf", &code)]).remove("it").unwrap(), expected, "{repeated}: {expression}");
    }
}

#[test]
fn values_are_followed_through_calls_of_modules() {
    let module = "variable \"name\" {}\nvariable \"kind\" {\n  default = \"data\"\n}\nmodule \"deep\" {\n  source = \"../deep\"\n  \
                  name = \"${var.name}.${var.kind}\"\n}\nresource \"t\" \"x\" {\n  one = var.name\n  two = \"${var.name}-${var.kind}\"\n  \
                  three = path.module\n  four = local.none\n}\n";
    let deep = "variable \"name\" {}\nresource \"t\" \"x\" {\n  five = \"deep-${var.name}\"\n}\n";
    let root = "variable \"own\" {\n  default = \"d\"\n}\nmodule \"m\" {\n  source = \"../../m\"\n  name = var.own\n}\n\
                module \"n\" {\n  for_each = toset([\"n1\", \"n2\"])\n  source = \"../../m\"\n  name = each.key\n  kind = upper(each.value)\n}\n\
                module \"o\" {\n  count = 0\n  source = \"../../m\"\n  name = \"never\"\n}\n";
    let found = texts(&[
        ("envs/prod/main.tf", root),
        ("envs/prod/a.auto.tfvars", "own = \"set\"\n"),
        ("m/main.tf", module),
        ("deep/main.tf", deep),
    ]);
    for (attribute, expected) in [
        ("one", vec!["set", "n1", "n2"]),
        ("two", vec!["set-data", "n1-N1", "n2-N2"]),
        ("three", vec!["../../m"]),
        ("four", vec![]),
        ("five", vec!["deep-set.data", "deep-n1.N1", "deep-n2.N2"]),
    ] {
        assert_eq!(found[attribute], expected, "{attribute}");
    }
}

#[test]
fn modules_that_init_has_fetched_are_followed_and_circles_end() {
    let root = "module \"m\" {\n  source = \"org/m/aws\"\n  name = \"a\"\n}\n";
    let manifest = "{\"Modules\": [{\"Key\": \"\", \"Source\": \"\", \"Dir\": \".\"}, {\"Key\": \"m\", \"Source\": \"registry/org/m/aws\", \
                    \"Dir\": \".terraform/modules/m\"}]}";
    let module =
        "variable \"name\" {}\nresource \"t\" \"x\" {\n  it = var.name\n}\nmodule \"again\" {\n  source = \"./\"\n  name = var.name\n}\n";
    let found = texts(&[
        ("envs/prod/main.tf", root),
        ("envs/prod/.terraform/modules/modules.json", manifest),
        ("envs/prod/.terraform/modules/m/main.tf", module),
    ]);
    assert_eq!(found["it"], ["a"]);
}

#[test]
fn locals_that_multiply_end() {
    let mut code = "locals {\n  a0 = [\"x\"]\n".to_owned();
    for at in 1..40 {
        code += &format!("  a{at} = concat(local.a{}, local.a{})\n", at - 1, at - 1);
    }
    code += "}\n";
    assert_eq!(one(&[("envs/prod/main.tf", &code)], "join(\"\", local.a39)"), Vec::<String>::new());
}

#[test]
fn outputs_of_modules_are_followed_where_there_is_one_call() {
    const NAMES: &str = "variable \"project\" {\n  default = \"app\"\n}\nlocals {\n  name = \"${var.project}-${terraform.workspace}\"\n}\n\
                         output \"name\" {\n  value = local.name\n}\noutput \"of\" {\n  value = { first = { name = var.project } }\n}\n\
                         output \"inner\" {\n  value = module.deeper.it\n}\nmodule \"deeper\" {\n  source = \"../deeper\"\n  it = var.project\n}\n";
    const DEEPER: &str = "variable \"it\" {}\noutput \"it\" {\n  value = upper(var.it)\n}\noutput \"unknown\" {\n  value = aws_x.y.id\n}\n";
    const CALLS: &str = "locals {\n  project = \"shop\"\n}\nmodule \"names\" {\n  source = \"../../modules/names\"\n  project = local.project\n}\n\
                         module \"usual\" {\n  source = \"../../modules/names\"\n}\nmodule \"none\" {\n  source = \"../../modules/names\"\n  count = 0\n}\n\
                         module \"round\" {\n  source = \"../../modules/names\"\n  project = module.round.name\n}\n\
                         module \"deeper\" {\n  source = \"../../modules/deeper\"\n  it = 1\n}\nmodule \"away\" {\n  source = \"example/away\"\n}\n";
    let files = [("modules/names/main.tf", NAMES), ("modules/deeper/main.tf", DEEPER), ("envs/prod/main.tf", CALLS)];
    for (expression, expected) in [
        ("module.names.name", vec!["shop-${terraform.workspace}"]),
        ("\"${module.usual.name}-x\"", vec!["app-${terraform.workspace}-x"]),
        ("module.names.of.first.name", vec!["shop"]),
        ("module.names.of[\"first\"].name", vec!["shop"]),
        ("try(module.names.of.second.name, \"fallback\")", vec!["fallback"]),
        ("module.names.inner", vec!["SHOP"]),
        ("module.none.name", vec![]),
        ("module.none[0].name", vec![]),
        ("module.round.name", vec![]),
        ("module.deeper.unknown", vec![]),
        ("module.away.name", vec![]),
        ("module.nowhere.name", vec![]),
    ] {
        assert_eq!(one(&files, expression), expected, "{expression}");
    }
}
